"""What stands around a name or a day in a cell or behind a label: `EOD 2024-04-01`, `Ada <ada@…>`, `[~ada]`.

Whatever is taken off here stays in the words of the item, if its keys do not say it.
"""

from __future__ import annotations

import re

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.text import one_line
from postmortems.document.times import deadlines, grammar
from postmortems.document.times.grammar import Day

WORDS = vocabulary.table("headings")
# A day that was moved stands behind the one that is struck out.
BEFORE_DAY = patterns.of(
    r"(?:~~[^~]+~~\s*)?(?:(?:" + vocabulary.one_of(WORDS["before_days"]) + r"|[~≈])[:.]?\s*(?=[\w~≈]))*",
    re.IGNORECASE,
)
BEHIND_DAY = patterns.of(
    r"(?:[.,;!]|\s*[✅☑✔⏳📅]\ufe0f?|\s*\([^()]*\)|T\d\d:\d\d(?::\d\d)?Z?"
    r"|,?\s+(?:at\s+)?\d{1,2}:\d\d(?:\s*[A-Z]{2,4})?|\s+(?:EOD|COB)|\s?(?:まで|迄|締切|까지|前))*",
    re.IGNORECASE,
)
COMPACT = patterns.of(r"(20\d\d)([01]\d)([0-3]\d)")
# `Ada Lo <ada@example.org>`, `[~ada]` of Jira, `` `ada` ``, a picture before or behind a name.
ADDRESS = patterns.of(r"\s+(?:<[^<>\s]+@[^<>\s]+>|\([^()\s]+@[^()\s]+\))$")
JIRA = patterns.of(r"\[~(?:accountid:)?([^\[\]]+)\]")
QUOTED = patterns.of(r"(`|_)(?=\S)([^`_]+)\1")
PICTURES = patterns.of(r"^[👤🧑👩👨🙋]\S*\s+|\s*[✅☑✔👤]\ufe0f?$")
ELSE = patterns.of(r"\b" + vocabulary.one_of(WORDS["columns_of_other_days"]) + r"\b", re.IGNORECASE)


def day(said: str) -> Day | None:
    """The day that is all of a text, but for what may stand around one."""
    if len(said) > deadlines.LONGEST or not any(map(str.isdigit, said)):
        return None
    if compact := COMPACT.fullmatch(said):
        said = "-".join(compact.groups())
    before = BEFORE_DAY.match(said)
    for start in (0, before.end() if before else 0):
        found = grammar.day_at(said, start)
        if found and BEHIND_DAY.fullmatch(said, found[1]):
            return found[0]
    return None


def says_no_day(said: str) -> bool:
    """Whether a text stands in a day's place and is none: `Q3`, `TBD`, `-`."""
    bare = said.strip(" .?!_*").lower()
    return deadlines.is_vague(bare) or bare in WORDS["nobody"] or not any(map(str.isalnum, bare))


def is_else(name: str) -> bool:
    """Whether the head of a column says that its days are others than those by when: "Created"."""
    return ELSE.search(one_line(name)) is not None


def name(said: str) -> str:
    """A name without its address and what else is set around it."""
    bare = PICTURES.sub("", said)
    if match := JIRA.fullmatch(bare) or QUOTED.fullmatch(bare):
        return match[match.re.groups]
    without = ADDRESS.sub("", bare)
    return without if any(map(str.isalnum, without)) else bare
