"""Notes as entries: into which section one goes, where there, and with which time as written. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from postmortems.capture import note_times
from postmortems.document.markdown import parser, section_roles, timeline
from postmortems.document.markdown.tokens import with_headings_below
from postmortems.document.model import ENTRY_KINDS, Block, Document, Entry, Section
from postmortems.document.text import joined, lines_of
from postmortems.document.times import timeline_times, zones
from postmortems.document.times.timeline_times import Reading
from postmortems.errors import Invalid, Problem
from postmortems.incidents import validation

HEADING = "Timeline"
HASHES = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S.*)$")
# A new timeline stands before the first section of these roles, as in a new postmortem.
BEHIND = ("conclusion", "contributing_factors", "lessons", "action_items")
LONGEST_TEXT, LONGEST_TITLE = 20_000, 500
# How many entries are looked at for how times are written.
NEAR = 5
# Somebody who notes in an incident that is longer over, with a clock alone, means its day and not today.
UNDER_WAY = timedelta(days=2)

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be noted. `at` is when it was, in somebody's words; now, where it is ""."""

    text: str
    title: str = ""
    kind: str = ""
    at: str = ""


def appended(document: Document, note: Note, now: datetime) -> tuple[Document, Place]:
    """The document with the note as an entry, and its place: section, block. Raises `Invalid`.

    It goes into the timeline, behind the last entry that is not later, its time written as theirs are; a
    document without a timeline gets one.
    """
    entry = _entry(note)
    document, number = _with_timeline(document)
    section = document.sections[number]
    readings = _readings(document, number)
    zone = _zones(document, number)
    day = _day_if_over(document, readings, now)
    wanted = note_times.moment(note.at.strip(), now, zone[0] if zone else UTC, day)
    last = max((at for at, block in enumerate(section.blocks) if isinstance(block, Entry)), default=None)
    end = len(section.blocks) if last is None else last + 1
    if wanted is None:
        return _with(document, (number, end), replace(entry, written=note.at.strip())), (number, end)
    place = _place(section.blocks, readings, end, wanted)
    notations = list(note_times.notations(wanted, _like(section.blocks, readings, place), zone))
    return _timed(document, number, [place, end], entry, notations, wanted)


def _day_if_over(document: Document, readings: Sequence[Reading], now: datetime) -> date | None:
    """The incident's day, if neither it nor any entry is of the last days: whoever notes now looks back."""
    day = timeline_times.incident_date(document)
    told = [reading.at.date() for reading in readings if reading.at]
    return day if day and max([day, *told]) < now.date() - UNDER_WAY else None


def _like(blocks: Sequence[Block], readings: Sequence[Reading], place: int) -> list[tuple[str, datetime]]:
    """The entries around, as written and as read: those above the place first, the nearest of them first."""
    timed = [
        (at, block.written, reading.at)
        for at, (block, reading) in enumerate(zip(blocks, readings, strict=True))
        if isinstance(block, Entry) and reading.at and reading.precision != "day"
    ]
    nearest = sorted(timed, key=lambda each: (each[0] >= place, abs(each[0] - place)))
    return [(written, at) for _, written, at in nearest[:NEAR]]


def _timed(
    document: Document, number: int, places: list[int], entry: Entry, notations: list[str], wanted: datetime
) -> tuple[Document, Place]:
    """The first notation in which the new entry reads as wanted, and all others as they did."""
    before = timeline_times.read_entries(document)
    at = sum(len(section.entries) for section in document.sections[:number])
    for place in dict.fromkeys(places):
        earlier = sum(isinstance(block, Entry) for block in document.sections[number].blocks[:place])
        for written in dict.fromkeys(notations):
            made = _with(document, (number, place), replace(entry, written=written))
            after = list(timeline_times.read_entries(made))
            own = after.pop(at + earlier)
            if _is_at(own, wanted) and [each.instant for each in after] == [each.instant for each in before]:
                return made, (number, place)
    made = _with(document, (number, places[-1]), replace(entry, written=notations[-1]))
    return made, (number, places[-1])


def _is_at(reading: Reading, wanted: datetime) -> bool:
    return reading.instant is not None and timedelta() <= wanted - reading.instant < timedelta(minutes=1)


def _entry(note: Note) -> Entry:
    """The note as the one entry that it is in Markdown. Raises `Invalid`."""
    problems = []
    for name in ("text", "title"):
        if validation.UNSTORABLE.search(getattr(note, name)):
            problems.append(Problem(f"/{name}", "holds a character that cannot be stored"))
    if not (note.text.strip() or note.title.strip()):
        problems.append(Problem("/text", "is empty: write what happened"))
    for name, most in (("text", LONGEST_TEXT), ("title", LONGEST_TITLE)):
        if len(getattr(note, name)) > most:
            problems.append(Problem(f"/{name}", f"has more than {most:,} characters"))
    if note.kind and note.kind not in ENTRY_KINDS:
        problems.append(Problem("/kind", f"is none of {', '.join(ENTRY_KINDS)}"))
    if problems:
        raise Invalid(problems)
    text = with_headings_below(timeline.ENTRY_LEVEL, lines_of(note.text))
    # A heading that is a time begins an entry, however deep it is.
    for lines in (text, [HASHES.sub(r"**\1**", line) for line in text]):
        entry = Entry("12:00", joined(lines), " ".join(note.title.split()), note.kind)
        if read := _alone(entry):
            return read
    raise Invalid(
        "would be read as more than one entry: leave out what begins a section or an entry", "/text"
    )


def _alone(entry: Entry) -> Entry | None:
    """The entry as it is read again; None where it is not the same one."""
    read = parser.normal(Document(sections=(Section(HEADING, (entry,)),)))
    blocks = [block for section in read.sections for block in section.blocks]
    found = blocks[0] if len(read.sections) == 1 and len(blocks) == 1 else None
    if isinstance(found, Entry) and (found.written, found.kind) == (entry.written, entry.kind):
        return found
    return None


def _with_timeline(document: Document) -> tuple[Document, int]:
    """The document with a timeline, and which of its sections that is."""
    roles = [section_roles.role(section) for section in document.sections]
    named = [at for at, section in enumerate(document.sections) if _is_timeline(section, roles[at])]
    with_entries = [at for at in named if document.sections[at].entries]
    if with_entries or named:
        return document, (with_entries or named)[-1]
    at = next((at for at, role in enumerate(roles) if role in BEHIND), len(roles))
    sections = (*document.sections[:at], Section(HEADING), *document.sections[at:])
    return replace(document, sections=sections), at


def _is_timeline(section: Section, role: str) -> bool:
    return role == "timeline" or section_roles.promised(section.heading) == "timeline"


def _readings(document: Document, number: int) -> list[Reading]:
    """A reading for each block of the section; an empty one for what is no entry."""
    found = iter(timeline_times.read_entries(document))
    all_of = [
        [next(found) if isinstance(b, Entry) else Reading() for b in s.blocks] for s in document.sections
    ]
    return all_of[number]


def _zones(document: Document, number: int) -> list[tzinfo]:
    """The zones in which times may be meant at the section's end, the likeliest first."""
    end = (number, len(document.sections[number].blocks))
    probed = _readings(_with(document, end, Entry("12:00")), number)[-1].zone
    found = [zones.known(words) for words in (document.timezone, probed) if words]
    return [zone for zone in found if zone is not None]


def _place(blocks: Sequence[Block], readings: Sequence[Reading], end: int, wanted: datetime) -> int:
    """Behind the last entry that is not later."""
    while end and isinstance(blocks[end - 1], Entry):
        instant = readings[end - 1].instant
        if instant is None or instant <= wanted:
            break
        end -= 1
    return end


def _with(document: Document, place: Place, entry: Entry) -> Document:
    number, at = place
    section = document.sections[number]
    blocks = (*section.blocks[:at], entry, *section.blocks[at:])
    sections = list(document.sections)
    sections[number] = replace(section, blocks=blocks)
    return replace(document, sections=tuple(sections))
