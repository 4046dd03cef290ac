"""Counts of process fixes in SQL over items, where no sums are kept of what is asked for: one pass for
several figures, one for each grouping. From the sums: `kept_counts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from postmortems.db.session import session
from postmortems.followup import conditions, due_order, rules
from postmortems.followup import queries as followup
from postmortems.followup.filters import Filters
from postmortems.incidents.models import ActionItem
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


def by_owner(base: Filters, today: date) -> tuple[Group, ...]:
    """Open items of a service by owner, most first; one owner in several spellings is one.

    Reads what is open alone.
    """
    behind = replace(base, status=OPEN)
    name, open_items = func.min(ActionItem.owner), func.count()
    rows = (
        select(
            name.label("name"),
            open_items.label("open"),
            open_items.filter(ActionItem.due < today).label("overdue"),
            open_items.filter(ActionItem.owner == "").label("unowned"),
            func.min(ActionItem.opened_at).label("oldest"),
        )
        .select_from(ActionItem)
        .where(*due_order.few(behind, today), *followup.conditions(replace(behind, service=""), today))
        .where(conditions.hit_by_itself(base.service))
        .group_by(ActionItem.owner_key)
        .order_by(open_items.desc(), name)
        .limit(LONGEST_TABLE)
    )
    return tuple(
        Group(
            *(row.name, row.open, row.overdue, row.unowned),
            max(0, (today - row.oldest.astimezone(UTC).date()).days),
            (replace(behind, owner=row.name) if row.name else replace(behind, unowned=True)).query(),
        )
        for row in session().execute(rows)
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
