"""Deadlines in the words of an item: the day that ends it, a time that is no day, signs of to-do lists."""

from __future__ import annotations

import re
from collections.abc import Iterable

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.times.notations import MONTHS, WORDS

WEEKDAYS = [day for day in WORDS["weekdays"] if len(day) > 2]
YEAR = patterns.of(r"(?:19|20)\d\d")
MONTH_NAME = rf"\b{vocabulary.one_of(MONTHS)}"
# What a year behind a comma belongs to: `May 3`, `3rd of May`.
DAY_BEFORE = patterns.of(rf"(?:\d(?:st|nd|rd|th)?|{MONTH_NAME})\.?$", re.IGNORECASE)
VAGUE = patterns.of(
    r"(?:(?:by|before|in)\s+)?(?:(?:early|mid|late|next|this|(?:the\s+)?(?:end|beginning|start|middle)"
    rf"(?:\s+of)?(?:\s+(?:the|next))?)[\s-]+(?:week|month|quarter|year|sprint|q[1-4]|{MONTH_NAME})"
    rf"|(?:(?:this|next|on)\s+)?{vocabulary.one_of(WEEKDAYS)}|tomorrow|today|from now on|as of now|at once"
    r"|immediately|soon|in\s+(?:a|\w{1,6})\s+(?:days?|weeks?|months?)"
    rf"|[qh][1-4]|eo[dwmqy]|asap)(?:\s+20\d\d)?",
    re.IGNORECASE,
)
MONTH = patterns.of(rf"(?:(?:by|before|in)\s+)?{MONTH_NAME}\.?,?\s+20\d\d", re.IGNORECASE)
# The day that is due, and the other days that may stand beside it: of creation, start, completion.
SIGNED_DAY = patterns.of(r"\s*[📅📆🗓]\ufe0f?\s*(?P<said>\d{4}-\d\d-\d\d)(?=\s|$)", needs="📅📆🗓")
SIGNED_DAYS = patterns.of(r"(?:\s*[📅📆🗓✅⏳🛫➕❌]\ufe0f?\s*\d{4}-\d\d-\d\d)+\s*$", needs="📅📆🗓✅⏳🛫➕❌")
UNTIL = patterns.of(
    rf"(?<=\s){vocabulary.one_of(vocabulary.table('headings')['until_when'])}[:：]?\s+(?P<said>[^\n]{{4,40}}?)[.!]?$",
    re.IGNORECASE,
)
LONGEST = 400


def whole(parts: Iterable[str]) -> list[str]:
    """What commas parted, each year with its day again: `May 3`, `2024` is `May 3, 2024`."""
    pieces: list[str] = []
    for part in map(str.strip, parts):
        if pieces and YEAR.fullmatch(part) and DAY_BEFORE.search(pieces[-1]):
            pieces[-1] += f", {part}"
        else:
            pieces.append(part)
    return pieces


def is_vague(said: str) -> bool:
    """Whether a text is a time and no day: `Q3`, `end of April`, `next sprint`."""
    return bool(VAGUE.fullmatch(said))


def is_month(said: str) -> bool:
    """Whether a text is a month of a year. It may be that of a release, too: `Ubuntu, April 2026`."""
    return bool(MONTH.fullmatch(said))


def at_end(line: str) -> tuple[str, str]:
    """What is said to be the day at the end of a line, and the line: without a sign that says nothing else.

    Two empty texts where nothing is.
    """
    if match := SIGNED_DAY.search(line):
        return match["said"], f"{line[: match.start()]}{line[match.end() :]}".strip()
    match = UNTIL.search(line, max(0, len(line) - LONGEST))
    return (match["said"], line) if match else ("", "")


def without_signs(line: str) -> str:
    """A line without the days with signs that end it."""
    match = SIGNED_DAYS.search(line)
    return line[: match.start()] if match else line
