"""The ages of open process fixes: percentiles, and how many are of which age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.filters import Filters
from postmortems.incidents.models import ActionItem
from postmortems.incidents.tallies import queries as tallies
from postmortems.reports import count_queries, definitions, kept_counts
from postmortems.reports.catalog.items import behind, filters_of
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope
from postmortems.reports.count_queries import OPEN

TITLE = "Ageing"
PERCENTILES = (75, 90, 95, 100)
SUMS = ("age", "age_unowned", "age_due")
COLUMNS = (
    Column("age", "Age", is_number=False),
    Column("open", "Open"),
    Column("overdue", "Overdue"),
    Column("unowned", "Unowned"),
)

# By age in days, how many there are.
Ages = Mapping[str, Counter[int]]


def report(scope: Scope, now: datetime) -> Report:
    """Of those that are open now; `from` and `to` are of the day on which their present life began."""
    today = now.astimezone(UTC).date()
    base = replace(
        filters_of(scope),
        status=OPEN,
        opened_from=scope.start,
        opened_before=scope.end + timedelta(days=1) if scope.end else None,
    )
    ages = _from_items(base, today) if scope.is_narrowed else _from_sums(scope, today)
    rows = tuple(_row(span, ages, base, today) for span in rules.AGES)
    return Report(
        name="ageing",
        title=TITLE,
        definition=definitions.definition("by_age")
        + " A percentile is an age that so many in a hundred have not passed.",
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=rows if ages["open"] else (),
        figures=_figures(ages, base),
        chart=Bars(
            "Open process fixes by age",
            ", ".join(f"{row[1].value} {row[0].value}" for row in rows),
            ("open", "overdue"),
            tuple((_briefly(*span[1:]), _of_span(span, ages)[:2]) for span in rules.AGES),
        ),
        notes=() if ages["open"] else ("No process fix is open.",),
    )


def percentile(ages: Counter[int], share: int) -> int | None:
    """The nearest-rank percentile: the least age that at least `share` in a hundred have not passed."""
    wanted, passed = -(-ages.total() * share // 100), 0
    for age, count in sorted(ages.items()):
        passed += count
        if passed >= wanted > 0:
            return age
    return None


def _from_sums(scope: Scope, today: date) -> Ages:
    parts = tallies.by_part(*SUMS)
    kept = {key: count for key, count in parts.items() if _is_within(key[1] or key[2], scope)}
    late: Counter[int] = Counter()
    for (what, day, due), count in kept.items():
        if what == "age_due" and due < today.isoformat():
            late[max(0, (today - date.fromisoformat(day)).days)] += count
    return {
        "open": kept_counts.ages_of(kept, "age", today),
        "overdue": late,
        "unowned": kept_counts.ages_of(kept, "age_unowned", today),
    }


def _is_within(day: str, scope: Scope) -> bool:
    opened = date.fromisoformat(day)
    return not ((scope.start and opened < scope.start) or (scope.end and opened > scope.end))


def _from_items(base: Filters, today: date) -> Ages:
    """By the minute their lives began: as many rows as there are such, at most one an item."""
    late = ActionItem.due < today
    nobodys = ActionItem.owner == ""
    counted = select(
        ActionItem.opened_at, func.count(), func.count().filter(late), func.count().filter(nobodys)
    ).where(*followup.conditions(base, today))
    ages: dict[str, Counter[int]] = {name: Counter() for name in ("open", "overdue", "unowned")}
    for opened_at, *counts in session().execute(counted.group_by(ActionItem.opened_at)):
        age = max(0, (today - opened_at.astimezone(UTC).date()).days)
        for name, count in zip(ages, counts, strict=True):
            ages[name][age] += count
    return ages


def _of_span(span: tuple[str, int, int | None], ages: Ages) -> tuple[int, ...]:
    return tuple(kept_counts.within(ages[name], span[1], span[2]) for name in ("open", "overdue", "unowned"))


def _briefly(low: int, high: int | None) -> str:
    return f"{low}+ days" if high is None else f"{low}–{high - 1}"


def _row(span: tuple[str, int, int | None], ages: Ages, base: Filters, today: date) -> tuple[Cell, ...]:
    lived = count_queries.age_filters(base, today)[span[0]]
    lived = replace(
        lived,
        opened_from=_of_both(max, lived.opened_from, base.opened_from),
        opened_before=_of_both(min, lived.opened_before, base.opened_before),
    )
    filters = (lived, replace(lived, overdue=True), replace(lived, unowned=True))
    counts = _of_span(span, ages)
    return Cell(span[0]), *(Cell(n, behind(each)) for n, each in zip(counts, filters, strict=True))


def _of_both(choose: Callable[[date, date], date], one: date | None, other: date | None) -> date | None:
    return choose(one, other) if one and other else one or other


def _figures(ages: Ages, base: Filters) -> tuple[Figure, ...]:
    label, definition = definitions.FIGURES["median_age_days"]
    figures = [
        Figure("open", *_named("open", ages["open"].total()), behind(base)),
        Figure("overdue", *_named("overdue", ages["overdue"].total()), behind(replace(base, overdue=True))),
        Figure("unowned", *_named("unowned", ages["unowned"].total()), behind(replace(base, unowned=True))),
        Figure("median_age_days", label, kept_counts.median(ages["open"]), definition, behind(base)),
    ]
    for share in PERCENTILES:
        name = "Oldest, in days" if share == 100 else f"{share}th percentile of age, in days"
        told = (
            "The age of the oldest."
            if share == 100
            else f"The least age that {share} in 100 have not passed."
        )
        figures.append(Figure(f"p{share}", name, percentile(ages["open"], share), told, behind(base)))
    return tuple(figures)


def _named(name: str, value: int) -> tuple[str, int, str]:
    label, definition = definitions.FIGURES[name]
    return label, value, definition
