"""The ages of open process fixes: percentiles, and how many are of which age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.filters import Filters
from postmortems.incidents.models import ActionItem
from postmortems.incidents.tallies import queries as tallies
from postmortems.incidents.tallies.slices import Slice
from postmortems.reports import count_queries, definitions, kept_counts
from postmortems.reports.catalog import items
from postmortems.reports.catalog.items import behind, filters_of
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope
from postmortems.reports.count_queries import OPEN

TITLE = "Ageing"
PERCENTILES = (75, 90, 95, 100)
SUMS = ("age", "age_unowned")
COLUMNS = (
    Column("age", "Age", is_number=False),
    Column("open", "Open"),
    Column("overdue", "Overdue"),
    Column("unowned", "Unowned"),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Of each of `rules.AGES` how many are open, overdue and unowned; the middle age, and percentiles."""

    spans: tuple[tuple[int, ...], ...]
    median: float | None
    percentiles: Mapping[int, int | None]

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(map(sum, zip(*self.spans, strict=True)))


def report(scope: Scope, now: datetime) -> Report:
    """Of those that are open now; `from` and `to` are of the day on which their present life began."""
    today = now.astimezone(UTC).date()
    base = replace(
        filters_of(scope),
        status=OPEN,
        opened_from=scope.start,
        opened_before=scope.end + timedelta(days=1) if scope.end else None,
    )
    # What is open of a team and a service at once has no sum by age.
    of = None if scope.team and scope.service else items.of_fixes(scope)
    counted = _from_items(base, now) if of is None else _from_sums(scope, of, today)
    has_any = any(counted.totals)
    rows = tuple(map(_row, rules.AGES, counted.spans, _filters(base, today)))
    return Report(
        name="ageing",
        title=TITLE,
        definition=definitions.definition("by_age")
        + " A percentile is an age that so many in a hundred have not passed.",
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=rows if has_any else (),
        figures=_figures(counted, base),
        chart=Bars(
            "Open process fixes by age",
            ", ".join(f"{row[1].value} {row[0].value}" for row in rows),
            ("open", "overdue"),
            tuple(
                (_briefly(*span[1:]), counts[:2])
                for span, counts in zip(rules.AGES, counted.spans, strict=True)
            ),
        ),
        notes=() if has_any else ("No process fix is open.",),
    )


def percentile(ages: Counter[int], share: int) -> int | None:
    """The nearest-rank percentile: the least age that at least `share` in a hundred have not passed."""
    wanted, passed = -(-ages.total() * share // 100), 0
    for age, count in sorted(ages.items()):
        passed += count
        if passed >= wanted > 0:
            return age
    return None


def _from_sums(scope: Scope, of: Slice, today: date) -> Counted:
    parts = tallies.of_slice(*SUMS, of=of)
    kept = {key: count for key, count in parts.items() if _is_within(key[2], scope)}
    opened, unowned = (kept_counts.ages_of(kept, what, today) for what in SUMS)
    late = tallies.overdue_by_day([_days_of(span, scope, today) for span in rules.AGES], today, of)
    spans = zip(rules.AGES, late, strict=True)
    return Counted(
        tuple(
            (kept_counts.within(opened, low, high), overdue, kept_counts.within(unowned, low, high))
            for (_, low, high), overdue in spans
        ),
        kept_counts.median(opened),
        {share: percentile(opened, share) for share in PERCENTILES},
    )


def _days_of(span: tuple[str, int, int | None], scope: Scope, today: date) -> tuple[str, str]:
    """The days of this scope on which what is of these ages was opened, as `kept_counts.days` says them."""
    first, last = kept_counts.days(*span[1:], today)
    if scope.start:
        first = max(first, (scope.start - timedelta(days=1)).isoformat())
    return first, min(last, scope.end.isoformat()) if scope.end else last


def _is_within(day: str, scope: Scope) -> bool:
    opened = date.fromisoformat(day)
    return not ((scope.start and opened < scope.start) or (scope.end and opened > scope.end))


def _from_items(base: Filters, now: datetime) -> Counted:
    """In three statements whose rows are as few, however many items there are."""
    today = now.astimezone(UTC).date()
    found = count_queries.counts(base, [each for three in _filters(base, today) for each in three], today)
    spans = tuple(tuple(found[place : place + 3]) for place in range(0, len(found), 3))
    count = sum(span[0] for span in spans)
    ranks = {share: -(-count * share // 100) for share in PERCENTILES}
    ages = _of_ranks(base, set(ranks.values()), today) if count else {}
    return Counted(
        spans,
        count_queries.median_age_days(base, now, count),
        {share: ages.get(rank) for share, rank in ranks.items()},
    )


def _of_ranks(base: Filters, ranks: set[int], today: date) -> dict[int, int]:
    """The ages at these places, the youngest at 1."""
    place = func.row_number().over(order_by=ActionItem.opened_at.desc()).label("place")
    aged = select(ActionItem.opened_at, place).where(*followup.conditions(base, today)).subquery()
    wanted = select(aged.c.place, aged.c.opened_at).where(aged.c.place.in_(ranks))
    return {
        rank: max(0, (today - opened_at.astimezone(UTC).date()).days)
        for rank, opened_at in session().execute(wanted)
    }


def _briefly(low: int, high: int | None) -> str:
    return f"{low}+ days" if high is None else f"{low}–{high - 1}"


def _filters(base: Filters, today: date) -> list[tuple[Filters, Filters, Filters]]:
    """Of each span of ages, what is open, overdue and unowned."""
    found = []
    for lived in count_queries.age_filters(base, today).values():
        within = replace(
            lived,
            opened_from=_of_both(max, lived.opened_from, base.opened_from),
            opened_before=_of_both(min, lived.opened_before, base.opened_before),
        )
        found.append((within, replace(within, overdue=True), replace(within, unowned=True)))
    return found


def _row(
    span: tuple[str, int, int | None], counts: tuple[int, ...], filters: tuple[Filters, ...]
) -> tuple[Cell, ...]:
    return Cell(span[0]), *(Cell(n, behind(each)) for n, each in zip(counts, filters, strict=True))


def _of_both(choose: Callable[[date, date], date], one: date | None, other: date | None) -> date | None:
    return choose(one, other) if one and other else one or other


def _figures(counted: Counted, base: Filters) -> tuple[Figure, ...]:
    totals = counted.totals
    label, definition = definitions.FIGURES["median_age_days"]
    figures = [
        Figure("open", *_named("open", totals[0]), behind(base)),
        Figure("overdue", *_named("overdue", totals[1]), behind(replace(base, overdue=True))),
        Figure("unowned", *_named("unowned", totals[2]), behind(replace(base, unowned=True))),
        Figure("median_age_days", label, counted.median, definition, behind(base)),
    ]
    for share in PERCENTILES:
        name = "Oldest, in days" if share == 100 else f"{share}th percentile of age, in days"
        told = (
            "The age of the oldest."
            if share == 100
            else f"The least age that {share} in 100 have not passed."
        )
        figures.append(Figure(f"p{share}", name, counted.percentiles[share], told, behind(base)))
    return tuple(figures)


def _named(name: str, value: int) -> tuple[str, int, str]:
    label, definition = definitions.FIGURES[name]
    return label, value, definition
