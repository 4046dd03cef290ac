"""JSON Schema of a document, derived from the tables of its members.

What it lets through, `convert.from_json` takes, but for two things it cannot say: how many blocks all
sections may have together, and that an `extra` value is YAML. Whatever `convert.to_json` writes, it lets
through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from postmortems.document.json_form import fields, members
from postmortems.document.json_form.fields import (
    LONGEST_ID,
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_LISTED,
    Json,
    Load,
    Member,
)
from postmortems.document.text import SLUG

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NO_NUL = "^[^\\u0000]*$"


def document(address: str, beside: Mapping[str, Json]) -> Json:
    """The schema, known by its `address`; `beside` has what a document may have besides its own members."""
    return {
        "$schema": DIALECT,
        "$id": address,
        "title": "Postmortem",
        **_object(members.DOCUMENT, beside=beside),
        "$defs": {
            "section": _object(members.SECTION),
            "block": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in members.BLOCKS]},
            **{name: _block(name) for name in members.BLOCKS},
        },
    }


def _object(own: Mapping[str, Member], beside: Mapping[str, Json] | None = None) -> Json:
    return {
        "type": "object",
        "properties": {name: _member(member) for name, member in own.items()} | dict(beside or {}),
        "additionalProperties": False,
    }


def _block(name: str) -> Json:
    _, own, needed = members.BLOCKS[name]
    made = _object(own)
    made["properties"] = {"type": {"const": name}} | made["properties"]
    return made | {"required": ["type", needed]}


def _member(member: Member) -> Json:
    said = {"description": member.description} if member.description else {}
    if member.shape is None:
        return _value(member.load) | said
    return member.shape | said | {"readOnly": True}


def _value(load: Load) -> Json:
    """What one of the functions that read values lets through."""
    if isinstance(load, partial):
        return VALUES[load.func](**load.keywords)
    return VALUES[load]()


def _text(most: int = LONGEST_TEXT, least: int = 0) -> Json:
    return {"type": "string", "maxLength": most, "pattern": NO_NUL} | ({"minLength": least} if least else {})


def _listed(load: Load, most: int = MOST_LISTED) -> Json:
    return {"type": "array", "maxItems": most, "items": _value(load)}


def _pair() -> Json:
    pair = [_text(LONGEST_LINE), _text()]
    return {"type": "array", "prefixItems": pair, "minItems": 2, "maxItems": 2}


VALUES: dict[Callable[..., Any], Callable[..., Json]] = {
    fields.slug: lambda: {"type": "string", "pattern": f"^({SLUG.pattern})?$"},
    fields.text: _text,
    fields.line: partial(_text, most=LONGEST_LINE),
    fields.name: partial(_text, LONGEST_LINE, least=1),
    fields.day: lambda: {"type": ["string", "null"], "format": "date"},
    fields.choice: lambda values: {"enum": ["", *values]},
    fields.identifier: lambda: {"type": "string", "pattern": "^(AI-[1-9][0-9]*)?$"},
    fields.part_id: partial(_text, most=LONGEST_ID),
    fields.listed: _listed,
    members.pair: _pair,
    members.section: lambda: {"$ref": "#/$defs/section"},
    members.block: lambda: {"$ref": "#/$defs/block"},
}
