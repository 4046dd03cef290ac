"""Keyset pagination: pages cost the same wherever they stand in the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select

from postmortems.db.session import session
from postmortems.errors import Invalid

LARGEST = 200
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list; `after` asks for the next ones, and is "" on the last page."""

    rows: list[Row]
    after: str = ""


def fetched(query: Select[Row], limit: int, place: Callable[[Row], str]) -> Page[Row]:
    """A page of what the query finds, in its order; `place` is where a row stands in it."""
    return cut(list(session().scalars(query.limit(most(limit)))), place, limit)


def most(limit: int) -> int:
    """How many rows to ask for, so that `cut` sees whether there are more than are shown."""
    return max(1, min(limit, LARGEST)) + 1


def cut(rows: list[Row], place: Callable[[Row], str], limit: int) -> Page[Row]:
    """A page of the `most` rows that there are."""
    shown = most(limit) - 1
    return Page(rows[:shown], place(rows[shown - 1]) if len(rows) > shown else "")


def key(*parts: object) -> str:
    """A row's place in the list's order, as text for a URL."""
    return "~".join(str(part) for part in parts)


def parts(after: str, count: int) -> list[str]:
    """What `key` put together. Raises `Invalid` at `/after` for anything else."""
    found = after.split("~")
    if len(found) != count or not found[-1].isdecimal() or len(found[-1]) > 18:
        raise Invalid("is no place in this list; take it from the page before", "/after")
    return found
