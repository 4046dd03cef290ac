"""Quality of action items: what an item lacks for somebody to finish it, as hints beside its fields. Pure.

Nothing is refused for it. The reasons stand in the guide for authors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date as Date
from functools import partial
from typing import Any

from postmortems.incidents.items.lifecycle import CLOSED

# Verbs that say in which direction, and not how far.
VAGUE = re.compile(
    r"(?:we (?:should|need to|must|will) |let'?s |please |try to |todo:? )?"
    r"(?:improve|enhance|better|optimi[sz]e|strengthen|increase|reduce|clean up|revisit|rethink|consider"
    r"|think about|look (?:at|into)|investigate|explore|evaluate|discuss|review|examine"
    r"|(?:be|pay) (?:more )?(?:careful|attention|vigilant|aware)|make sure|ensure|remember to"
    r"|avoid|raise awareness|educate|more|fewer|less|monitor|communicate|work on|address"
    r"|fix (?:the )?(?:issue|problem|process)s?)\b",
    re.IGNORECASE,
)
# What can be looked at afterwards: a number, a name in code, a link, a condition.
CHECKABLE = re.compile(
    r"\d|`[^`]+`|https?://|\b(?:until|unless|if|when|whenever|before|after|so that|such that|at least|at most"
    r"|within|every|each|fails?|refused?s?|blocks?|alerts? (?:on|for|when)|pages?)\b",
    re.IGNORECASE,
)
MARKUP = re.compile(r"^[\s>*_#~\[\]x-]+|[*_]{1,3}")


@dataclass(frozen=True, slots=True)
class Hint:
    """What is missing, beside which field, and in words. `code` names the reason in the guide."""

    code: str
    field: str
    told: str


NO_OWNER = Hint("no-owner", "owner", "Nobody owns it: an item without a name is nobody's.")
NO_DATE = Hint("no-date", "due", "It has no date: what is due some day is put off every day.")
WISH = Hint("wish", "text", "It reads as a wish: say what will be there afterwards that is not there now.")
NO_END = Hint("no-end", "done_when", "It does not say when it is done: write what somebody could check.")


def hints(
    text: str,
    *,
    owner: str = "",
    team: str = "",
    due: Date | str | None = None,
    done_when: str = "",
    status: str = "",
    guards: Collection[object] = (),
) -> list[Hint]:
    """What the item lacks, in the order of its fields; nothing for one that is closed or not begun.

    A team can own it, and a linked guard is a definition of done.
    """
    if not text.strip() or status in CLOSED:
        return []
    found = []
    is_checked = bool(done_when.strip() or guards)
    is_wished = not is_checked and is_wish(text)
    if is_wished:
        found.append(WISH)
    if not (owner.strip() or team.strip()):
        found.append(NO_OWNER)
    if not due:
        found.append(NO_DATE)
    if not is_checked and not is_wished:
        found.append(NO_END)
    return found


def of(item: Any) -> list[Hint]:
    """The same of a stored item, or of a row of the form."""
    told = item.get if isinstance(item, Mapping) else partial(getattr, item)
    names = ("owner", "team", "due", "done_when", "status")
    # Guards that are written behind a comma in the form count too.
    guards = [*told("guards", ()), *filter(None, [told("other_guards", "")])]
    return hints(told("text", ""), **{name: told(name, "") for name in names}, guards=guards)


def is_wish(text: str) -> bool:
    """Whether the text says a direction and nothing that could be looked at: "improve monitoring"."""
    plain = MARKUP.sub("", text.strip()).strip()
    return bool(VAGUE.match(plain)) and not CHECKABLE.search(plain)
