"""Counts of the process-fixes report, of all services or of one, from the sums that are kept.

No item is read, but the open ones of one service: by owner they are summed over all services alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, text

from postmortems.db.session import catch_up, session
from postmortems.followup import rules
from postmortems.followup.filters import NO_SERVICE, Filters
from postmortems.incidents import models
from postmortems.incidents.models import Incident
from postmortems.incidents.tallies import queries as tallies
from postmortems.incidents.tallies.models import Tally
from postmortems.incidents.tallies.queries import NONE, Total
from postmortems.incidents.tallies.slices import Slice
from postmortems.reports import count_queries
from postmortems.reports.count_queries import LONGEST_TABLE, OPEN, Counted
from postmortems.reports.figures import NO_SCENARIO, NOT_STOPPED, Again, Group

SINGLE = ("open", "unowned", "undated", "reopened", "unproven", "proposed", "due", "again")
OF_SERVICE = (
    "undated",
    "reopened",
    "unproven",
    "proposed",
    "again",
    "age",
    "age_unowned",
    "opened",
    "closed",
)
SORTS = ("service", "owner")
GROUPED = tuple(f"{what}_{sort}" for what in ("open", "unowned", "age", "due") for sort in SORTS)
# Later than any day as ISO text, and earlier.
LAST, FIRST = "9999-12-31", ""

Totals = Mapping[tuple[str, str], Total]


def counted(base: Filters, months: Iterable[str], now: datetime) -> Counted:
    """All figures and tables, in a fixed number of queries; `months` are such as `2026-03`."""
    today = now.astimezone(UTC).date()
    if base.service:
        return _of_service(base, months, today)
    totals = tallies.totals(*SINGLE, *GROUPED, today=today)
    parts = tallies.in_order("age", "age_unowned", "opened", "closed")
    ages, unowned = parts["age"], parts["age_unowned"]
    opened, closed = _by_part(parts["opened"]), _by_part(parts["closed"])
    spans = [days(low, high, today) for _, low, high in rules.AGES]
    late = tallies.overdue_by_day(spans, today, Slice())
    single = {name: totals.get((name, ""), NONE).count for name in SINGLE}
    return Counted(
        single={**single, "overdue": single["due"]},
        ages=[
            (_opened_in(span, ages), late[place], _opened_in(span, unowned))
            for place, span in enumerate(spans)
        ],
        months=[(opened[month], closed[month]) for month in months],
        median_age_days=_median_age(ages, today),
        by_service=_groups("service", totals, base, today),
        by_owner=_groups("owner", totals, base, today),
    )


def _of_service(base: Filters, months: Iterable[str], today: date) -> Counted:
    """The same of the one service, or target, that `base` names."""
    of = Slice(service=base.service)
    asked = list(months)
    sums = tallies.of_slice(*OF_SERVICE, of=of, since=dict.fromkeys(("opened", "closed"), min(asked)))
    by_day = {what: Counter[str]() for what in OF_SERVICE}
    for (what, _, part), count in sums.items():
        by_day[what][part] += count
    ages, unowned = (sorted(by_day[what].items()) for what in ("age", "age_unowned"))
    spans = [days(low, high, today) for _, low, high in rules.AGES]
    late = tallies.overdue_by_day(spans, today, of)
    single = {name: by_day[name].total() for name in ("undated", "reopened", "unproven", "proposed", "again")}
    single |= {"open": by_day["age"].total(), "unowned": by_day["age_unowned"].total(), "overdue": sum(late)}
    return Counted(
        single=single,
        ages=[
            (_opened_in(span, ages), late[place], _opened_in(span, unowned))
            for place, span in enumerate(spans)
        ],
        months=[(by_day["opened"][month], by_day["closed"][month]) for month in asked],
        median_age_days=_median_age(ages, today),
        by_service=_alone(base, single, ages, today),
        by_owner=count_queries.by_owner(base, today),
    )


def _alone(
    base: Filters, single: Mapping[str, int], ages: Sequence[tuple[str, int]], today: date
) -> tuple[Group, ...]:
    """The one service: the others that its incidents hit as well are not what this report is about."""
    if not single["open"]:
        return ()
    service = base.service.partition("/")[0]
    name = "" if base.service == NO_SERVICE else service
    oldest = _age(ages[0][0], today)
    behind = replace(base, status=OPEN).query()
    return (Group(name, single["open"], single["overdue"], single["unowned"], oldest, behind),)


def again(count: int, service: str = "") -> tuple[Again, ...]:
    """The newest incidents that could happen again, of all or of one service, where there are so many."""
    if not count:
        return ()
    catch_up()
    wanted = (
        select(Incident.slug, Incident.title, Tally.occurred_on, Incident.services)
        .add_columns(Tally.open_fixes, Tally.unproven_fixes, Tally.has_scenario)
        .select_from(Tally)
        .join(Incident, Incident.id == Tally.incident_id)
        .where(Tally.could_recur)
        .order_by(Tally.occurred_on.desc(), Tally.incident_id.desc())
        .limit(min(count, LONGEST_TABLE))
    )
    if service == NO_SERVICE:
        # These are in no list of a service.
        wanted = wanted.where(text(models.NO_SERVICE))
    elif service:
        newest = tallies.newest(service, None, among=tallies.COULD_RECUR, most=LONGEST_TABLE)
        wanted = wanted.where(Tally.incident_id.in_(newest))
    rows = session().execute(wanted)
    return tuple(
        Again(
            slug, title, day, tuple(services), is_open, unproven, NOT_STOPPED if has_scenario else NO_SCENARIO
        )
        for slug, title, day, services, is_open, unproven, has_scenario in rows
    )


def _groups(sort: str, totals: Totals, base: Filters, today: date) -> tuple[Group, ...]:
    """Open fixes by service or owner, most first."""
    found = []
    for (what, key), total in totals.items():
        if what == f"open_{sort}":
            # One owner in several spellings is one, called by the first of them.
            name = total.first if sort == "owner" else key
            late, unowned = (totals.get((f"{of}_{sort}", key), NONE).count for of in ("due", "unowned"))
            oldest = _age(totals[f"age_{sort}", key].first, today)
            found.append(Group(name, total.count, late, unowned, oldest, _behind(sort, name, base)))
    return tuple(sorted(found, key=lambda group: (-group.open, group.name))[:LONGEST_TABLE])


def _behind(sort: str, name: str, base: Filters) -> str:
    filters = replace(base, status=OPEN)
    if sort == "service":
        return replace(filters, service=name or NO_SERVICE).query()
    return (replace(filters, owner=name) if name else replace(filters, unowned=True)).query()


def _by_part(parts: Iterable[tuple[str, int]]) -> Counter[str]:
    """A part stands there twice where restricted incidents add to it."""
    found: Counter[str] = Counter()
    for part, count in parts:
        found[part] += count
    return found


def days(low: int, high: int | None, today: date) -> tuple[str, str]:
    """The days on which what is of these ages was opened: after the first of them, up to the last."""
    first = FIRST if high is None else (today - timedelta(days=high)).isoformat()
    return first, (today - timedelta(days=low)).isoformat() if low else LAST


def _opened_in(span: tuple[str, str], days: Iterable[tuple[str, int]]) -> int:
    first, last = span
    return sum(count for day, count in days if first < day <= last)


def _median_age(days: Sequence[tuple[str, int]], today: date) -> float | None:
    """The middle age, or the mean of the two middle ones, of what was opened on these days in order."""
    count = sum(one for _, one in days)
    places = {(count - 1) // 2, count // 2} if count else set()
    passed, middle = 0, []
    for day, more in days:
        middle += [_age(day, today) for place in places if passed <= place < passed + more]
        passed += more
    return rules.median_days(middle)


def ages_of(parts: Mapping[tallies.Key, int], what: str, today: date) -> Counter[int]:
    """How many there are of each age in days, from sums by day."""
    ages: Counter[int] = Counter()
    for (of, _, day), count in parts.items():
        if of == what:
            ages[_age(day, today)] += count
    return ages


def _age(day: str, today: date) -> int:
    """Whole days, as `rules.age_days` counts them."""
    return max(0, (today - date.fromisoformat(day)).days)


def within(ages: Counter[int], low: int, high: int | None) -> int:
    """How many are at least `low` and below `high` days old."""
    return sum(count for age, count in ages.items() if low <= age and (high is None or age < high))


def median(ages: Counter[int]) -> float | None:
    """The middle age, or the mean of the two middle ones, without a list of all of them."""
    count, passed, middle = ages.total(), 0, []
    for age, more in sorted(ages.items()):
        wanted = {(count - 1) // 2, count // 2}
        middle += [age for place in wanted if passed <= place < passed + more]
        passed += more
    return rules.median_days(middle)
