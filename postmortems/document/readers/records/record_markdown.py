"""Record to Markdown: its own words first, then what happened, what is to be done, and what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date as Date
from datetime import timedelta

from postmortems.document.markdown import (
    front_matter,
    parser,
    section_roles,
    timeline,
    timeline_pieces,
    writer,
)
from postmortems.document.markdown.tokens import blocks, sealed, with_heading_levels, with_headings_below
from postmortems.document.model import Entry, Section
from postmortems.document.readers.records import record as values
from postmortems.document.readers.records.record import Event, Note, Record
from postmortems.document.text import lines_of, one_line, paragraphs, tidy
from postmortems.document.times import incident_dates, prefix

BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
CLOCK = re.compile(r"\b(\d{1,2})[:.](\d{2})\b")
# Whoever writes a time down so long after the incident looks back at it.
LATER = timedelta(days=2)
NO_KEY = re.compile(r"[^\w .-]")
OWN_PARTS = frozenset(("timeline", "action_items"))


def markdown(record: Record) -> str:
    """The record as the Markdown that a report of it would be."""
    body = levelled(record.body)
    reports = [note for note in record.notes if _is_report(note.text)]
    notes = [note for note in record.notes if note not in reports]
    timed = [note for note in notes if is_timed(note.text)]
    stated = (
        incident_dates.incident_date(parser.parse(body)) if body and (timed or record.is_day_vague) else None
    )
    text = paragraphs(
        "\n".join(_front(record, stated)),
        body,
        *(levelled(note.text) for note in reports),
        _timeline(record.events, timed, stated if record.is_day_vague else record.day),
        _items(record),
        _said([note for note in notes if note not in timed]),
    )
    return f"{text}\n"


def _front(record: Record, stated: Date | None) -> list[str]:
    day = _day(record, stated)
    known: list[tuple[str, str | tuple[str, ...]]] = [
        ("title", one_line(record.title)),
        ("date", day.isoformat() if day else ""),
        ("severity", record.severity),
        ("services", record.services),
        ("tags", record.tags),
    ]
    extra: dict[str, str] = {}
    for name, value in record.fields:
        key = _key(name)
        # A company's own field may be called as one of the tool's is.
        key = f"own_{key}" if key in extra else key
        if value and key not in extra:
            extra[key] = front_matter.scalar(one_line(value))
    return front_matter.write([(key, value) for key, value in known if value], list(extra.items()))


def _key(name: str) -> str:
    """A field's name as a key of the front matter that is none of ours."""
    key = NO_KEY.sub("_", one_line(name)) or "field"
    return f"source_{key}" if key in front_matter.KNOWN or not key[0].isalpha() else key


def _day(record: Record, stated: Date | None) -> Date | None:
    """The day of the incident, where the body does not state it: at the latest that of the first entry."""
    if not record.is_day_vague:
        return record.day
    if stated:
        return None
    timed = (values.day(note.at) for note in record.notes if is_timed(note.text))
    return min(filter(None, [record.day, *timed]), default=None)


def levelled(text: str) -> str:
    """Text whose highest headings are sections: those of an issue form are of the third level.

    One heading above all others stays a title, unless it is what a section is called.
    """
    lines = lines_of(tidy(text))
    found = blocks(lines)
    headings = [block for block in found if block.kind == "heading"]
    used = [block.level for block in headings]
    is_alone = used.count(1) == 1
    if is_alone and used[0] == 1 and len(used) > 1 and section_roles.named(headings[0].text) == "other":
        headings, used = headings[1:], used[1:]
    by = 0 if is_alone or not used else 2 - min(used)
    levels = {block.start: max(2, block.level + by) for block in headings}
    return sealed("\n".join(with_heading_levels(lines, found, levels)))


def _is_report(text: str) -> bool:
    """Whether a comment is the report, or a part of it: it has a heading over a timeline or action items."""
    if "#" not in text:
        return False
    named = (section_roles.named(block.text) for block in blocks(lines_of(text)) if block.kind == "heading")
    return bool(OWN_PARTS & set(named))


def is_timed(text: str) -> bool:
    """Whether a text begins with a time of day, as an entry of a timeline does."""
    lines = lines_of(tidy(text))
    return timeline_pieces.begins_with_a_clock(lines[0])


def _timeline(events: Sequence[Event], notes: Sequence[Note], day: Date | None) -> str:
    """What a tool recorded, in the order of time, and behind it the comments that begin with times."""
    ordered = sorted(events, key=lambda event: values.order_of(event.at))
    entries = tuple(
        Entry(values.shown(event.at) if event.at else "?", levelled_below(event.text), one_line(event.title))
        for event in ordered
        if event.text or event.title
    )
    told = "\n\n".join(_by_day(notes, day))
    if not entries:
        return paragraphs("## Timeline", told) if told else ""
    return paragraphs(writer.section(Section("Timeline", entries)), told)


def levelled_below(text: str) -> str:
    """Text of an entry: its headings may not reach out of it."""
    return "\n".join(with_headings_below(timeline.ENTRY_LEVEL, lines_of(tidy(text))))


def _by_day(notes: Sequence[Note], happened: Date | None) -> Iterator[str]:
    """Comments under the days that their times are of."""
    day = None
    for note in sorted(notes, key=lambda note: values.order_of(note.at)):
        meant = _day_meant(note, happened)
        if meant and meant != day:
            day = meant
            yield f"### {day.isoformat()}"
        yield _attributed(sealed(levelled_below(note.text)), note.author)


def _day_meant(note: Note, happened: Date | None) -> Date | None:
    """The day that a comment's time is of: the one on which it was written, if it does not look back.

    It looks back at the day of the incident where it was written days after it, or names a time that was
    still to come when it was written.
    """
    written = values.day(note.at)
    if not (written and happened and happened < written):
        return written
    clock, at = CLOCK.search(note.text), values.instant(note.at)
    is_to_come = clock and at and (int(clock[1]), int(clock[2])) > (at.hour, at.minute)
    return happened if is_to_come or written - happened >= LATER else written


def _attributed(text: str, author: str) -> str:
    """An entry with the name of who wrote it before its words, as a chat has it."""
    first, *rest = text.split("\n")
    bullet = BULLET.match(first)
    mark = bullet.group() if bullet else ""
    stamp = prefix.of_line(first[len(mark) :])
    if stamp is None or not author or not stamp.rest or author.lower() in stamp.rest.lower():
        return text
    return "\n".join([f"{mark}{stamp.written} {author}: {stamp.rest}", *rest])


def _items(record: Record) -> str:
    if not record.items:
        return ""
    return writer.section(Section(record.items_heading, record.items))


def _said(notes: Sequence[Note]) -> str:
    """Comments in their order, each below who wrote it and when."""
    said = []
    for note in sorted(notes, key=lambda note: values.order_of(note.at)):
        when = values.shown(note.at) if note.at else ""
        who = f"**{one_line(note.author)}**" if note.author else ""
        said.append(paragraphs(" ".join(filter(None, [who, f"({when})" if when else ""])), _quiet(note.text)))
    return paragraphs("## Comments", *said) if said else ""


def _quiet(text: str) -> str:
    return sealed("\n".join(with_headings_below(2, lines_of(tidy(text)))))
