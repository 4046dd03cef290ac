"""The funnel of protection: how many process fixes guards hold in place, and how firmly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from postmortems.db.session import catch_up, session
from postmortems.followup import queries as followup
from postmortems.followup.filters import Filters
from postmortems.gate.protection.rules import PROTECTIONS
from postmortems.gate.tallies.parts import COMMITTED
from postmortems.incidents.models import ActionItem
from postmortems.incidents.tallies import queries as tallies
from postmortems.incidents.tallies.slices import Slice
from postmortems.reports.catalog import items
from postmortems.reports.catalog.items import behind, filters_of
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope

TITLE = "Protection"
DEFINITION = (
    "Process fixes that are open, in progress or done, by the protection that guards give them now: from "
    "unguarded to enforced, and regressed where a fix was proven once and no longer is. The days are those "
    "on which their present life began; without any, all count."
)
HELD = ("proven", "enforced")
COLUMNS = (
    Column("protection", "Protection", is_number=False),
    Column("fixes", "Process fixes"),
    Column("share", "Of 100"),
)


def report(scope: Scope, now: datetime) -> Report:
    """How many fixes are how well protected."""
    base = replace(
        filters_of(scope),
        status=",".join(COMMITTED),
        opened_from=scope.start,
        opened_before=scope.end + timedelta(days=1) if scope.end else None,
    )
    of = items.of_fixes(scope)
    counts = _from_items(base, now) if of is None else _from_sums(of, base)
    count = sum(counts.values())
    held = sum(counts.get(name, 0) for name in HELD)
    by = {name: behind(replace(base, protection=name)) for name in (*PROTECTIONS, ",".join(HELD))}
    return Report(
        name="funnel",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(
            (Cell(name), Cell(counts.get(name, 0), by[name]), Cell(_share(counts.get(name, 0), count)))
            for name in PROTECTIONS
            if count
        ),
        figures=_figures(count, held, behind(base), by[",".join(HELD)]),
        chart=Bars(
            "Process fixes by protection",
            ", ".join(f"{counts.get(name, 0)} {name}" for name in PROTECTIONS),
            ("process fixes",),
            tuple((name, (counts.get(name, 0),)) for name in PROTECTIONS),
        ),
        notes=() if count else ("There is no such process fix.",),
    )


def _figures(count: int, held: int, all_of: str, held_ones: str) -> tuple[Figure, ...]:
    share = "Proven or enforced ones, in per cent."
    return (
        Figure("fixes", "Process fixes", count, "Open, in progress or done.", all_of),
        Figure("held", "Proven or enforced", held, "Drills show that a guard stops it.", held_ones),
        Figure("held_share", "Proven or enforced, per cent", _share(held, count), share, held_ones),
    )


def _share(count: int, of: int) -> float | None:
    return round(100 * count / of, 1) if of else None


def _from_sums(of: Slice, base: Filters) -> dict[str, int]:
    if not of.is_all or base.opened_from or base.opened_before:
        return tallies.between_of_slice(
            "protected_on",
            of=of,
            first=_day(base.opened_from),
            before=_day(base.opened_before),
        )
    return {part: count for (_, _, part), count in tallies.by_part("protection").items()}


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _from_items(base: Filters, now: datetime) -> dict[str, int]:
    catch_up()
    counted = select(followup.protection().label("protection"), func.count()).select_from(ActionItem)
    counted = counted.where(*followup.conditions(base, now.astimezone(UTC).date())).group_by("protection")
    return {str(name): int(count) for name, count in session().execute(counted)}
