"""Titles of reports: whether one says only what kind of document it is, and which its keys state instead.

"Post mortem report" over `Subject: Loss of uplink` is the report on the loss of an uplink.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.model import Block, Prose, Section
from postmortems.document.parse_cache import by_line
from postmortems.document.text import one_line
from postmortems.document.times import prefix
from postmortems.document.times.notations import MONTHS

WORDS = vocabulary.table("headings")
LONGEST, MOST_WORDS = 200, 12
# A line with one of these is a key, a cell, a list, code, or a sentence.
SENTENCE = patterns.of(r"[:：|`<>\[\]=]|^[-*+#>!]|[.!?。,;]$")
# What stands before the title among what is known of an incident.
KEYS = frozenset(WORDS["titles"])
TITLES = frozenset(WORDS["titles_in_sections"])
FIRST_SECTIONS = 3
KIND = patterns.of(rf"(?:{vocabulary.one_of(WORDS['kinds_of_document'])}[\W_]*)+", re.IGNORECASE)
STATED = patterns.of(
    rf"^[ \t|>*+_`-]{{0,12}}{vocabulary.one_of(KEYS)}[ \t]{{0,20}}[*_`]{{0,3}}[ \t]?[:：|][ \t*_`|]{{0,20}}"
    r"(?P<said>\S[^\n|]*?)[ \t*_`|\\]*$",
    re.IGNORECASE | re.MULTILINE,
)
# In a section, where a line "Incident: …" would be a sentence.
IN_A_TABLE = patterns.of(
    rf"^(?:\||[-*+][ \t]|[*_]{{2}})[ \t*_`]{{0,12}}{vocabulary.one_of(WORDS['titles_in_sections'])}"
    r"[ \t]{0,20}[*_`]{0,3}[ \t]?[:：|][ \t*_`|]{0,20}(?P<said>\S[^\n|]*?)[ \t*_`|\\]*$",
    re.IGNORECASE | re.MULTILINE,
)
# Lines of keys alone, at the beginning of a section: `Date: 17 October 2025`, `Title: Cooling stopped`.
KEYED = patterns.of(r"(?:[*_]{0,2}[^\W\d_][^:：\n]{1,30}[:：][*_]{0,2}[ \t]+\S[^\n]*(?:\n|$)){2,12}")
KEYED_TITLE = patterns.of(
    rf"^[*_]{{0,2}}{vocabulary.one_of(WORDS['titles_in_sections'])}[ \t]?[:：][*_]{{0,2}}[ \t]+"
    r"(?P<said>\S[^\n]*?)[ \t\\]*$",
    re.IGNORECASE | re.MULTILINE,
)
# What parts the kind of a document from what it is about.
SUBJECT = patterns.of(
    r"\s*[:：]\s+|\s+[–—-]\s+|\s+(?:for|of|on|about|über|zu|sur|sobre)\s+(?:the\s+)?", re.IGNORECASE
)
REPORT = patterns.of(vocabulary.one_of(WORDS["reports"]), re.IGNORECASE)
# Over what is known of an incident, or of the report: no title.
GENERAL = patterns.of(r"\b" + vocabulary.one_of(WORDS["general_names"]) + r"\b", re.IGNORECASE)
FEWEST_WORDS = 3
# `2025-118`, `#42`, `INC-7`, `3 May`.
MONTH = rf"(?:{vocabulary.one_of(MONTHS)})\b"
NUMBER = patterns.of(rf"(?<![^\s(\[])#?[\w-]*\d[\w./:-]*(?:\s+{MONTH})?|\b{MONTH}\.?(?=\s+\d)", re.IGNORECASE)
# The name of a part, which stands over that: `1.1 History of the flight`.
COUNTED = patterns.of(r"\d{1,2}\.(?:\d{1,2}\.?)*\s")
# No title is a number at a tracker, a day, an address, or one word.
NO_TITLE = patterns.of(r"https?:|[<\[(]|\W*[\w-]*\d[\w.:/-]*\W*$|\S+$")


def is_kind(title: str) -> bool:
    """Whether a title says no more than what kind of document it is."""
    return bool(KIND.fullmatch(one_line(title).strip(" -–—:#[]()")))


def has_subject(heading: str) -> bool:
    """Whether a heading is a kind of document and what it is about: "Root cause analysis: DNS down"."""
    kind, _, subject = SUBJECT.sub("\n", one_line(heading), count=1).partition("\n")
    is_of_one = is_kind(kind) and REPORT.search(kind) is not None
    return is_of_one and len(subject.split()) > 1 and not prefix.is_time(subject)


def is_of_a_report(heading: str) -> bool:
    """Whether a heading names a report as a whole: its kind alone, or with what it is about."""
    return (is_kind(heading) and REPORT.search(heading) is not None) or has_subject(heading)


def may_be_title(heading: str) -> bool:
    """Whether a heading says which incident it was, and does not name what is known of it."""
    words = one_line(heading).split()
    return len(words) >= FEWEST_WORDS and not GENERAL.search(heading) and not says_not_which(heading)


@by_line
def says_not_which(title: str) -> bool:
    """Whether a title says what kind of document it is, perhaps its number or day: "Incident report 42"."""
    rest = NUMBER.sub(" ", one_line(title))
    return is_kind(title) or is_kind(rest) or (bool(title.strip()) and not rest.strip(" -–—:#,."))


def chosen(given: str, kind: str, heading: str, said: str) -> tuple[str, str]:
    """The title of a report, and the heading that stands beside it.

    `given` is the title of the front matter, `kind` the heading above `heading` that says what kind of
    document it is. One that says no more gives way to one that does: "Postmortem" in the front matter to the
    heading.
    `said` is the title among what is known of the incident.
    """
    first = kind or heading
    title = given or (heading if kind else "")
    if not title and not first:
        return said, ""
    if not says_not_which(title or first):
        return (title, first) if title else (first, "")
    if given and not kind and heading and not says_not_which(heading):
        return heading, given
    # Of two that say no more, each has its own words, and only one has a place beside the title.
    is_one = not (given and heading and one_line(given) != one_line(heading))
    better = said if is_one else ""
    if better:
        return better, title or first
    return (title, first) if title else (first, "")


def stated(sections: Sequence[Section], extra: Sequence[tuple[str, str]] = ()) -> str:
    """The title among the keys above all sections, else in a table that begins the first; "" for none."""
    for key, raw in extra:
        said = one_line(raw.strip("\"'")) if key.replace("_", " ").lower() in KEYS else ""
        if said and _may_be(said):
            return said
    first = sections[0] if sections else None
    if said := next(filter(None, map(_named_so, sections[:FIRST_SECTIONS])), ""):
        return said
    for block in first.blocks[:2] if first else ():
        is_lead = first is not None and not first.heading
        is_keyed = isinstance(block, Prose) and KEYED.fullmatch(block.text.partition("\n\n")[0])
        pattern = STATED if is_lead else KEYED_TITLE if is_keyed else IN_A_TABLE
        for match in pattern.finditer(block.text) if isinstance(block, Prose) else ():
            said = one_line(match["said"])
            if _may_be(said):
                return said
    return _first_line(first.blocks[0]) if first and not first.heading and first.blocks else ""


def _named_so(section: Section) -> str:
    """What stands alone below a heading "Title"."""
    is_so = one_line(section.heading).rstrip(":： ").lower() in TITLES and len(section.blocks) == 1
    block = section.blocks[0] if is_so else None
    said = block.text.strip(" *_\n") if isinstance(block, Prose) else ""
    return said if said and "\n" not in said and _may_be(said) else ""


def _may_be(said: str) -> bool:
    return len(said) <= LONGEST and not NO_TITLE.match(said) and not is_kind(said)


def _is_no_entry(line: str, text: str) -> bool:
    """Whether a line begins with no time, or alone with a day and a name: `12 May 2024 - Loss of uplink`."""
    stamp = prefix.of_line(line)
    if stamp is None:
        return True
    if sum(prefix.of_line(each.lstrip("-*+ ")) is not None for each in text.split("\n")) > 1:
        return False
    is_day = stamp.stated.day is not None and stamp.stated.day.is_whole and not stamp.stated.has_clock
    return is_day and len(stamp.rest.split()) > 1 and stamp.rest[0].isupper()


def _first_line(block: Block) -> str:
    """The line below a title that says which incident it was: short, no sentence, above a day or nothing."""
    if not isinstance(block, Prose):
        return ""
    line, _, behind = block.text.partition("\n")
    line, following = one_line(line).strip(" *_"), behind.partition("\n")[0].strip(" *_")
    is_short = 2 <= len(line.split()) <= MOST_WORDS and len(line) <= LONGEST
    is_apart = not following or prefix.is_time(following)
    is_title = (
        is_short
        and is_apart
        and not COUNTED.match(line)
        and not SENTENCE.search(line)
        and _is_no_entry(line, block.text)
    )
    return line if is_title and not NO_TITLE.match(line) and not says_not_which(line) else ""
