"""Strict booleans for schemas: `true` and `false` only, for "no" or 1 may mean something else."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields


class StrictBoolean(fields.Boolean):
    """A boolean in JSON or YAML; `fields.Boolean` stays for queries, where everything is text."""

    def _deserialize(self, value: object, attr: str | None, data: Any, **_: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ValidationError("write true or false, without quotes")
