"""Strict booleans for schemas: `true` and `false` only, for "no" or 1 may mean something else."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields


def strict(schema: Schema) -> Schema:
    """The schema, whose booleans take no word and no number for one, however deep they stand."""
    _tighten(schema, set())
    return schema


def _tighten(schema: Schema, known: set[int]) -> None:
    if id(schema) in known:
        return
    known.add(id(schema))
    for field in schema.fields.values():
        _field(field, known)


def _field(field: fields.Field[Any], known: set[int]) -> None:
    if isinstance(field, fields.Boolean) and _is_boolean not in field.pre_load:
        field.pre_load = [_is_boolean, *field.pre_load]
    elif isinstance(field, fields.Nested):
        _tighten(field.schema, known)
    elif isinstance(field, fields.List):
        _field(field.inner, known)
    elif isinstance(field, fields.Dict) and field.value_field is not None:
        _field(field.value_field, known)


def _is_boolean(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    raise ValidationError("write true or false, without quotes")
