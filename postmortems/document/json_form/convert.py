"""A Document to plain JSON and back: the form that API and editor share.

What can be worked out (roles, instants, warnings) is given and, when it comes back, ignored. Everything else
is checked, and all that is wrong is told at once, each with a JSON pointer to its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from postmortems.document import model
from postmortems.document.json_form import fields as json_form_fields
from postmortems.document.json_form.fields import Load, Wrong
from postmortems.document.markdown import front_matter, section_roles
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.document.times.timeline_times import Reading
from postmortems.errors import Invalid, Problem

Json = dict[str, Any]

LONGEST_TITLE, MOST_BLOCKS, MOST_SECTIONS = 500, 2_000, 500
WORKED_OUT = ("at", "until", "precision", "approximate", "zone", "instant", "warnings")


def to_json(document: Document, readings: Sequence[Reading] | None = None) -> Json:
    """The document; with `readings`, one per entry in order, what its times were read as."""
    given = iter(readings) if readings is not None else None
    return {
        "title": document.title,
        "date": document.date.isoformat() if document.date else None,
        "timezone": document.timezone,
        "severity": document.severity,
        "status": document.status,
        "recurrence_of": document.recurrence_of,
        "services": list(document.services),
        "tags": list(document.tags),
        "restricted": list(document.restricted),
        "extra": [list(pair) for pair in document.extra],
        "heading": document.heading,
        "sections": [
            {
                "heading": section.heading,
                "role": section_roles.role(section),
                "blocks": [_block_json(block, given) for block in section.blocks],
            }
            for section in document.sections
        ],
    }


def _block_json(block: model.Block, readings: Iterator[Reading] | None) -> Json:
    if isinstance(block, Prose):
        return {"type": "prose", "text": block.text}
    if isinstance(block, Category):
        return {"type": "category", "heading": block.heading}
    if isinstance(block, Item):
        said = {name: getattr(block, name) for name in ITEM}
        said |= {name: list(value) for name, value in said.items() if isinstance(value, tuple)}
        return {"type": "item"} | said | {"due": block.due.isoformat() if block.due else None}
    said = {name: getattr(block, name) for name in ENTRY}
    return {"type": "entry"} | said | (_reading_json(next(readings)) if readings is not None else {})


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
        fields = json_form_fields.fields(value, DOCUMENT)
        sections = fields.get("sections", ())
        if sum(len(section.blocks) for section in sections) > MOST_BLOCKS:
            raise Wrong(Problem("/sections", f"more than {MOST_BLOCKS:,} blocks"))
    except Wrong as wrong:
        raise Invalid(wrong.problems) from None
    return Document(**fields)


def pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong.here("must be a list of a key and its YAML")
    key, raw = json_form_fields.each(
        [("0", value[0], json_form_fields.line), ("1", value[1], json_form_fields.raw)]
    )
    if not front_matter.is_kept(key, raw):
        raise Wrong.here("is not a key of front matter with its value")
    return key, raw


def block(value: Any) -> model.Block:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in BLOCKS:
        raise Wrong(Problem("/type", f"must be one of {', '.join(BLOCKS)}"))
    make, loads, needed = BLOCKS[kind]
    fields = json_form_fields.fields(value, loads | {"type": json_form_fields.ignored})
    if needed not in fields:
        raise Wrong(Problem(f"/{needed}", "is missing"))
    made: model.Block = make(**fields)
    return made


def section(value: Any) -> Section:
    fields = json_form_fields.fields(value, SECTION)
    return Section(fields.get("heading", ""), fields.get("blocks", ()))


ENTRY: dict[str, Load] = {
    "written": json_form_fields.line,
    "title": json_form_fields.line,
    "text": json_form_fields.text,
    "kind": partial(json_form_fields.choice, values=model.ENTRY_KINDS),
}
ITEM: dict[str, Load] = {
    "text": json_form_fields.text,
    "id": json_form_fields.identifier,
    "kind": partial(json_form_fields.choice, values=model.ITEM_KINDS),
    "owner": json_form_fields.line,
    "team": json_form_fields.line,
    "due": json_form_fields.day,
    "priority": partial(json_form_fields.choice, values=model.PRIORITIES),
    "status": partial(json_form_fields.choice, values=model.ITEM_STATUSES),
    "reason": json_form_fields.line,
    "done_when": json_form_fields.line,
    "guardability": partial(json_form_fields.choice, values=model.GUARDABILITIES),
    "outcome": json_form_fields.line,
    "tickets": partial(json_form_fields.listed, load=json_form_fields.name),
    "guards": partial(json_form_fields.listed, load=json_form_fields.name),
}
BLOCKS: dict[str, tuple[Callable[..., model.Block], dict[str, Load], str]] = {
    "prose": (Prose, {"text": json_form_fields.text}, "text"),
    "entry": (Entry, ENTRY | dict.fromkeys(WORKED_OUT, json_form_fields.ignored), "written"),
    "category": (Category, {"heading": json_form_fields.name}, "heading"),
    "item": (Item, ITEM, "text"),
}
SECTION: dict[str, Load] = {
    "heading": json_form_fields.line,
    "role": json_form_fields.ignored,
    "blocks": partial(json_form_fields.listed, load=block, most=MOST_BLOCKS),
}
DOCUMENT: dict[str, Load] = {
    "title": partial(json_form_fields.line, most=LONGEST_TITLE),
    "date": json_form_fields.day,
    "timezone": json_form_fields.line,
    "severity": partial(json_form_fields.choice, values=model.SEVERITIES),
    "status": partial(json_form_fields.choice, values=model.DOCUMENT_STATUSES),
    "recurrence_of": json_form_fields.slug,
    "services": partial(json_form_fields.listed, load=json_form_fields.name),
    "tags": partial(json_form_fields.listed, load=json_form_fields.name),
    "restricted": partial(json_form_fields.listed, load=json_form_fields.name),
    "extra": partial(json_form_fields.listed, load=pair),
    "heading": json_form_fields.line,
    "sections": partial(json_form_fields.listed, load=section, most=MOST_SECTIONS),
}
