"""A guard kind's configuration as a form and as JSON Schema, and a posted form as configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, missing, validate

from postmortems.guards.kind import Kind
from postmortems.guards.probing import result

# What is not text in JSON.
JSON_TYPES = {"number": "integer", "decimal": "number", "checkbox": "boolean"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `input`: text, long (of several lines), number, decimal, date, select, checkbox,
    or lines (one value each).

    A probe result may also hold pairs (`name: value`, one a line) and yaml. For lines and pairs, `of` says
    what each value is: text, number, date or checkbox (yes or no).
    """

    name: str
    label: str
    help: str
    input: str
    of: str = ""
    required: bool = False
    default: Any = None
    example: Any = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None


def fields_of(kind: Kind) -> list[Field]:
    """The fields of the kind's configuration, in the order of its schema."""
    return described(kind.Config())


def observed_of(kind: Kind) -> list[Field]:
    """The fields of what a probe of this kind returns, its own first."""
    several = described(kind.Observed())
    silences = len(result.Observed().fields)
    return [*several[silences:], *several[:silences]]


def described(schema: Schema) -> list[Field]:
    """The fields of a schema whose fields have `label` and `description`, in its order."""
    return [_described(name, field) for name, field in schema.fields.items()]


def shown(kind: Kind, config: Mapping[str, Any]) -> dict[str, str]:
    """A configuration as the texts that the form's inputs hold; a ticked box holds "on"."""
    filled = kind.filled(config)
    return {field.name: _as_text(field, filled.get(field.name, missing)) for field in fields_of(kind)}


def from_form(kind: Kind, posted: Mapping[str, str]) -> dict[str, Any]:
    """The raw configuration in a posted form, to be checked by `kind.configured`; empty inputs are left out.

    What should be a number and is none stays text, so that checking it says so at its field.
    """
    config: dict[str, Any] = {}
    for field in fields_of(kind):
        text = posted.get(field.name, "").strip()
        if field.input == "checkbox":
            config[field.name] = bool(text)
        elif field.input == "lines":
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            # A list that was emptied is not the same as one that nobody was asked about.
            if lines or (field.default and field.name in posted):
                config[field.name] = [_number(line) if field.of == "number" else line for line in lines]
        elif text:
            config[field.name] = _number(text) if field.input == "number" else text
    return config


def json_schema(kind: Kind) -> dict[str, Any]:
    """The configuration's JSON Schema (2020-12)."""
    described = fields_of(kind)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.label,
        "description": f"Passes when {kind.passes_when}.",
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in described if field.required],
        "properties": {field.name: _property(field) for field in described},
    }


def _described(name: str, field: fields.Field[Any]) -> Field:
    inner = field.inner if isinstance(field, fields.List) else None
    value = field.value_field if isinstance(field, fields.Dict) else None
    each = inner or value
    choices = next((tuple(rule.choices) for rule in field.validators if isinstance(rule, validate.OneOf)), ())
    bounds = next((rule for rule in field.validators if isinstance(rule, validate.Range)), None)
    is_number = isinstance(field, fields.Integer) and bounds is not None
    return Field(
        name=name,
        label=field.metadata["label"],
        help=field.metadata["description"],
        input="lines" if inner else "pairs" if value else "select" if choices else _input(field),
        of=_input(each) if each else "",
        required=field.required,
        default=_default(field),
        example=field.metadata.get("example"),
        choices=choices,
        minimum=bounds.min if bounds and is_number else None,
        maximum=bounds.max if bounds and is_number else None,
    )


def _input(field: fields.Field[Any]) -> str:
    if isinstance(field, fields.Boolean):
        return "checkbox"
    if isinstance(field, fields.Integer):
        return "number"
    if isinstance(field, fields.Float):
        return "decimal"
    if type(field) is fields.Raw:
        return "yaml"
    if isinstance(field, fields.Date):
        return "date"
    return "long" if field.metadata.get("is_long") else "text"


def _default(field: fields.Field[Any]) -> Any:
    default: Any | Callable[[], Any] = field.load_default
    if default is missing:
        return None
    return default() if callable(default) else default


def _property(field: Field) -> dict[str, Any]:
    shape: dict[str, Any] = {"title": field.label, "description": field.help}
    if field.input == "lines":
        shape |= {"type": "array", "items": _typed(field.of)}
    else:
        shape |= _typed(field.input)
    if not field.required and field.default is None:
        shape["type"] = [shape["type"], "null"]
    choices: list[str | None] = list(field.choices)
    if choices and not field.required and field.default is None:
        choices.append(None)
    extras = {"enum": choices, "minimum": field.minimum, "maximum": field.maximum}
    shape |= {name: value for name, value in extras.items() if value not in (None, [])}
    if not field.required:
        shape["default"] = field.default
    return shape | ({"examples": [field.example]} if field.example is not None else {})


def _typed(kind: str) -> dict[str, Any]:
    return {"type": JSON_TYPES.get(kind, "string")} | ({"format": "date"} if kind == "date" else {})


def _as_text(field: Field, value: Any) -> str:
    if value is missing or value is None:
        return ""
    if field.input == "checkbox":
        return "on" if value else ""
    return "\n".join(str(each) for each in value) if field.input == "lines" else str(value)


def _number(text: str) -> int | str:
    try:
        return int(text[:20])
    except ValueError:
        return text
