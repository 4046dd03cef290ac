"""A tool: its name and words, the schema of its arguments, the permission it takes, and what it does."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, ValidationError, fields

from postmortems.actor import Actor
from postmortems.errors import Invalid, Problem
from postmortems.incidents.validation import UNSTORABLE
from postmortems.vault.runtime import Runtime

Fields = dict[str, Any]

CANNOT_BE_STORED = "holds a character that cannot be stored"
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, with what the process reaches the outside."""

    actor: Actor
    runtime: Runtime

    @property
    def url(self) -> str:
        """The address under which people reach this server."""
        return self.runtime.settings.url


@dataclass(frozen=True, slots=True)
class Tool:
    """Something an assistant can have done.

    `act` is what the table of permissions calls it. `unit`: `reads` and `writes` run in a unit of work that
    the toolbox opens, `own` opens its own.
    """

    name: str
    title: str
    description: str
    arguments: type[Schema]
    act: str
    run: Callable[[Fields, Caller], Fields]
    unit: str = "reads"

    @property
    def writes(self) -> bool:
        return self.unit == "writes"

    def described(self) -> Fields:
        """The tool as `tools/list` tells of it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": shape(self.arguments),
            "annotations": {
                "readOnlyHint": not self.writes,
                "destructiveHint": False,
                "idempotentHint": not self.writes,
                "openWorldHint": False,
            },
        }

    def load(self, sent: object) -> Fields:
        """The arguments that were sent. Raises `Invalid` with each that is not known or is wrong."""
        if not isinstance(sent, Mapping):
            raise Invalid("the arguments must be an object")
        schema = self.arguments()
        if unknown := [name for name in sent if name not in schema.fields]:
            missing = [name for name, field in schema.fields.items() if field.required and name not in sent]
            raise Invalid(_unknown(str(name), schema.fields, missing) for name in unknown)
        if unstorable := [name for name in sent if any(map(UNSTORABLE.search, _texts(sent[name])))]:
            raise Invalid(
                [Problem(f"/{name}", "holds a character that cannot be stored") for name in unstorable]
            )
        try:
            loaded: Fields = schema.load(sent)
        except ValidationError as wrong:
            raise Invalid(list(_problems(wrong.messages))) from None
        return loaded


def _unknown(name: str, known: Mapping[str, Any], missing: list[str]) -> Problem:
    """What is wrong about a name, and what was probably meant: first of all what the tool needs."""
    short = name[:LONGEST_NAME]
    near = difflib.get_close_matches(short, missing, 1) or difflib.get_close_matches(short, known, 1)
    meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
    needed = f" It needs {', '.join(missing)}." if missing and near != missing else ""
    return Problem(f"/{short}", f"is no argument of this tool; {meant}{needed}")


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from (str(name), *_texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _problems(messages: Any, pointer: str = "") -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _problems(inner, pointer if name == "_schema" else f"{pointer}/{name}")
    elif isinstance(messages, list):
        for inner in messages:
            yield from _problems(inner, pointer)
    else:
        yield Problem(pointer, str(messages))


@cache
def shape(arguments: type[Schema]) -> Fields:
    """The JSON Schema (2020-12) of the arguments, with nothing but them let through."""
    # A schema of every nested one, not of a component: nobody resolves references here.
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: "")
    APISpec("arguments", "1", "3.1.0", plugins=[plugin])
    converter = plugin.converter
    assert converter is not None
    made = converter.schema2jsonschema(arguments())  # type: ignore[no-untyped-call]
    closed: Fields = _closed({"type": "object", "properties": {}} | made)
    return closed


def _closed(made: Any) -> Any:
    if isinstance(made, list):
        return [_closed(each) for each in made]
    if not isinstance(made, dict):
        return made
    inner = {name: _closed(each) for name, each in made.items()}
    return inner | ({"additionalProperties": False} if "properties" in inner else {})


class Text(fields.String):
    """Words, not a number that is taken for some."""

    def _deserialize(self, value: object, *rest: Any, **options: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("write text, in quotes")
        return str(super()._deserialize(value, *rest, **options))
