"""A report as a value: figures, a table and its picture, with definitions and the rows behind. Pure.

Addresses of rows are paths of this service, such as `/action-items?kind=process`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from postmortems.reports.catalog.scope import Scope

Item = TypeVar("Item")
Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; `name` is its key in JSON."""

    name: str
    label: str
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, and the address of the rows behind it, "" where there are none. None: it cannot be said."""

    value: Value
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number beside the table, with its definition. None: there is nothing to work it out from."""

    name: str
    label: str
    value: int | float | None
    definition: str
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars side by side: for each label a value of each series. `title` and `told` are read out."""

    title: str
    told: str
    series: tuple[str, ...]
    groups: tuple[tuple[str, tuple[int | float, ...]], ...]


def _without(values: tuple[Item, ...], places: Collection[int]) -> tuple[Item, ...]:
    return tuple(value for place, value in enumerate(values) if place not in places)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report, as of an instant. `definition` says in plain words what is counted."""

    name: str
    title: str
    definition: str
    as_of: datetime
    scope: Scope
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    figures: tuple[Figure, ...] = ()
    chart: Bars | None = None
    # What the reader should know besides, such as what could not be worked out.
    notes: tuple[str, ...] = ()

    def without_empty_columns(self) -> Report:
        """The same without columns that count nothing in any row, and a note that names those.

        One column of numbers stays, so that there is a table at all.
        """
        empty = {
            place
            for place, column in enumerate(self.columns)
            if column.is_number and not any(row[place].value for row in self.rows)
        }
        if not self.rows or not empty or sum(column.is_number for column in self.columns) == len(empty):
            return self
        named = ", ".join(column.label for place, column in enumerate(self.columns) if place in empty)
        return replace(
            self,
            columns=_without(self.columns, empty),
            rows=tuple(_without(row, empty) for row in self.rows),
            notes=(*self.notes, f"Not shown, for no row has any: {named}."),
        )

    def undated(self) -> Report:
        """The same without its moment: equal to another that says the same at another time."""
        return replace(self, as_of=datetime.fromtimestamp(0, UTC))
