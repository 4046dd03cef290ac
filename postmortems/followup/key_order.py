"""Lists of items in the order of a column's own value, such as who owns them, and then of their number.

Where few items are let through, these are sorted. Where there are many, a page of them is soon found by going
through the index of the column; a column without one is sorted as long as there are few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from sqlalchemy import ColumnElement, Select, Subquery, case, false, func, literal, select, tuple_

from postmortems.accounts.teams.models import Team
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.followup import due_order
from postmortems.followup.conditions import conditions
from postmortems.followup.filters import Filters
from postmortems.followup.sorts import UNINDEXED, Sort
from postmortems.incidents import page_keys
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Incident

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


def first(filters: Filters, sort: Sort, after: str, limit: int, today: date) -> list[Placed]:
    """The first items behind the place `after`. Raises `Invalid` at `/after`, and at `/sort` for too many."""
    key = _key(sort)
    behind = _values(after, key) if after else ()
    rows = select(ActionItem.id, *key.columns, ActionItem.number)
    rows = rows.join(Incident, Incident.id == ActionItem.incident_id) if sort.name == "incident" else rows
    asked = [*due_order.few(filters, today), *conditions(filters, today)]
    if _are_few(asked, is_needed=sort.name in UNINDEXED):
        # A limit within keeps the planner from going through the index of the column after all.
        found = rows.where(*asked).limit(MOST_SORTED).subquery()
        ordered = _ordered(select(found), found, key, behind, sort)
    else:
        # Asked of each row on the way: by no other index, which would have all of them sorted.
        on_the_way = [func.coalesce(condition, false()) for condition in asked]
        ordered = _ordered(rows.where(*on_the_way), None, key, behind, sort)
    return [_placed(row) for row in session().execute(ordered.limit(limit))]


def _are_few(asked: list[ColumnElement[bool]], *, is_needed: bool) -> bool:
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


def _ordered(
    rows: Select[Any], within: Subquery | None, key: Key, behind: tuple[Any, ...], sort: Sort
) -> Select[Any]:
    columns = tuple(within.c)[1:] if within is not None else (*key.columns, ActionItem.number)
    is_down = sort.is_descending != key.is_turned
    if behind:
        ours, theirs = tuple_(*columns), tuple_(*behind)
        rows = rows.where(ours < theirs if is_down else ours > theirs)
        # Said once more of the first alone: no index has columns of two tables.
        rows = rows.where(columns[0] <= behind[0] if is_down else columns[0] >= behind[0])
    return rows.order_by(*(column.desc() if is_down else column for column in columns))


def _placed(row: Any) -> Placed:
    parts = (value.isoformat() if isinstance(value, date) else str(value) for value in row[1:])
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
