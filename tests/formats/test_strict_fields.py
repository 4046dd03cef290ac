"""Booleans in JSON: true and false are taken, and nothing that some other program would call so."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from postmortems.formats.strict_fields import StrictBoolean

WRITE = "write true or false, without quotes"


class Inner(Schema):
    is_on = StrictBoolean()


class Outer(Schema):
    is_on = StrictBoolean(load_default=False)
    may_be = StrictBoolean(allow_none=True)
    inner = fields.Nested(Inner)
    several = fields.List(fields.Nested(Inner))
    flags = fields.List(StrictBoolean())
    by_name = fields.Dict(keys=fields.String(), values=StrictBoolean())


SCHEMA = Outer()


@pytest.mark.parametrize("value", [True, False])
def test_true_and_false_are_taken_wherever_they_stand(value: bool) -> None:
    body = {
        "is_on": value,
        "may_be": None,
        "inner": {"is_on": value},
        "several": [{"is_on": value}],
        "flags": [value],
        "by_name": {"a": value},
    }

    assert SCHEMA.load(body) == body
    assert SCHEMA.load({}) == {"is_on": False}


@pytest.mark.parametrize(
    "value", ["yes", "no", "true", "false", "on", "off", "1", "", 1, 0, 1.0, 0.0, [], {}]
)
@pytest.mark.parametrize(
    "body, where",
    [
        (lambda one: {"is_on": one}, ["is_on"]),
        (lambda one: {"may_be": one}, ["may_be"]),
        (lambda one: {"inner": {"is_on": one}}, ["inner", "is_on"]),
        (lambda one: {"several": [{"is_on": one}]}, ["several", 0, "is_on"]),
        (lambda one: {"flags": [True, one]}, ["flags", 1]),
        (lambda one: {"by_name": {"a": one}}, ["by_name", "a", "value"]),
    ],
)
def test_what_is_neither_is_refused_where_it_stands(value: Any, body: Any, where: list[Any]) -> None:
    with pytest.raises(ValidationError) as told:
        SCHEMA.load(body(value))

    found: Any = told.value.messages
    for step in where:
        found = found[step]
    assert found == [WRITE]


def test_null_stays_for_the_field_to_judge() -> None:
    with pytest.raises(ValidationError, match="null"):
        SCHEMA.load({"is_on": None})
