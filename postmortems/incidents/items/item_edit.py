"""Changes one action item inside its document. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from postmortems.document.model import Document, Item
from postmortems.errors import Invalid, Problem

TEXTS = frozenset(field.name for field in fields(Item)) - {"id", "due", "tickets", "guards", "blocked_by"}


def with_item(document: Document, ref: str, **changes: Any) -> Document:
    """The document with the item's fields changed; ids are unique, so at most one item changes."""
    return document.with_items(lambda item: replace(item, **changes) if item.id == ref else item)


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of an item with the types of its fields. Raises `Invalid` with pointers such as `/due`.

    Vocabularies and lengths are checked when the document is saved.
    """
    values, problems = {}, []
    for name, value in changes.items():
        try:
            values[name] = _field(name, value)
        except ValueError as wrong:
            problems.append(Problem(f"/{name}", str(wrong)))
    if problems:
        raise Invalid(problems)
    return values


def _field(name: str, value: Any) -> Any:
    if name == "due":
        return _day(value)
    if name in {"tickets", "guards"}:
        if isinstance(value, str) or not all(isinstance(one, str) for one in value or ()):
            raise ValueError("write a list of names")
        return tuple(value or ())
    if name not in TEXTS:
        raise ValueError(f"an action item has no field {name} that can be changed")
    if not isinstance(value, str):
        raise ValueError("write text")
    return value


def _day(value: Any) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("write a day such as 2018-02-08") from None
