"""People and days that editors mark with `@`, as words that say who does it and by when.

`@January 25, 2018 2:40 PM (PST)` is a day, written in the language of whoever exported; `@Ada Lovelace`
behind a to-do owns it, and a day behind it is when it is due.
"""

from __future__ import annotations

import re
from datetime import date as Date

from postmortems.document.times import dates, grammar

MENTION = re.compile(r"(?<![\w@/.])@(?=[^\W_])")
ARROW = re.compile(r"[ \t]*(?:→|->|⟶)[ \t]*")
# What follows the day in such a mention: the clock, perhaps of two ends, and the zone.
CLOCK = re.compile(
    r"(?:,?[ \t]+(?:at |um |à |в |kl\.? )?(?:[ap]m |오전 |오후 )?\d{1,2}[:.h]\d\d(?:[:.]\d\d)?"
    r"(?:[ \t\u202f]?[ap]\.?[ \t]?m\.?)?)?"
    r"(?:[ \t]*\([A-Z]{2,5}(?:[+-]\d{1,2}(?::?\d\d)?)?\))?",
    re.IGNORECASE,
)
PERSON = re.compile(r"@(?P<name>[^\W\d_][\w.'’-]*(?:[ \t][^\W\da-z_][\w.'’-]*){0,3})")
# `@Ada Lovelace: order disks`, `@Ada Lovelace - order disks`.
BEFORE = re.compile(rf"{PERSON.pattern}(?::|[ \t]+[-–—])[ \t]+(?=[^\s@])")
# `@Ada Lovelace to order disks`: her name stays among the words.
TO = re.compile(rf"{PERSON.pattern}[ \t]+(?:to|will|should)[ \t]+(?=[^\W\d_])")
DUE = re.compile(r"\bdue:?[ \t]+$", re.IGNORECASE)
RELATIVE = re.compile(r"(?:today|yesterday|tomorrow|now)\b", re.IGNORECASE)
# Markdown of editors escapes the dash before a name.
BEHIND = re.compile(r"[ \t.,;–—|(\\-]*$")


def without_marks(text: str) -> str:
    """A line whose days have no `@` in front; people keep theirs."""
    return MENTION.sub(lambda mark: "" if day_at(text, mark.end()) else mark.group(), text)


def day_at(text: str, start: int = 0) -> tuple[Date, int] | None:
    """The whole day that begins there, and where its words and its clock end."""
    found = grammar.day_at(text, start)
    if found is None or not found[0].is_whole:
        return None
    day = dates.resolved(found[0], None)
    clock = CLOCK.match(text, found[1])
    return (day, clock.end() if clock else found[1]) if day else None


def last_day(text: str) -> tuple[Date, str] | None:
    """The day that a date property ends on, and what else it says (its clock); None where it is none."""
    parts = ARROW.split(text.strip().removeprefix("@"))
    found = [day_at(part.removeprefix("@")) for part in parts]
    if not found or len(found) > 2 or found[-1] is None or found[0] is None:
        return None
    if any(end < len(part.removeprefix("@").rstrip()) for part, (_, end) in zip(parts, found, strict=True)):  # type: ignore[misc]
        return None
    named = grammar.day_at(parts[-1].removeprefix("@"))
    rest = parts[-1].removeprefix("@")[named[1] if named else 0 :].strip(" ,")
    return found[-1][0], rest


def of_task(text: str) -> str:
    """A to-do whose people and day at its end stand in brackets: `Alert (owner: Ada, due 2018-02-08)`."""
    owners: list[str] = []
    rest, due = text.rstrip(), ""
    if before := BEFORE.match(rest):
        owners, rest = [before["name"]], rest[before.end() :]
    elif named := TO.match(rest):
        owners = [named["name"]]
    while True:
        at = rest.rfind("@")
        if at < 1 or not (rest[at - 1].isspace() or rest[at - 1] in "(（"):
            break
        day = day_at(rest, at + 1)
        person = PERSON.match(rest, at)
        if day and not due and not rest[day[1] :].strip(" .,;)"):
            due = day[0].isoformat()
            at -= len(rest[:at]) - len(DUE.sub("", rest[:at]))
        elif rest[:at].rstrip().endswith(":"):
            # `Owner: @Ada` says already what she is.
            break
        elif person and not RELATIVE.match(rest, at + 1) and not rest[person.end() :].strip(" .,;)"):
            owners.insert(0, person["name"].rstrip("."))
        else:
            break
        rest = BEHIND.sub("", rest[:at])
    # "(see @Ada)" is no owner: its bracket holds other words, too.
    if (
        not rest
        or not (owners or due)
        or (rest.count("("), rest.count("（"))
        != (
            rest.count(")"),
            rest.count("）"),
        )
    ):
        return text
    said = [*([f"owner: {', '.join(owners)}"] if owners else []), *([f"due {due}"] if due else [])]
    return f"{rest} ({', '.join(said)})"
