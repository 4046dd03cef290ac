"""Fields of schemas for what people and programs send: strict ones, and words that say what to write."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields


class StrictBoolean(fields.Boolean):
    """A boolean in JSON or YAML: `true` and `false` only, for "no" or 1 may mean something else.

    `fields.Boolean` stays for queries, where everything is text.
    """

    def _deserialize(self, value: object, attr: str | None, data: Any, **_: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ValidationError("write true or false, without quotes")


class Day(fields.Date):
    """A day that is sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages={"invalid": "is no date; write it as 2018-01-25"}, **options)


class AnyOf(fields.String):
    """One or more values by comma; `any` says all of them, as leaving the field out does."""

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> str:
        said: str = super()._deserialize(value, attr, data, **more)
        return "" if said == "any" else said
