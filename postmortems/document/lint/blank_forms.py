"""Blank forms: whether a text is a postmortem template that nobody has filled in. Pure.

A report may keep some words of its template. So one sign is enough only where nothing is filled in: no day of
the incident and no time that can be read; of a text with those, more signs must say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from postmortems.document.lint import leftovers
from postmortems.document.markdown import action_items
from postmortems.document.model import Document, Prose, Section
from postmortems.document.text import lines_of
from postmortems.document.times import timeline_times

# A title that is only the name of what belongs there.
UNTITLED = re.compile(
    r"(?:\W*(?:the|of|an?|incidents?|issues?|outages?|post-?mortems?|reports?|title|name|number|date|id|templates?|for|here"
    r"|#|brief|short|description)\b|[\W\d_])+",
    re.IGNORECASE,
)
NAMES_A_FORM = re.compile(r"\b(?:title|name|templates?)\b", re.IGNORECASE)
HOLE = re.compile(r"[<{\[][^<>{}\[\]/\n]{2,60}[>}\]](?![(\[:])")
DATE_HOLE = re.compile(r"\b(?:yy)?yy[-/.]mm[-/.]dd\b", re.IGNORECASE)
FILE = re.compile(r"(?:^|[-_. ])template(?:[-_. ]|$)", re.IGNORECASE)
BOX = re.compile(r"^\s*[-*+] \[( |x|X)\] ", re.MULTILINE)
# What a template says where somebody should write: a remark, a question, words that are quoted or leaning.
PROMPT = re.compile(
    r"(?:<!--.*-->|[*_](?![*_]).*[*_]|>.*|.*\?\W*|\W*|\W*" + HOLE.pattern + r"\W*)", re.DOTALL
)
FEWEST_HOLES, FEWEST_SECTIONS = 2, 3


def is_template(document: Document, text: str, name: str = "") -> bool:
    """Whether the document, read from this text of a file of that name, is a form that is still empty."""
    signs = sum(_signs(document, lines_of(text), name))
    return signs >= 2 or (signs == 1 and not _is_filled(document))


def _is_filled(document: Document) -> bool:
    has_times = any(reading.at is not None for reading in timeline_times.read_entries(document))
    return has_times or timeline_times.incident_date(document) is not None


def _signs(document: Document, lines: Sequence[str], name: str) -> Iterator[bool]:
    yield _is_untitled(document.title or document.heading)
    yield bool(FILE.search(PurePosixPath(name).name.partition(".")[0]))
    left = [slip for slip in leftovers.slips(lines, ()) if slip.text == leftovers.PLACEHOLDER]
    yield len(left) >= FEWEST_HOLES and not any(
        reading.at for reading in timeline_times.read_entries(document)
    )
    yield any(map(_is_unticked, document.sections))
    yield len(document.sections) >= FEWEST_SECTIONS and all(map(_is_empty, document.sections))


def _is_untitled(title: str) -> bool:
    """`Incident title`, `[Date]: [Title]`, `Postmortem: {what happened}`: no words of an incident."""
    if DATE_HOLE.search(title) or any(UNTITLED.fullmatch(hole) for hole in HOLE.findall(title)):
        return True
    is_form = bool(HOLE.search(title) or NAMES_A_FORM.search(title))
    return is_form and bool(UNTITLED.fullmatch(HOLE.sub("", title) or "-"))


def _is_unticked(section: Section) -> bool:
    """An author's checklist, of which nothing is done."""
    boxes = [box for block in section.blocks if isinstance(block, Prose) for box in BOX.findall(block.text)]
    open_items = [item for item in section.items if item.status in ("", "open")]
    is_open = len(boxes) == boxes.count(" ") and len(open_items) == len(section.items)
    return bool(action_items.CHECKLIST.search(section.heading)) and bool(boxes or section.items) and is_open


def _is_empty(section: Section) -> bool:
    """Nothing but what asks for words."""
    if any(not isinstance(block, Prose) for block in section.blocks):
        return False
    texts = [block.text for block in section.blocks if isinstance(block, Prose)]
    return all(PROMPT.fullmatch(part) for text in texts for part in text.split("\n\n"))
