"""The day of an incident: from its front matter, its title, a line that says so, its entries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date as Date

from postmortems import patterns
from postmortems.document.model import Document, Entry, Prose
from postmortems.document.parse_cache import by_object
from postmortems.document.times import grammar, prefix
from postmortems.document.times.dates import (
    PLACES,
    SAID,
    Order,
    clear_date,
    date_in,
    day_in,
    named_date,
    order_of,
    resolved,
    said_in,
    say_the_same,
)
from postmortems.document.times.grammar import Day
from postmortems.document.times.notations import PICTURES, WORDS
from postmortems.document.vocabulary import one_of

# The same as a heading: `### Date`, and the day below it.
BELOW = patterns.of(
    r"^#{1,6}[ \t]+(?:"
    + PICTURES
    + r"[ \t]*)?(?:(?:start )?date ?(?:and|&|/) ?time|start(?: date| time)?|"
    + one_of(WORDS["dates"])
    + r")[ \t]*[:：]?[ \t#]*\n+(?P<said>[^\n#]+)",
    re.IGNORECASE | re.MULTILINE,
)
# The same where it says that the day is the incident's, and not that of the text.
ITS_DAY = patterns.of(
    rf"(?:^|[|\n])[ \t*_]*{one_of(WORDS['incident_dates'])}(?: ?(?:/|&|and) ?time)?[ \t*_]*"
    r"(?:\([^()\n]{0,40}\))?[ \t*_]*(?:[:：|\n]|$)",
    re.IGNORECASE,
)
# Below the title, alone on a line but for what kind of incident it was: `Incident #7 — 2026-05-19`.
APART = patterns.of(r"^|\s[–—|·-]\s|[,(]\s?")
# `Thursday 2 July 2026 · SEV2 · Owner: Ada`; a line with the version of the text has the day of that.
LISTED = patterns.of(r"\s[·•|]\s")
VERSION = patterns.of(r"v\.?\s?\d|\d+\.\d+\b|(?:version|rev|revision)\b", re.IGNORECASE)
LONGEST_SUBTITLE = 120
LONGEST_DATE = 200
HEADED = patterns.of(r"^#{1,6}[ \t]+", re.MULTILINE)
FIRST_SECTIONS = 3
FURTHEST_SECTION = 8
FIRST_PARAGRAPHS = 5
# Days from an incident to its report.
LONGEST_WAIT = 400
NEARBY = 31
DAY = patterns.of(r"(?<![\w.:/-])\d{1,4}(?=[-/. ]|(?:st|nd|rd|th|er)\b)|(?<!\w)[A-Z][a-z]{2,8}\.?(?= \d)")
ON = patterns.of(
    r"\b(?:on|at|since|from|occurr?ed|happened|am|um|le|el|em|il|op|den"
    r"|on the (?:morning|evening|night|afternoon) of)\s+[*_]{0,3}(?=\w)",
    re.IGNORECASE,
)
# Before a date that is the text's, and not the incident's: "reviewed on".
OF_THE_TEXT = patterns.of(
    rf"\b{one_of(WORDS['of_the_text'])}(?: by [^\s.,;]+(?: [^\s.,;]+)?)?[ \t]$", re.IGNORECASE
)
# "A similar case was on 1 March 2025."
OF_ANOTHER_CASE = patterns.of(
    r"\b(?:similar|previous|previously|earlier|last time|once before|already happened)\b[^.!?\n]*$",
    re.IGNORECASE,
)
LONGEST_WORD = 60
LONGEST_LEAD = 4_000
LEAD_LINE = patterns.of(
    r"^[ \t|>*+_-]{0,12}(?P<key>[^:：|\n]{2,60})[:：|][ \t*_`|]*(?P<said>[^\n]{4,80})$", re.MULTILINE
)
# A day before a report's sections that is not the incident's.
OF_ANOTHER_DAY = patterns.of(
    rf"\b(?:{one_of(WORDS['of_the_text'])}|{one_of(WORDS['of_other_days'])})\b", re.IGNORECASE
)


def _said_date(document: Document, near: Date | None, order: Order) -> Date | None:
    """The date that stands behind that word, above the report or in its first sections."""
    for section in document.sections[:FIRST_SECTIONS]:
        # `## Date: May 3, 2024` has nothing below it.
        for at, block in enumerate(section.blocks[:2] or (Prose(""),)):
            text = block.text if isinstance(block, Prose) else ""
            # The heading of a section may be the word, and the date all that stands under it.
            named = f"# {section.heading}\n\n{text[:LONGEST_DATE]}" if at == 0 else ""
            headed = HEADED.sub("", f"{named}\n\n{text}")
            for match in (*BELOW.finditer(named), *SAID.finditer(headed), *BELOW.finditer(text)):
                date = date_in(match["said"], near, order)
                if date:
                    return date
    for section in document.sections[FIRST_SECTIONS:FURTHEST_SECTION]:
        text = section.blocks[0].text if section.blocks and isinstance(section.blocks[0], Prose) else ""
        if below := BELOW.match(f"# {section.heading}\n\n{text[:LONGEST_DATE]}"):
            return date_in(below["said"], near, order)
    return None


def names_its_day(text: str) -> bool:
    """Whether a text has a label which says that what follows is the incident's day: "Date of incident"."""
    return bool(ITS_DAY.search(text))


def _keyed_date(document: Document, order: Order) -> Date | None:
    """The day that a key of the front matter says is the incident's: `incident-date: 2026-07-07`."""
    keys = ((re.sub(r"[\W_]+", " ", key).lower(), raw) for key, raw in document.extra)
    found = (date_in(raw.strip("\"'"), None, order) for key, raw in keys if key in WORDS["incident_dates"])
    return next(filter(None, found), None)


def _subtitle_date(document: Document, order: Order) -> Date | None:
    """The day that ends the line below the title."""
    lead = document.sections[0] if document.sections and not document.sections[0].heading else None
    text = next((block.text for block in lead.blocks[:1] if isinstance(block, Prose)), "") if lead else ""
    line = text.split("\n\n")[0].strip(" *_")
    if len(line) > LONGEST_SUBTITLE or "\n" in line or VERSION.match(line):
        return None
    parts = [day for part in LISTED.split(line) if (day := _whole_day(part.strip(" *_"), order))]
    if len(parts) == 1:
        return parts[0]
    if parts or ":" in line:
        return None
    for gap in APART.finditer(line):
        said = line[gap.end() :].rstrip(")")
        found = grammar.day_at(said)
        if found and found[1] == len(said) and found[0].is_whole:
            return None if OF_THE_TEXT.search(f"{line[: gap.start()]} ") else resolved(found[0], None, order)
    return None


def _whole_day(said: str, order: Order) -> Date | None:
    """The day that is all of a text: `Thursday 2 July 2026`."""
    found = grammar.day_at(said)
    return resolved(found[0], None, order) if found and found[0].is_whole and found[1] == len(said) else None


def _first_date(document: Document, near: Date | None, order: Order) -> Date | None:
    """The first whole date in a timeline, an entry's or a day's; any, where a day is near it."""
    for section in document.sections if document.entries else ():
        named = date_in(section.heading, near, order) if section.entries else None
        if named:
            return named
        for block in section.blocks:
            stamp = prefix.of_heading(block.written) if isinstance(block, Entry) else None
            date = resolved(stamp.stated.day, near, order) if stamp and stamp.stated.day else None
            date = day_in(block.text, near, order) if isinstance(block, Prose) and section.entries else date
            if date:
                return date
    return None


def incident_date(document: Document, name: str = "") -> Date | None:
    """The day of the incident; one that the title names without a year, if it was not long before.

    `name` is that of its file, which may have a date in it.
    """
    return _fitted_date(document, name if named_date(name) else "")


# An import asks for that of one document seven times, and of one whose items have got their ids.
@by_object(most=4, is_same=say_the_same)
def _fitted_date(document: Document, name: str) -> Date | None:
    found = _incident_date(document, name)
    if found is None or document.date == found or not any(map(str.isdigit, document.title)):
        return found
    titled = _day_named(document.title)
    if titled is None or titled.is_whole or titled.unordered:
        return found
    day = resolved(titled, found)
    return day if day and 0 <= (found - day).days <= NEARBY else found


def _day_named(text: str) -> Day | None:
    """The first day that a line of text names, with a year or without."""
    for place in PLACES.finditer(text):
        if found := grammar.day_at(text, place.start()):
            return found[0]
    return None


def _incident_date(document: Document, name: str) -> Date | None:
    """The day of the incident: from front matter, title, a line that says so, file name, first entry.

    Titles are copied from older reports; a title against which both file name and first entry stand is one.
    The `date` of a text that was published is the day of that, where the text says another.
    """
    if document.date and not _is_published(document):
        return document.date
    order = order_of(document, name)
    if document.date:
        return _told_date(document, document.date, order)
    if keyed := _keyed_date(document, order):
        return keyed
    stated = date_in(_extra(document, "date").strip("\"'"), None, order)
    if stated and _is_published(document):
        return _told_date(document, stated, order)
    titled = stated or date_in(document.title, None, order) or date_in(document.heading, None, order)
    named, first = named_date(name), _first_date(document, None, order)
    if titled and (named is None or named != first):
        return titled
    said = _said_date(document, None, order) or named or _subtitle_date(document, order)
    told = said or _date_of_lead(document, None, order) or first or _published_date(document, order)
    return told or _lone_date(document, order) or _date_without_year(document, order)


def _extra(document: Document, key: str) -> str:
    return next((raw for each, raw in document.extra if each == key), "")


def _is_published(document: Document) -> bool:
    """Whether the front matter is that of a page which a site generator publishes."""
    return any(key in WORDS["published"] for key, _ in document.extra)


def _lone_date(document: Document, order: Order) -> Date | None:
    """The only day above the report's sections, whatever stands before it: `Window of impact: 2025-07-08`."""
    lead = document.sections[0] if document.sections and not document.sections[0].heading else None
    text = "\n".join(block.text for block in lead.blocks if isinstance(block, Prose)) if lead else ""
    alone = [stamp for line in text[:LONGEST_LEAD].split("\n") if (stamp := prefix.of_line(line))]
    days = [stamp.stated.day for stamp in alone if stamp.is_day and stamp.stated.day]
    found = {day for each in days if (day := resolved(each, None, order))}
    for match in LEAD_LINE.finditer(text[:LONGEST_LEAD]):
        day = None if OF_ANOTHER_DAY.search(match["key"]) else date_in(match["said"], None, order)
        found |= {day} if day else set()
    return found.pop() if len(found) == 1 else None


def _date_without_year(document: Document, order: Order) -> Date | None:
    """The day that title or timeline give without a year, in the year of the report's other days.

    What a report tells was before it was written: "Outage on 9/10" of a report "written 2025-09-15".
    """
    near = clear_date(list(said_in(document)))
    return _fitting_date(document, near, order) if near else None


def _told_date(document: Document, published: Date, order: Order) -> Date:
    """The day that a published text tells, not after it was published; else that day."""
    return _fitting_date(document, published, order) or published


def _fitting_date(document: Document, published: Date, order: Order) -> Date | None:
    told = (
        _said_date(document, published, order),
        date_in(document.title, published, order),
        _first_date(document, published, order),
        _date_of_lead(document, published, order),
        _date_nearby(document, published, order),
    )
    fitting = (day for day in told if day and 0 <= (published - day).days <= LONGEST_WAIT)
    return next(fitting, None)


def _date_of_lead(document: Document, published: Date | None, order: Order) -> Date | None:
    """`On March 10th, …`, `At 01:52 UTC, 2022-10-28, …` in the first paragraphs of a text."""
    for section in document.sections[:FIRST_SECTIONS]:
        text = next((block.text for block in section.blocks[:1] if isinstance(block, Prose)), "")
        for match in ON.finditer("\n\n".join(text.lstrip().split("\n\n")[:FIRST_PARAGRAPHS])[:2_000]):
            if OF_THE_TEXT.search(match.string, max(0, match.start() - LONGEST_WORD), match.start()):
                continue
            if OF_ANOTHER_CASE.search(match.string, max(0, match.start() - LONGEST_WORD), match.start()):
                continue
            stated = grammar.scan(match.string[match.end() : match.end() + 60])
            day = stated.day if stated else None
            if day and (day.is_whole or published) and (date := resolved(day, published, order)):
                return date
    return None


def _is_of_else(before: str) -> bool:
    return bool(OF_ANOTHER_DAY.search(before) or OF_ANOTHER_CASE.search(before))


def _date_nearby(document: Document, published: Date, order: Order) -> Date | None:
    """The first day in the first paragraphs of a text that was not long before it was published."""
    for section in document.sections[:FIRST_SECTIONS]:
        text = next((block.text for block in section.blocks[:1] if isinstance(block, Prose)), "")
        lead = "\n\n".join(text.lstrip().split("\n\n")[:FIRST_PARAGRAPHS])[:2_000]
        for place in DAY.finditer(lead):
            found = grammar.day_at(lead, place.start())
            before = lead[max(0, place.start() - LONGEST_WORD) : place.start()].rpartition("\n")[2]
            if not found or not found[0].is_whole or _is_of_else(before):
                continue
            day = resolved(found[0], published, order)
            if day and 0 <= (published - day).days <= NEARBY:
                return day
    return None


def _published_date(document: Document, order: Order) -> Date | None:
    """The day of publication, of a text that tells of no other."""
    for key in WORDS["publication_dates"]:
        if published := date_in(_extra(document, key).strip("\"'"), None, order):
            return _told_date(document, published, order)
    return None


def date_of_name(document: Document, name: str) -> Document:
    """The document with the date that only its file's name tells: next time the name may be another."""
    date = incident_date(document, name)
    if name and date and date == named_date(name) and incident_date(document) != date:
        return replace(document, date=date)
    return document
