"""What ends the first line of an item, part by part: `… . Ada Lo, 2024-04-01. Done.`, `… | Ada | 2024-04-01`.

It is read from its end: a part says who, by when or how far, or is a ticket. The first one that says nothing
of these is what is to be done. A name alone is somebody's only where that is known, as in `item_owners`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.markdown.items import (
    item_cells,
    item_fields,
    item_handles,
    item_owners,
    item_states,
    item_tables,
)
from postmortems.document.markdown.items.item_labels import label_of, unlinked, with_field, with_state
from postmortems.document.markdown.items.item_tables import NOTHING_KNOWN, Known
from postmortems.document.model import Item
from postmortems.document.times import deadlines

WORDS = vocabulary.table("headings")
LONGEST, LONGEST_PART, MOST, FURTHEST = 240, 80, 8, 3
# What may stand between two parts; weak is what stands within sentences, too.
GAP = patterns.of(
    r"(?P<strong>(?<=[.;!?])[ \t]+|[ \t](?:[–—|·•→]|-{1,3}|[-=]>)[ \t]+|[ \t]+(?=[({<\[])|[ \t]+(?=\*\*|__))"
    r"|(?P<until>[ \t]+(?=[*_]{0,2}(?:by|due|before)[ \t]))|(?P<weak>,[ \t]+|[ \t]/[ \t]+)"
    r"|(?P<handle>[ \t]+(?=@))|(?P<colon>:[ \t]+)|(?P<ticket>[ \t]+(?=#\d+$|[A-Z][A-Z0-9]+-\d+$))"
)
LIKELY = patterns.of(r"[@)\]}>*_|/,;:!?–—→·•-]|\.[ \t]")
BRACKETED = patterns.of(
    r"(?:\((?P<round>[^()]+)\)|\[(?P<square>[^\[\]]+)\]|\{(?P<braced>[^{}]+)\}|<(?P<angled>[^<>]+)>)"
)
CELL_BEFORE = patterns.of(r"[ \t]+\|[ \t]+(?P<said>[^|\n]{2,60}?)$")
# `[Ada] 2024-04-01`
SIGNED_DAY = patterns.of(
    r"(?:\((?P<round>[^()]+)\)|\[(?P<square>[^\[\]]+)\])[ \t]+(?P<day>\w[^()\[\]]{3,30})"
)
PART = patterns.of(r"[,;|·]\s*|\s(?:[–—/→]|-{1,3}|[-=]>)\s|\s+(?=(?:by|due|before)\s)")
TICKET = patterns.of(
    r"(?:[\w.-]+/[\w.-]+)?[#!]\d+|[A-Z][A-Z0-9]+-\d+|https?://\S+|(?:PR|MR|issue|ticket)[ ]?#?\d+"
    r"|\(?\[[^\[\]]*\]\([^()\s]+\)\)?",
    re.IGNORECASE,
)
MAIL = patterns.of(r"[\w.+-]+@[\w-]+\.[\w.-]+")
LOGIN = patterns.of(r"(?P<first>[a-z]{2,})\.[a-z]{2,}")
INITIALS = patterns.of(r"[A-Z]{2,3}")
SOMEBODY = r"(?P<said>@?[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,3}?)"
OWNS = patterns.of(
    SOMEBODY
    + r" (?:owns|will own|to own|is on|is owning|is driving|will drive|will lead|is leading|is working on"
    r"|will take|will do|will look into|to do|to take|takes) (?:this|it|that)(?P<behind> .{3,40})?",
    re.IGNORECASE,
)
DONE_BY = patterns.of(
    r"(?P<state>[^\W\d_]+) by (?P<said>[^\d,;]{2,40}?)(?: (?:on|in) .{2,40})?", re.IGNORECASE
)
# Behind a comma other states may be a part of what is to be done: "reviewed, tested, merged".
PLAIN_STATES = frozenset(("done", "complete", "completed", "in progress", "wip", "not started"))
FROM = patterns.of(
    r"(?:from|starting|beginning|as of|ab|à partir du|a partir del?|desde|vanaf|från|fra)\s+", re.IGNORECASE
)
# Before a handle that is a part of what is to be done: "ask @ada", "work with @ada".
WITH_HANDLE = frozenset(WORDS["before_handles"])
FEWEST_BEFORE_HANDLE = 3
ENDS = " \t.,;!"
MARKS_BEFORE = " \t,;:|/–—→·-"
MARKS_BETWEEN = " \t,;:.|/–—→·-()[]*_"


def read(item: Item, known: Known) -> Item:
    """The item with what the parts at the end of its first line say."""
    first, *rest = item.text.split("\n")
    if (item.owner and item.due and item.status) or not LIKELY.search(first, max(0, len(first) - LONGEST)):
        return item
    if first.startswith("~~") and first.endswith("~~"):
        return replace(read(replace(item, text=first[2:-2]), known), text=item.text)
    more, end, cut, is_day = item, len(first), len(first), False
    for _ in range(MOST):
        step = _step(first, end, more, known, is_first=more is item)
        step = step or (_cell_before(first, end, more) if is_day else None)
        if step is None:
            break
        before, behind, (more, end) = more, end, step
        if is_day and more.status != before.status:
            # `… done 2024-04-01` says when it was.
            more = replace(more, due=item.due)
        is_day = more.due != before.due and label_of(first[end:behind].strip(MARKS_BETWEEN)) is None
        if is_day and item.status in ("done", "wont_do"):
            # So does a day beside what was ticked.
            more = before
            break
        cut = cut if more is before else end
    if known is NOTHING_KNOWN and _ends_on_a_day(first, end):
        # The day says more to who knows the incident's, and what stands behind it then.
        return item
    kept = first[:cut].rstrip(MARKS_BEFORE)
    if more is item or not any(map(str.isalnum, kept)):
        return item
    text = kept if item_tables.is_said(first[cut:], more) else first
    return item_tables.with_text(more, "\n".join([text, *rest]))


def _ends_on_a_day(line: str, end: int) -> bool:
    body = line[:end].rstrip(ENDS + "*_")
    return any(item_cells.day(part) is not None for _, part in _parts(line, body))


def _step(line: str, end: int, item: Item, known: Known, *, is_first: bool) -> tuple[Item, int] | None:
    """The item with what the last part of a line says, and where that begins; None where it says nothing."""
    body = line[:end].rstrip(ENDS + "*_")
    parts = list(_parts(line, body))
    for reading in (_labelled, _stated, _alone):
        for gap, part in parts:
            kind = gap.lastgroup or ""
            found = reading(item, part, known, kind=kind, is_first=is_first, before=line[: gap.start()])
            if found is not None:
                return found, gap.start()
    return None


def _cell_before(line: str, end: int, item: Item) -> tuple[Item, int] | None:
    """The item with the name in the cell before its day's, known or not: `… | Ada | 2024-04-01`."""
    match = (
        CELL_BEFORE.search(line, max(0, end - LONGEST_PART), end) if line[end:].lstrip()[:1] == "|" else None
    )
    if match is None or not item_owners.looks_like_a_name(match["said"]):
        return None
    more = with_field(item, "owner", match["said"])
    return (more, match.start()) if more else None


def _parts(line: str, body: str) -> Iterator[tuple[re.Match[str], str]]:
    """What may be the last part of a line, shortest first: a year belongs to the day before its comma."""
    start = max(0, len(body) - LONGEST_PART)
    gaps = [gap for gap in GAP.finditer(line, start, len(body)) if gap.end() < len(body)]
    for gap in gaps[: -FURTHEST - 1 : -1]:
        part = body[gap.end() :].strip("*_ ")
        if part and _is_whole(part):
            yield gap, part


def _is_whole(part: str) -> bool:
    """Whether each bracket in a part has its other half in it."""
    return all(part.count(left) == part.count(right) for left, right in ("()", "[]", "{}"))


def _labelled(item: Item, part: str, known: Known, *, kind: str, is_first: bool, before: str) -> Item | None:
    """The item with a field and its value: `owner: Ada`, `assigned to the network team`, `due 2024-04-01`."""
    label = label_of(part) if kind != "handle" else None
    if label is None or part.startswith("@"):
        return None
    field, said = label
    if field == "owner" and kind == "until":
        return None
    if field == "owner":
        said = said.removeprefix("the ").removeprefix("The ")
        return _owned(item, said) if may_be_names(said, known) else None
    if field == "due" and deadlines.is_vague(said):
        return item
    return _with(item, field, said, known)


def _owned(item: Item, said: str) -> Item | None:
    """The item with an owner; itself where the place of one says that there is none."""
    if item_fields.says_nobody(said):
        return item
    return _with(item, "owner", said)


def _with(item: Item, field: str, said: str, known: Known = NOTHING_KNOWN) -> Item | None:
    """The item with a field, or itself where that says the same already."""
    if not getattr(item, field):
        return with_field(item, field, said, known)
    blank = with_field(Item(""), field, said, known)
    return item if blank and getattr(blank, field) == getattr(item, field) else None


def may_be_names(said: str, known: Known) -> bool:
    names = item_owners.names_in(said)
    return bool(names) and all(
        item_owners.is_somebody(name, known)
        or name.startswith("@")
        or MAIL.fullmatch(name)
        or item_fields.says_nobody(name)
        or all(map(item_owners.CAPITAL.match, name.split()))
        for name in names
    )


def _stated(item: Item, part: str, known: Known, *, kind: str, is_first: bool, before: str) -> Item | None:
    """The item with a state: behind a comma at the end, only one that is no part of what is to be done."""
    status = item_states.said(part, in_words=True)
    is_in_doubt = kind == "colon" or (kind == "weak" and is_first)
    if not status or kind in ("until", "ticket") or (is_in_doubt and part.lower() not in PLAIN_STATES):
        return None
    return item if item.status == status else with_state(item, part)


def _alone(item: Item, part: str, known: Known, *, kind: str, is_first: bool, before: str) -> Item | None:
    """The item with a part that says what it is by itself: a name, a day, a state, a ticket, or several."""
    if kind == "handle" or item_handles.HANDLES.fullmatch(part):
        is_handle = item_handles.HANDLES.fullmatch(part) is not None
        return with_field(item, "owner", part) if is_handle and _may_end(before, kind) else None
    if TICKET.fullmatch(part):
        return item
    if bracket := BRACKETED.fullmatch(part):
        return listed(item, next(filter(None, bracket.groups())), known)
    if match := SIGNED_DAY.fullmatch(part):
        return _signed(item, match["round"] or match["square"], match["day"], known)
    # A link of a wiki is a name's only where the report knows it, which is asked elsewhere.
    if kind == "colon" or part.startswith("[["):
        return None
    if dated := _dated(item, part, known):
        return dated
    if match := OWNS.fullmatch(part):
        return _owning(item, match, known)
    is_in_doubt = kind in ("until", "ticket") or (kind == "weak" and is_first)
    return None if is_in_doubt else _somebody(item, part, known)


def _signed(item: Item, name: str, day: str, known: Known) -> Item | None:
    """The item with somebody known in brackets and the day behind those."""
    more = with_field(item, "due", day, known) if item_owners.are_people(name, known) else None
    return with_field(more, "owner", name) if more else None


def _may_end(before: str, kind: str) -> bool:
    """Whether a handle behind these words is whose the item is, and no part of what is to be done."""
    words = before.split()
    if kind != "handle":
        return True
    return len(words) >= FEWEST_BEFORE_HANDLE and words[-1].lower().strip("*_") not in WITH_HANDLE


def _dated(item: Item, part: str, known: Known) -> Item | None:
    """The item with a day alone that comes after the incident; itself with a time that is no day."""
    if deadlines.is_vague(part) or _is_beginning(part):
        return item
    more = _with(item, "due", part, known) if known.day else None
    is_later = more and more.due and known.day and more.due > known.day
    return more if is_later else None


def _is_beginning(part: str) -> bool:
    """Whether a part says from when on: "ab 12.09.2026"."""
    match = FROM.match(part)
    return match is not None and item_cells.day(part[match.end() :]) is not None


def _owning(item: Item, match: re.Match[str], known: Known) -> Item | None:
    """`Ada Lo owns this`, `Ada will do this by 2024-04-01`."""
    if not item_owners.are_people(match["said"], known):
        return None
    more = with_field(item, "owner", match["said"])
    label = label_of(match["behind"].strip()) if more and match["behind"] else None
    return (with_field(more, *label, known) if more and label else None) or more


def _somebody(item: Item, part: str, known: Known) -> Item | None:
    bare = unlinked(part.strip("*_`"))
    is_known = item_owners.are_people(bare, known) or MAIL.fullmatch(bare) or _is_login(bare)
    return with_field(item, "owner", bare) if is_known or _are_initials(bare, known) else None


def _is_login(said: str) -> bool:
    match = LOGIN.fullmatch(said)
    return match is not None and match["first"] in item_owners.given_names()


def _are_initials(said: str, known: Known) -> bool:
    """Whether capitals are those of somebody whom the report names: `JD` of Jane Doe."""
    if not INITIALS.fullmatch(said):
        return False
    return any(
        "".join(word[0] for word in name.split()) == said.lower() for name in known.people if " " in name
    )


def listed(item: Item, said: str, known: Known) -> Item | None:
    """The item with all that a bracket lists; None where it lists anything else."""
    if (match := DONE_BY.fullmatch(said)) and item_states.said(match["state"], in_words=True) == "done":
        more = item if item.status == "done" else with_state(item, match["state"])
        return (_somebody(more, match["said"], known) if more else None) or more
    parts = [part for part in deadlines.whole(PART.split(said)) if part]
    more, is_told = item, False
    for part in sorted(parts, key=lambda part: label_of(part) is None):
        found = _labelled(more, part, known, kind="", is_first=False, before="") or _of_list(
            more, part, parts, known
        )
        if found is None:
            return None
        is_told = is_told or found is not more
        more = found
    return more if is_told or all(map(TICKET.fullmatch, parts)) else None


def _of_list(item: Item, part: str, parts: Sequence[str], known: Known) -> Item | None:
    found = _stated(item, part, known, kind="", is_first=False, before="")
    found = found or _alone(item, part, known, kind="", is_first=False, before="")
    if found is None and len(parts) > 1 and part == parts[0] and item_owners.looks_like_a_name(part):
        # Beside a day or a state a name need not be known.
        return with_field(item, "owner", part)
    return found
