"""Counts of the process-fixes report of one service, in SQL over its items: one pass for all single figures,
one for each grouping. Those over all services are kept: `kept_counts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, distinct, func, or_, select

from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.filters import NO_SERVICE, Filters
from postmortems.incidents.models import ActionItem, Affected
from postmortems.reports.figures import Group

OPEN = ",".join(rules.OPEN)
LONGEST_TABLE = 200
# The fixes themselves, by name, on one page: a report that is printed should rarely need a second.
LONGEST_LIST = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """All numbers of the report: of `ages` open, overdue and unowned ones, of `months` opened and closed."""

    single: Mapping[str, int]
    ages: Sequence[tuple[int, ...]]
    months: Sequence[tuple[int, ...]]
    median_age_days: float | None
    by_service: tuple[Group, ...]
    by_owner: tuple[Group, ...]


def counted(
    base: Filters,
    single: Mapping[str, Filters],
    months: Mapping[str, tuple[Filters, Filters]],
    now: datetime,
) -> Counted:
    """The numbers of one service, from its items."""
    today = now.astimezone(UTC).date()
    ages = list(age_filters(base, today).values())
    asked = [
        *single.values(),
        *ages,
        *(replace(filters, overdue=True) for filters in ages),
        *(replace(filters, unowned=True) for filters in ages),
    ]
    found = iter(counts(base, asked, today))
    figures = {name: next(found) for name in single}
    opened, overdue, unowned = ([next(found) for _ in ages] for _ in range(3))
    by_month = iter(counts_of_months(base, months, today))
    return Counted(
        single=figures,
        ages=list(zip(opened, overdue, unowned, strict=True)),
        months=[(next(by_month), next(by_month)) for _ in months],
        median_age_days=median_age_days(base, now, figures["open"]),
        by_service=by_service(base, now),
        by_owner=by_owner(base, now),
    )


def counts(
    base: Filters, several: Iterable[Filters], today: date, *narrowed: ColumnElement[bool]
) -> list[int]:
    """How many items each of the filters lets through, of those that `base` lets through, in one query."""
    more = (_beyond(filters, base) for filters in several)
    asked = [func.count().filter(and_(True, *followup.conditions(filters, today))) for filters in more]
    counted = select(*asked).select_from(ActionItem).where(*followup.conditions(base, today), *narrowed)
    return [int(count) for count in session().execute(counted).one()]


def _beyond(filters: Filters, base: Filters) -> Filters:
    """What the filters ask besides `base`: what that lets through need not be asked of each again."""
    same: dict[str, Any] = {
        field.name: field.default
        for field in fields(filters)
        if getattr(filters, field.name) == getattr(base, field.name)
    }
    return replace(filters, **same)


def counts_of_months(base: Filters, months: Mapping[str, tuple[Filters, Filters]], today: date) -> list[int]:
    """How many items were opened and how many closed, month by month. Looks only at items of these months."""
    pairs = [filters for pair in months.values() for filters in pair]
    first = datetime.combine(min(pair[0].opened_from or today for pair in months.values()), time(), UTC)
    recent = or_(ActionItem.opened_at >= first, ActionItem.closed_at >= first)
    return counts(base, pairs, today, recent)


def median_age_days(base: Filters, now: datetime, count: int) -> float | None:
    """The middle age of the open items; `count` is how many there are."""
    if not count:
        return None
    behind = followup.conditions(replace(base, status=OPEN))
    ordered = select(ActionItem.opened_at).where(*behind).order_by(ActionItem.opened_at)
    middle = ordered.offset((count - 1) // 2).limit(1 if count % 2 else 2)
    return rules.median_days([rules.age_days(opened_at, now) for opened_at in session().scalars(middle)])


def by_service(base: Filters, now: datetime) -> tuple[Group, ...]:
    """Open items by service, most first."""
    name = func.coalesce(Affected.service, "")
    rows = _grouped(name, replace(base, status=OPEN), now, of_services=True)
    groups = (_group(row, replace(base, status=OPEN, service=row.name or NO_SERVICE), now) for row in rows)
    wanted = base.service.partition("/")[0]
    # One service was asked for: the others that its incidents hit as well are not what this report is about.
    return tuple(group for group in groups if not wanted or (group.name or NO_SERVICE) == wanted)


def by_owner(base: Filters, now: datetime) -> tuple[Group, ...]:
    """Open items by owner, most first; one owner in several spellings is one."""
    behind = replace(base, status=OPEN)
    rows = _grouped(func.min(ActionItem.owner), behind, now, by=ActionItem.owner_key.expression)
    return tuple(
        _group(row, replace(behind, owner=row.name) if row.name else replace(behind, unowned=True), now)
        for row in rows
    )


def age_filters(base: Filters, today: date) -> dict[str, Filters]:
    """The filters behind each span of ages."""
    return {
        label: replace(
            base,
            status=OPEN,
            opened_from=today - timedelta(days=high - 1) if high is not None else None,
            opened_before=today - timedelta(days=low - 1) if low else None,
        )
        for label, low, high in rules.AGES
    }


def month_filters(base: Filters, today: date, count: int) -> dict[str, tuple[Filters, Filters]]:
    """The filters behind what was opened and what was closed, for each of the last months, oldest first."""
    months = {}
    start = today.replace(day=1)
    for _ in range(count):
        end = (start + timedelta(days=32)).replace(day=1)
        opened = replace(base, opened_from=start, opened_before=end)
        months[f"{start:%Y-%m}"] = (opened, replace(base, closed_from=start, closed_before=end))
        start = (start - timedelta(days=1)).replace(day=1)
    return dict(reversed(months.items()))


def _grouped(
    name: ColumnElement[str],
    filters: Filters,
    now: datetime,
    *,
    by: ColumnElement[str] | None = None,
    of_services: bool = False,
) -> list[Any]:
    today = now.astimezone(UTC).date()
    item = distinct(ActionItem.id) if of_services else ActionItem.id
    rows = select(
        name.label("name"),
        func.count(item).label("open"),
        func.count(item).filter(ActionItem.due < today).label("overdue"),
        func.count(item).filter(ActionItem.owner == "").label("unowned"),
        func.min(ActionItem.opened_at).label("oldest"),
    ).select_from(ActionItem)
    if of_services:
        rows = rows.join(Affected, Affected.incident_id == ActionItem.incident_id, isouter=True)
    rows = rows.where(*followup.conditions(filters, today)).group_by(name if by is None else by)
    return list(session().execute(rows.order_by(func.count(item).desc(), name).limit(LONGEST_TABLE)))


def _group(row: Any, filters: Filters, now: datetime) -> Group:
    oldest = rules.age_days(row.oldest, now)
    return Group(row.name, row.open, row.overdue, row.unowned, oldest, filters.query())
