"""The days of a document: what a date means where it stands, and on which day the incident was."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date as Date

from postmortems.document import grammar, stamps
from postmortems.document.grammar import Day
from postmortems.document.model import Document, Entry, Prose

ON_DAY = re.compile(
    r"\b(?:happened|occurred|took place|events?|times?) (?:all |are |were )*on (?=\S)", re.IGNORECASE
)
# "**Date:** 2021-02-24", "- Incident start: …", "| Date of incident | … |": said before the report begins.
SAID = re.compile(
    r"^[ \t>|*+_`-]{0,12}(?:(?:incident|event|outage|postmortem)\s+)?"
    r"(?:dates?|date started|start(?:ed)?|start (?:date|time)|from|when|occurred|began|day)"
    r"(?: ?(?:/|&|and) ?time)?(?: (?:on|of)(?: the)?(?: (?:incident|event|outage|occurrence))?)?"
    r"(?: \([^()\n]{0,40}\))?[ \t*_`]{0,8}[:|][ \t*_`|]{0,8}(?P<said>\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
FIRST_SECTIONS = 3
PLACES = re.compile(r"(?<![\w.-])\w")


def orders(day: Day) -> list[Day]:
    """What a date of two small numbers can mean."""
    if not day.unordered:
        return [day]
    return [replace(day, unordered=False), replace(day, month=day.day, day=day.month, unordered=False)]


def resolved(day: Day, near: Date | None) -> Date | None:
    """The date that is meant: a year or an order that is open is the one nearest to what is around."""
    if not day.is_possible or day.month is None or day.day is None:
        return None
    years = [near.year + step for step in (0, -1, 1)] if near and day.year is None else [day.year]
    dates = [date for each in orders(day) for year in years if (date := _existing(year, each))]
    if not dates:
        return None
    return min(dates, key=lambda date: abs(date - near)) if near else dates[0]


def _existing(year: int | None, day: Day) -> Date | None:
    try:
        return Date(year, day.month, day.day) if year and day.month and day.day else None
    except ValueError:
        return None


def day_in(text: str, near: Date | None) -> Date | None:
    """The last day that stands on a line of its own."""
    found = None
    for line in text.split("\n"):
        bare = line.lstrip("# ")
        stamp = stamps.of_line(bare) if bare == line else stamps.of_heading(bare)
        if stamp and stamp.stated.day and (stamp.is_day or (bare != line and not stamp.stated.has_clock)):
            found = resolved(stamp.stated.day, near) or found
    return found


def day_for_all(text: str, near: Date | None) -> Date | None:
    """The day of every entry that says no other: "unless noted, all events happened on 2019-10-21"."""
    line = " ".join(text.split())
    match = ON_DAY.search(line)
    day = grammar.day_at(line, match.end()) if match else None
    return resolved(day[0], near) if day else None


def date_in(text: str, near: Date | None = None) -> Date | None:
    """The first date that a line of text names; whole, unless something is near it."""
    for place in PLACES.finditer(text[:500]):
        found = grammar.day_at(text, place.start())
        if found and (found[0].is_whole or near):
            return resolved(found[0], near)
    return None


def _named_date(name: str) -> Date | None:
    """The date in a file's name: `2018-01-25-merge.md`, `20180125_merge.md`."""
    base = re.split(r"[/\\]", name)[-1].replace("_", "-")
    base = re.sub(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)", r"\1-\2-\3 ", base)
    return date_in(re.sub(r"(\d{4}-\d\d-\d\d)-", r"\1 ", base))


def _said_date(document: Document) -> Date | None:
    """The date that stands behind that word, above the report or in its first sections."""
    for section in document.sections[:FIRST_SECTIONS]:
        for block in section.blocks[:2]:
            for match in SAID.finditer(block.text) if isinstance(block, Prose) else ():
                date = date_in(match["said"])
                if date:
                    return date
    return None


def _first_date(document: Document) -> Date | None:
    """The first whole date in a timeline, an entry's or a day's."""
    for section in document.sections if document.entries else ():
        named = date_in(section.heading) if section.entries else None
        if named:
            return named
        for block in section.blocks:
            stamp = stamps.of_heading(block.written) if isinstance(block, Entry) else None
            date = resolved(stamp.stated.day, None) if stamp and stamp.stated.day else None
            date = day_in(block.text, None) if isinstance(block, Prose) and section.entries else date
            if date:
                return date
    return None


def incident_date(document: Document, name: str = "") -> Date | None:
    """The day of the incident: from front matter, title, a line that says so, file name, first entry.

    Titles are copied from older reports; a title against which both file name and first entry stand is one.
    """
    if document.date:
        return document.date
    stated = next((raw for key, raw in document.extra if key == "date"), "")
    titled = date_in(stated.strip("\"'")) or date_in(document.title) or date_in(document.heading)
    named, first = _named_date(name), _first_date(document)
    if titled and (named is None or named != first):
        return titled
    return _said_date(document) or named or first


def date_of_name(document: Document, name: str) -> Document:
    """The document with the date that only its file's name tells: next time the name may be another."""
    date = incident_date(document, name)
    if name and date and date == _named_date(name) and incident_date(document) != date:
        return replace(document, date=date)
    return document
