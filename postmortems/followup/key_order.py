"""Lists of items in the order of a column's own value, such as who owns them, and then of their number.

Where few items are let through, these are sorted. Where there are many, a page of them is soon found by going
through the index of the column; a column without one is sorted as long as there are few. What is sought and
many have is asked of the entries of the rows that are met: all that have it are never gathered for a page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from sqlalchemy import ColumnElement, Select, case, false, func, literal, select, tuple_

from postmortems.accounts.teams.models import Team
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.followup import due_order, sought
from postmortems.followup.conditions import conditions
from postmortems.followup.filters import Filters
from postmortems.followup.sorts import UNINDEXED, Sort
from postmortems.incidents import page_keys
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Incident
from postmortems.search import queries as search

# So many are sorted at most.
MOST_SORTED = 5_000
# Letters of a text by which it is put in order.
SORTED_LETTERS = 60


class Placed(NamedTuple):
    """What an item is found by: its row's key, and its place in the order, as text."""

    id: int
    place: str


@dataclass(frozen=True, slots=True)
class Key:
    """What a column is put in order by, before the item's number; `read` is how a place states each."""

    columns: tuple[ColumnElement[Any], ...]
    read: tuple[Callable[[str], Any], ...] = ()
    # The youngest have the latest day.
    is_turned: bool = False


def _instant(said: str) -> datetime:
    instant = datetime.fromisoformat(said)
    if instant.tzinfo is None:
        raise ValueError(said)
    return instant


@cache
def _keys() -> dict[str, Key]:
    small_text = func.lower(func.substr(ActionItem.text, 1, SORTED_LETTERS))
    return {
        "age": Key((ActionItem.opened_at.expression,), (_instant,), is_turned=True),
        "owner": Key((ActionItem.owner_key.expression,), (str,)),
        "incident": Key((Incident.occurred_on.expression, Incident.id.expression), (date.fromisoformat, int)),
        "id": Key(()),
        "text": Key((small_text,), (str,)),
    }


def _key(sort: Sort) -> Key:
    if sort.name != "team":
        return _keys()[sort.name]
    # As a page of the item calls the team that answers for it, else as it is written; none last.
    called = select(Team.name_key).where(Team.id == item_teams.team_id()).correlate(ActionItem)
    name = func.coalesce(called.scalar_subquery(), func.lower(ActionItem.team))
    lacks, has = (0, 1) if sort.is_descending else (1, 0)
    return Key((case((name == "", lacks), else_=has), name), (int, str))


Asked = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Order:
    """Rows in the order of a sort: the id, what they are put in order by, and the day of their entry."""

    key: Key
    sort: Sort

    def sorted(self, asked: Asked, behind: tuple[Any, ...], limit: int) -> Sequence[Any]:
        """The first of those that are let through, which are few: they are found and sorted."""
        # A limit within keeps the planner from going through the index of the column after all.
        found = self._rows().where(*asked).limit(MOST_SORTED).subquery()
        return self._first(select(found), tuple(found.c)[1:-1], behind, limit)

    def passed(self, asked: Asked, behind: tuple[Any, ...], limit: int) -> Sequence[Any]:
        """The first of many: asked of each row on the way, in the index of the column."""
        # By no other index, which would have all of them sorted.
        on_the_way = [func.coalesce(condition, false()) for condition in asked]
        columns = (*self.key.columns, ActionItem.number)
        return self._first(self._rows().where(*on_the_way), columns, behind, limit)

    def _rows(self) -> Select[Any]:
        rows = select(ActionItem.id, *self.key.columns, ActionItem.number, ActionItem.opened_at.label("day"))
        is_by_incident = self.sort.name == "incident"
        return rows.join(Incident, Incident.id == ActionItem.incident_id) if is_by_incident else rows

    def _first(
        self, rows: Select[Any], columns: tuple[Any, ...], behind: tuple[Any, ...], limit: int
    ) -> Sequence[Any]:
        is_down = self.sort.is_descending != self.key.is_turned
        if behind:
            ours, theirs = tuple_(*columns), tuple_(*behind)
            rows = rows.where(ours < theirs if is_down else ours > theirs)
            # Said once more of the first alone: no index has columns of two tables.
            rows = rows.where(columns[0] <= behind[0] if is_down else columns[0] >= behind[0])
        ordered = rows.order_by(*(column.desc() if is_down else column for column in columns))
        return session().execute(ordered.limit(limit)).all()


def first(filters: Filters, sort: Sort, after: str, limit: int, today: date) -> list[Placed]:
    """The first items behind the place `after`. Raises `Invalid` at `/after`, and at `/sort` for too many."""
    order = Order(_key(sort), sort)
    behind = _values(after, order.key) if after else ()
    is_needed = sort.name in UNINDEXED
    found = None
    if search.are_many("item", sought.asked(filters), MOST_SORTED):
        found = _of_many_sought(order, filters, behind, limit, today)
    if found is None:
        asked = [*due_order.few(filters, today), *conditions(filters, today)]
        are_few = _are_few(asked, is_needed=is_needed)
        found = order.sorted(asked, behind, limit) if are_few else order.passed(asked, behind, limit)
    return [_placed(row) for row in found]


def _of_many_sought(
    order: Order, filters: Filters, behind: tuple[Any, ...], limit: int, today: date
) -> Sequence[Any] | None:
    """The first that have what is sought, told by the entries of few rows; None where these do not tell.

    The rows are those that the other filters let through, where these are few, or else the next in order.
    """
    rest = replace(filters, q="", tag="")
    asked = [*due_order.few(rest, today), *conditions(rest, today)]
    if asked and _are_few(asked, is_needed=False):
        return sought.having(filters, order.sorted(asked, behind, MOST_SORTED), limit)
    if order.sort.name in UNINDEXED:
        return None
    found = list[Any]()
    for step in due_order.LOOKED_THROUGH:
        rows = order.passed(asked, behind, step * limit)
        found += sought.having(filters, rows, limit - len(found))
        if len(found) >= limit or len(rows) < step * limit:
            return found
        behind = tuple(rows[-1][1:-1])
    return None


def _are_few(asked: Asked, *, is_needed: bool) -> bool:
    if not asked and not is_needed:
        return False
    some = select(literal(1)).select_from(ActionItem).where(*asked).limit(MOST_SORTED + 1)
    count = session().scalar(select(func.count()).select_from(some.subquery())) or 0
    if count > MOST_SORTED and is_needed:
        raise Invalid(
            f"puts {MOST_SORTED:,} items in order at most, and the filters let through more: narrow them, or "
            "sort by another column",
            "/sort",
        )
    return count <= MOST_SORTED


def _placed(row: Any) -> Placed:
    parts = (value.isoformat() if isinstance(value, date) else str(value) for value in row[1:-1])
    return Placed(row[0], page_keys.key(*(quote(part, safe=" :+@") for part in parts)))


def _values(after: str, key: Key) -> tuple[Any, ...]:
    """What a place states: the values of the columns, and the number."""
    parts = after.rsplit("~", len(key.columns))
    number = parts[-1]
    try:
        if len(parts) != len(key.columns) + 1 or not number.isdecimal() or len(number) > 18:
            raise ValueError(after)
        values = [read(unquote(part)) for read, part in zip(key.read, parts, strict=False)]
    except ValueError:
        raise due_order.no_place() from None
    if any("\0" in value for value in values if isinstance(value, str)) or any(
        value > 2**62 for value in values if isinstance(value, int)
    ):
        raise due_order.no_place()
    return (*values, int(number))
