"""A Document to plain JSON and back: the form that API and editor share.

What can be worked out (roles, instants, warnings) is given and, when it comes back, ignored. Everything else
is checked, and all that is wrong is told at once, each with a JSON pointer to its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date as Date
from typing import Any

from postmortems.document import model
from postmortems.document.json_form import fields, members
from postmortems.document.json_form.fields import Json, Wrong
from postmortems.document.markdown import section_roles
from postmortems.document.model import Document, Entry, Section
from postmortems.document.times.timeline_times import Reading
from postmortems.errors import Invalid, Problem

# By class of block, its type and what it says.
SAID: dict[type[Any], tuple[str, tuple[str, ...]]] = {
    make: (kind, tuple(name for name, member in own.items() if member.shape is None))
    for kind, (make, own, _) in members.BLOCKS.items()
    if isinstance(make, type)
}


def to_json(document: Document, readings: Sequence[Reading] | None = None) -> Json:
    """The document; with `readings`, one per entry in order, what its times were read as."""
    given = iter(readings) if readings is not None else None
    sections = [_section_json(section, given) for section in document.sections]
    return {name: _plain(getattr(document, name)) for name in members.DOCUMENT} | {"sections": sections}


def _section_json(section: Section, readings: Iterator[Reading] | None) -> Json:
    return {
        "id": section.id,
        "heading": section.heading,
        "role": section_roles.role(section),
        "blocks": [_block_json(block, readings) for block in section.blocks],
    }


def _block_json(block: model.Block, readings: Iterator[Reading] | None) -> Json:
    kind, names = SAID[type(block)]
    said: Json = {"type": kind}
    for name in names:
        value = getattr(block, name)
        said[name] = value if type(value) is str else _plain(value)
    return said if readings is None or not isinstance(block, Entry) else said | _reading_json(next(readings))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, Date) else value


def _reading_json(reading: Reading) -> Json:
    is_day = reading.precision == "day"
    at = reading.at.date() if reading.at and is_day else reading.at
    return {
        "at": at.isoformat() if at else None,
        "until": reading.until.isoformat() if reading.until else None,
        "precision": reading.precision,
        "approximate": reading.approximate,
        "zone": reading.zone,
        "instant": f"{reading.instant:%Y-%m-%dT%H:%M:%SZ}" if reading.instant else None,
        "warnings": list(reading.warnings),
    }


def from_json(value: Any) -> Document:
    """The document that a JSON value describes. Raises `Invalid` with every problem there is."""
    try:
        loaded = fields.fields(value, members.DOCUMENT)
        if sum(len(section.blocks) for section in loaded.get("sections", ())) > members.MOST_BLOCKS:
            raise Wrong(Problem("/sections", f"more than {members.MOST_BLOCKS:,} blocks"))
    except Wrong as wrong:
        raise Invalid(wrong.problems) from None
    return Document(**loaded)
