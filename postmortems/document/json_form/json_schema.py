"""JSON Schema of a document, derived from the tables by which `convert` reads one.

What it lets through, `convert.from_json` takes, but for two things it cannot say: how many blocks all
sections may have together, and that an `extra` value is YAML. Whatever `convert.to_json` writes, it lets
through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from postmortems.document.json_form import convert, fields
from postmortems.document.json_form.fields import LONGEST_LINE, LONGEST_TEXT, MOST_LISTED, Load
from postmortems.document.markdown import section_roles
from postmortems.document.text import SLUG

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NO_NUL = "^[^\\u0000]*$"
NULLABLE_TEXT = {"type": ["string", "null"]}
# What we work out ourselves; it may come back and says nothing.
WORKED_OUT: dict[str, Json] = {
    "role": {"enum": list(section_roles.ROLES), "description": "what the section is for"},
    "at": NULLABLE_TEXT | {"description": "the local time, or the day alone, that was read from `written`"},
    "until": NULLABLE_TEXT | {"description": "the end, where `written` is a span"},
    "precision": NULLABLE_TEXT | {"description": "day, minute or second; null where nothing was read"},
    "approximate": {"type": "boolean"},
    "zone": {"type": "string", "description": "the zone as somebody stated it"},
    "instant": NULLABLE_TEXT | {"description": "the same moment in UTC, where a zone is known"},
    "warnings": {"type": "array", "items": {"type": "string"}, "description": "what is odd about the time"},
}
DESCRIBED = {
    "written": "the time as its author wrote it",
    "text": "Markdown",
    "id": "given by the service; left out for a new item",
    "date": "the day it happened",
    "extra": "the other keys of the front matter, each with its YAML",
    "heading": "as its author wrote it",
    "services": "what the incident hit: `data8`, or one target of it, `data8/prod`",
    "recurrence_of": "the slug of the earlier incident that this one repeats",
    "restricted": "names of the accounts that alone may see it; empty for everybody",
    "guards": "slugs of the guards that make the item real",
}


def document(address: str, beside: Mapping[str, Json]) -> Json:
    """The schema, known by its `address`; `beside` has what a document may have besides its own members."""
    return {
        "$schema": DIALECT,
        "$id": address,
        "title": "Postmortem",
        **_object(convert.DOCUMENT, beside=beside),
        "$defs": {
            "section": _object(convert.SECTION),
            "block": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in convert.BLOCKS]},
            **{name: _block(name) for name in convert.BLOCKS},
        },
    }


def _object(loads: Mapping[str, Load], beside: Mapping[str, Json] | None = None) -> Json:
    members = {name: _member(name, load) for name, load in loads.items()}
    return {
        "type": "object",
        "properties": members | dict(beside or {}),
        "additionalProperties": False,
    }


def _block(name: str) -> Json:
    _, loads, needed = convert.BLOCKS[name]
    made = _object(loads)
    made["properties"] = {"type": {"const": name}} | made["properties"]
    return made | {"required": ["type", needed]}


def _member(name: str, load: Load) -> Json:
    if load is fields.ignored:
        return WORKED_OUT[name] | {"readOnly": True}
    described = {"description": DESCRIBED[name]} if name in DESCRIBED else {}
    return _value(load) | described


def _value(load: Load) -> Json:
    """What one of the functions that read values lets through."""
    if isinstance(load, partial):
        return VALUES[load.func](**load.keywords)
    return VALUES[load]()


def _text(most: int = LONGEST_TEXT, least: int = 0) -> Json:
    return {"type": "string", "maxLength": most, "pattern": NO_NUL} | ({"minLength": least} if least else {})


def _line(most: int = LONGEST_LINE) -> Json:
    return _text(most)


def _slug() -> Json:
    return {"type": "string", "pattern": f"^({SLUG.pattern})?$"}


def _choice(values: Sequence[str]) -> Json:
    return {"enum": ["", *values]}


def _listed(load: Load, most: int = MOST_LISTED) -> Json:
    return {"type": "array", "maxItems": most, "items": _value(load)}


def _pair() -> Json:
    pair = [_text(LONGEST_LINE), _text()]
    return {"type": "array", "prefixItems": pair, "minItems": 2, "maxItems": 2}


VALUES: dict[Callable[..., Any], Callable[..., Json]] = {
    fields.slug: _slug,
    fields.text: _text,
    fields.line: _line,
    fields.name: partial(_text, LONGEST_LINE, least=1),
    fields.day: lambda: {"type": ["string", "null"], "format": "date"},
    fields.choice: _choice,
    fields.identifier: lambda: {"type": "string", "pattern": "^(AI-[1-9][0-9]*)?$"},
    fields.listed: _listed,
    convert.pair: _pair,
    convert.section: lambda: {"$ref": "#/$defs/section"},
    convert.block: lambda: {"$ref": "#/$defs/block"},
}
