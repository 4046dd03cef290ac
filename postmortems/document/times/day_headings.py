"""Days that a heading within a timeline only counts or calls by their name: `### Thursday`, `### Day 2`.

They hold for the times below them, as a date would, and say no year or month: what is around them does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from postmortems import patterns
from postmortems.document.times import dates
from postmortems.document.times.grammar import Day
from postmortems.document.times.notations import WEEKDAYS, WORDS
from postmortems.document.vocabulary import one_of

LONGEST = 60
# A clock or a date says more than the name of its day, and is read as such.
NAMED = patterns.of(
    rf"[#*_+\- \t]{{0,12}}(?:(?P<weekday>{one_of(WEEKDAYS)})\b\.?"
    rf"|(?:{one_of(WORDS['counted_days'])})[ \t]+(?P<number>\d{{1,2}}))"
    rf"(?:[ \t,]+(?:{one_of(WORDS['parts_of_days'])}))?"
    r"[*_ \t]{0,4}(?:[:：–—(-][^\d\n]{0,40})?[*_ \t#]{0,8}",
    re.IGNORECASE,
)
FURTHEST, SHORTEST = 60, 4
MARKS = ("#", "*", "_", "-", "+")


@dataclass(frozen=True, slots=True)
class Around:
    """The day of the entry above, or of the incident where there is none above; that of the first day."""

    near: Date | None
    first: Date | None
    is_begun: bool


def day(text: str, around: Around) -> Date | None:
    """The last day that a line of its own names so; None where none does, or nobody knows which it is."""
    found = None
    for line in text.split("\n"):
        match = NAMED.fullmatch(line) if len(line) <= LONGEST else None
        if match and _is_said(line, match) and around.near and around.first:
            found = _of(match, around.near, around.first, is_begun=around.is_begun) or found
    return found


def is_one(line: str) -> bool:
    """Whether a line of its own is such a day."""
    match = NAMED.fullmatch(line) if len(line) <= LONGEST else None
    return match is not None and _is_said(line, match)


def _is_said(line: str, match: re.Match[str]) -> bool:
    return line.lstrip()[:1] in MARKS or not _is_short(match)


def _is_short(match: re.Match[str]) -> bool:
    """Whether a name is a short one, `Sun`, `So`, `Do`: on a line of its own it may be any word."""
    return match["weekday"] is not None and len(match["weekday"]) <= SHORTEST


def _of(match: re.Match[str], near: Date, first: Date, *, is_begun: bool) -> Date | None:
    number = match["number"]
    if number is not None:
        is_possible = 1 <= int(number) <= FURTHEST and first < Date.max - timedelta(days=FURTHEST)
        return first + timedelta(days=int(number) - 1) if is_possible else None
    weekday = WEEKDAYS[match["weekday"].lower()]
    if not is_begun:
        return dates.resolved(Day(weekday=weekday), near)
    # Whatever has begun goes on: "Monday" below the times of a Thursday is the one that follows.
    ahead = timedelta(days=(weekday - near.weekday()) % 7)
    return near + ahead if near <= Date.max - ahead else None
