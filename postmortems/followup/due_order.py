"""The order of lists of items: by due date, those without one last, read from an index row by row.

Each status, with what else an index begins with, is a branch that its index gives in order: as many rows as
a page shows are taken from each, and put in order together. What only few items have is looked up first, and
those few are sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product, repeat
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, func, select, text, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute

from postmortems.accounts.teams import queries as teams
from postmortems.db.session import session
from postmortems.document.model import ITEM_STATUSES
from postmortems.errors import Invalid
from postmortems.followup import sought
from postmortems.followup.conditions import (
    HAS_PRIORITY,
    PROTECTIONS_OF_ITEMS,
    TICKETS,
    UNGUARDED,
    conditions,
    lived,
)
from postmortems.followup.filters import (
    ANY_TICKET,
    NO_PRIORITY,
    NO_SERVICE,
    NO_SEVERITY,
    NO_TICKET,
    Filters,
    stated,
    words,
)
from postmortems.incidents import models, page_keys
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Affected, Incident
from postmortems.search import queries as search

# Where a filter lets through so few, these are sorted, by their keys or as they are found; where there are
# more, a page is soon found on the way.
FEW, SOME = 500, 3_000
# Of what was opened or closed in some days so many: in the list's order these lie together, and far away.
LIVED = 10_000
# Keeps a planner from reading few rows in the order's own index, which has all others as well.
NO_LIMIT = 10**9
# What is sought and found in more is looked for in the order's own index, in fewer by itself.
MANY = 5_000
# First it is looked for in so many times the rows of a page, and then in so many more.
LOOKED_THROUGH = (4, 12)
# Where few are let through, in so many at once until there are enough.
LOOKED_AT_ONCE = 12
# So many branches are put together at most.
MOST_BRANCHES = 15
# Its columns.
PLACED = (ActionItem.id, ActionItem.due, ActionItem.number)

Conditions = list[ColumnElement[bool]]
# What is asked of an item's due date and number.
Part = Callable[[ColumnElement[Any], ColumnElement[Any]], Conditions]


class Placed(NamedTuple):
    """What an item is found by: its row's key, and its place in the order."""

    id: int
    due: date | None
    number: int
    # Asked for where its entry in the index is to be found.
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: at this number, among those of this due date."""

    due: date | None
    number: int


def place(after: str) -> Place:
    """The place that a page's key names. Raises `Invalid` at `/after` for anything else."""
    due, number = page_keys.parts(after, 2)
    try:
        return Place(date.fromisoformat(due) if due else None, int(number))
    except ValueError:
        raise no_place() from None


def no_place() -> Invalid:
    """What is said of a page's key that no page gave."""
    return Invalid("is no place in this list; take it from the page before", "/after")


def first(
    filters: Filters, behind: Place | None, limit: int, today: date, *, is_descending: bool = False
) -> list[Placed]:
    """The first items behind a place. `is_descending`: the latest dates first; without one is last anyway."""
    order, is_sought = Order(filters, today, is_descending), bool(filters.q or filters.tag)
    rest = replace(filters, q="", tag="")
    narrowed = [] if filters.incident else few(filters, today)
    if narrowed or filters.incident:
        order = replace(order, are_few=True)
        if is_sought and search.are_many("item", sought.asked(filters), MANY):
            branches = [of_few(rest, today, narrowed)]
            return _on_the_way(order, branches, behind, limit, repeat(LOOKED_AT_ONCE)) or []
        return order.rows([of_few(filters, today, narrowed)], behind, limit)
    if is_sought:
        found = _on_the_way(order, _branches(rest, today), behind, limit, LOOKED_THROUGH)
        if found is not None:
            return found
    return order.rows(_branches(filters, today), behind, limit)


def _on_the_way(
    order: Order, branches: Sequence[Conditions], behind: Place | None, limit: int, steps: Iterable[int]
) -> list[Placed] | None:
    """The first that have what is sought, where these are met in so many times the rows of a page; else None.

    Rows are read in their order, and their entries in the index one by one: not all that have it.
    """
    filters, order = order.filters, replace(order, columns=(*PLACED, ActionItem.opened_at))
    query, found = sought.by_words(filters), list[Placed]()
    for step in steps:
        rows = order.rows(branches, behind, step * limit)
        days = {row.id: row.opened_at.date() for row in rows if row.opened_at}
        having = search.those_of("item", days, query) if rows else set()
        found += [row for row in rows if row.id in having]
        if len(found) >= limit or len(rows) < step * limit:
            return found[:limit]
        behind = Place(rows[-1].due, rows[-1].number)
    return None


def few(filters: Filters, today: date) -> Conditions:
    """What narrows the list to few items, where one of the filters does: to keys, found by its own index."""
    for column, having in by_index(filters):
        if (those := _among(column, having)) is not None:
            return those
    others = conditions(replace(filters, team="", q="", tag=""), today) if filters.team else []
    if filters.team and (keys := item_teams.few(filters.team, others, FEW)) is not None:
        return [ActionItem.id.in_(keys)]
    if filters.q or filters.tag:
        said = search.joined(select(ActionItem.id), ActionItem.id, "item", sought.asked(filters))
        if (those := _among(ActionItem.id, said)) is not None:
            return those
    if since := lived(filters, today):
        return _among(ActionItem.id, select(ActionItem.id).where(*since), LIVED) or []
    return []


def of_few(filters: Filters, today: date, narrowed: Conditions) -> Conditions:
    """What is asked of few items that `few` has found: of each of them, so that no other index is used."""
    asked = conditions(filters, today)
    return [*narrowed, *([func.coalesce(each, false()) for each in asked] if narrowed else asked)]


def by_index(filters: Filters) -> Iterator[tuple[InstrumentedAttribute[int], Select[Any]]]:
    """By each filter that another table's index answers, the items or incidents that it lets through."""
    for incidents in _of_incidents(filters):
        yield ActionItem.incident_id, incidents
    protections = words(filters.protection)
    if protections and UNGUARDED not in protections:
        known = PROTECTIONS_OF_ITEMS.c
        yield ActionItem.id, select(known.item_id).where(known.protection.in_(protections))
    if filters.ticket and filters.ticket != NO_TICKET:
        its = select(TICKETS.c.item_id).distinct()
        if filters.ticket != ANY_TICKET:
            its = its.where(TICKETS.c.standing.in_(words(filters.ticket)))
        yield ActionItem.id, its


def _of_incidents(filters: Filters) -> Iterator[Select[Any]]:
    """The incidents whose items alone are let through, each time for another reason."""
    service = filters.service.partition("/")[0]
    if service == NO_SERVICE:
        yield select(Incident.id).where(text(models.NO_SERVICE))
    elif service:
        yield select(Affected.incident_id).where(Affected.service == service).distinct()
    if filters.severity:
        yield select(Incident.id).where(Incident.severity.in_(stated(filters.severity, NO_SEVERITY)))


def _among(
    column: InstrumentedAttribute[int], having: Select[Any], most: int | None = None
) -> Conditions | None:
    """That it is one of those, where these are few: by their keys, or else as they are found."""
    found = session().execute(having.limit(FEW + 1)).all()
    if len(found) <= FEW:
        return [column.in_([row[0] for row in found])]
    most = SOME if most is None else most
    some = having.limit(most + 1).subquery()
    count = session().scalar(select(func.count()).select_from(some)) or 0
    return None if count > most else [column.in_(select(next(iter(some.c))))]


@dataclass(frozen=True, slots=True)
class Order:
    """Rows in their order, of the branches that the filters ask for."""

    filters: Filters
    today: date
    is_descending: bool
    columns: Sequence[InstrumentedAttribute[Any]] = PLACED
    are_few: bool = False

    def rows(self, branches: Sequence[Conditions], behind: Place | None, limit: int) -> list[Placed]:
        """The first rows of the branches behind a place."""
        filters, found = self.filters, list[Placed]()
        if not filters.undated and (behind is None or behind.due is not None):
            found = self._dated(branches, behind, limit)
            behind = None
        if len(found) < limit and not self._is_dated():
            found += self._undated(branches, behind, limit - len(found))
        return found

    def _is_dated(self) -> bool:
        filters = self.filters
        return bool(filters.overdue or filters.due_from or filters.due_before or filters.done)

    def _dated(self, branches: Sequence[Conditions], behind: Place | None, limit: int) -> list[Placed]:
        def part(due: ColumnElement[Any], number: ColumnElement[Any]) -> Conditions:
            if behind is None:
                return [due.is_not(None)]
            # Also of those without a date: PostgreSQL reads them off the index by both alone.
            ours, theirs = tuple_(due, number), tuple_(behind.due, behind.number)
            return [due.is_not(None), ours < theirs if self.is_descending else ours > theirs]

        return self._first(branches, part, limit, is_descending=self.is_descending)

    def _undated(self, branches: Sequence[Conditions], behind: Place | None, limit: int) -> list[Placed]:
        def part(due: ColumnElement[Any], number: ColumnElement[Any]) -> Conditions:
            return [due.is_(None), *([number > behind.number] if behind is not None else [])]

        return self._first(branches, part, limit)

    def _first(
        self, branches: Sequence[Conditions], part: Part, limit: int, *, is_descending: bool = False
    ) -> list[Placed]:
        """The first rows of this part of each branch, put in order together."""
        selects = [self._of_branch(branch, part, limit, is_descending) for branch in branches]
        if len(selects) > 1:
            whole = union_all(*(select(one.subquery()) for one in selects)).subquery()
            selects = [_ordered(select(whole), whole.c.due, whole.c.number, limit, is_descending)]
        return [Placed(*row) for one in selects for row in session().execute(one)]

    def _of_branch(self, branch: Conditions, part: Part, limit: int, is_descending: bool) -> Select[Any]:
        rows = select(*self.columns).where(*branch)
        place: tuple[ColumnElement[Any], ColumnElement[Any]] = (
            ActionItem.due.expression,
            ActionItem.number.expression,
        )
        if self.are_few:
            found = rows.limit(NO_LIMIT).subquery()
            rows, place = select(found), (found.c.due, found.c.number)
        return _ordered(rows.where(*part(*place)), *place, limit, is_descending)


def _ordered(
    rows: Select[Any], due: ColumnElement[Any], number: ColumnElement[Any], limit: int, is_descending: bool
) -> Select[Any]:
    by = (due.desc(), number.desc()) if is_descending else (due, number)
    return rows.order_by(*by).limit(limit)


def _branches(filters: Filters, today: date) -> list[Conditions]:
    """What the rows of each branch have; together they are what the filters let through, each row once."""
    statuses = sought.statuses(filters)
    leading, rest = _leading(filters)
    if len(leading) * len(statuses) > MOST_BRANCHES:
        leading, rest = [[]], filters
    its = _of_all_sought(filters)
    rest = replace(rest, q="", tag="") if its else rest
    # Asked of each row on the way: else all that name a team are found by an index and sorted.
    named = [func.coalesce(item_teams.belongs_to(rest.team), false())] if rest.team else []
    asked = [*conditions(replace(rest, status="", team=""), today), *named, *its]
    if leading == [[]] and len(statuses) == len(ITEM_STATUSES):
        return [asked]
    return [[*first, ActionItem.status == status, *asked] for first, status in product(leading, statuses)]


def _of_all_sought(filters: Filters) -> Conditions:
    """That it is one of all that have what is sought, where these are many.

    Said so that no planner looks all of them up and sorts them.
    """
    query = sought.asked(filters)
    if not search.are_many("item", query, MANY):
        return []
    return [func.coalesce(each, false()) for each in search.conditions(ActionItem.id, "item", query)]


def _leading(filters: Filters) -> tuple[list[Conditions], Filters]:
    """What an index begins with before the status, a value each, and the filters that are left then."""
    if filters.owner or filters.unowned:
        key = teams.owner_key(filters.owner)
        return [[ActionItem.owner_key == key]], replace(filters, owner="")
    chosen = words(filters.priority)
    if chosen and NO_PRIORITY not in chosen:
        return [[HAS_PRIORITY, ActionItem.priority == one] for one in chosen], replace(filters, priority="")
    if filters.kind:
        return [[ActionItem.kind == one] for one in words(filters.kind)], replace(filters, kind="")
    return [[]], filters
