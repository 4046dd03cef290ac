"""Incidents for each hundred changes: targets that guards block against those that none does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from postmortems.db.session import session
from postmortems.gate.decisions import queries as decisions
from postmortems.gate.models import Decision
from postmortems.gate.verdicts import decision_table
from postmortems.guards.models import Guard, GuardTarget, Service, Target
from postmortems.incidents import queries
from postmortems.incidents.models import Affected, Incident
from postmortems.incidents.queries import Filters
from postmortems.reports.catalog import incidents
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope

TITLE = "Change failures"
DEFINITION = (
    "A change is a deploy that the gate let through for real. A failure is an incident that names the target "
    "of such changes and happened in the same days, whatever caused it. A target counts as guarded where a "
    "guard at soft or hard is switched on for it today. Without a first day it is the last twelve months. "
    "Read it with care: which change caused an incident is not recorded; changes that nobody asked the gate "
    "about are missing; and guards are put first where most goes wrong, so guarded targets may look worse "
    "for that alone. Compare a target with itself over time rather than with others."
)
MOST_TARGETS = 200
THROUGH = ",".join(name for name in decision_table.DECISIONS if name in decision_table.LETS_THROUGH)
COLUMNS = (
    Column("target", "Target", is_number=False),
    Column("guarded", "Guarded", is_number=False),
    Column("changes", "Changes"),
    Column("failures", "Failures"),
    Column("rate", "Of 100 changes"),
)


@dataclass(frozen=True, slots=True)
class Changed:
    """One target: how many changes it had, and how many incidents hit it."""

    target: str
    is_guarded: bool
    changes: int
    failures: int


def report(scope: Scope, now: datetime) -> Report:
    """Both rates, and those of each target that had changes, most changes first."""
    base = incidents.lately(scope, now)
    last = scope.end or now.astimezone(UTC).date()
    through = _let_through(scope.service, base.occurred_from, last)
    found = _changed(through, base)
    total = {guarded: _sum(one for one in found if one.is_guarded is guarded) for guarded in (True, False)}
    rates = {guarded: rate(*counts) for guarded, counts in total.items()}
    return Report(
        name="change-failures",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(_row(one, base, last) for one in found),
        figures=tuple(_figures(total, rates, f"/gate?{through.query()}")),
        chart=Bars(
            "Failures of 100 changes",
            f"guarded {_words(rates[True])}, unguarded {_words(rates[False])}",
            ("failures of 100 changes",),
            (("guarded", (rates[True] or 0,)), ("unguarded", (rates[False] or 0,))),
        ),
        notes=_notes(found, base.occurred_from, last),
    )


def rate(changes: int, failures: int) -> float | None:
    """Failures of a hundred changes; None where there was no change. It may be more than a hundred."""
    return round(100 * failures / changes, 1) if changes else None


def _changed(through: decisions.Filters, base: Filters) -> list[Changed]:
    changes = _changes(through)
    hit = _hit(base, changes)
    guarded = _guarded()
    return [
        Changed(target, target in guarded, count, hit.get(target, 0))
        for target, count in sorted(changes.items(), key=lambda row: (-row[1], row[0]))
    ]


def _let_through(service: str, first: date | None, last: date) -> decisions.Filters:
    of = decisions.of_service(service)
    return replace(of, decision=THROUGH, is_dry_run=False, since=first, until=last)


def _changes(wanted: decisions.Filters) -> dict[str, int]:
    """By target how many deploys were let through, of those with most."""
    counted = select(Decision.target, func.count()).where(*decisions.conditions(wanted))
    counted = counted.group_by(Decision.target).order_by(func.count().desc(), Decision.target)
    return {row[0]: row[1] for row in session().execute(counted.limit(MOST_TARGETS))}


def _hit(base: Filters, changes: Mapping[str, int]) -> dict[str, int]:
    """By target how many incidents name it, or its whole service, of those that had changes."""
    services = {name.partition("/")[0] for name in changes}
    whole = aliased(Affected)
    is_in_whole = select(whole.incident_id).where(
        whole.incident_id == Affected.incident_id, whole.service == Affected.service, whole.target == ""
    )
    counted = (
        select(Affected.service, Affected.target, func.count())
        .select_from(Affected)
        .where(Affected.service.in_(services), or_(Affected.target == "", ~is_in_whole.exists()))
        .where(Affected.incident_id.in_(select(Incident.id).where(*queries.conditions(base))))
        .group_by(Affected.service, Affected.target)
    )
    rows = session().execute(counted).all() if services else ()
    hit = {(service, target): count for service, target, count in rows}
    named = {name: name.partition("/") for name in changes}
    return {
        name: hit.get((service, target), 0) + hit.get((service, ""), 0)
        for name, (service, _, target) in named.items()
    }


def _guarded() -> set[str]:
    """The targets on which a guard blocks."""
    wanted = (
        select(Service.name, Target.name)
        .join(Target, Target.service_id == Service.id)
        .join(GuardTarget, GuardTarget.target_id == Target.id)
        .join(Guard, Guard.id == GuardTarget.guard_id)
        .where(Guard.is_enabled, Guard.level.in_(decision_table.ENFORCING))
        .distinct()
    )
    return {f"{service}/{target}" for service, target in session().execute(wanted)}


def _row(one: Changed, base: Filters, last: date) -> tuple[Cell, ...]:
    through = _let_through(one.target, base.occurred_from, last)
    hit = incidents.behind(replace(base, service=one.target))
    return (
        Cell(one.target, f"/services/{one.target.partition('/')[0]}"),
        Cell("yes" if one.is_guarded else "no"),
        Cell(one.changes, f"/gate?{through.query()}"),
        Cell(one.failures, hit),
        Cell(rate(one.changes, one.failures)),
    )


def _sum(those: Iterable[Changed]) -> tuple[int, int]:
    found = list(those)
    return sum(one.changes for one in found), sum(one.failures for one in found)


def _figures(
    total: Mapping[bool, tuple[int, int]], rates: Mapping[bool, float | None], rows: str
) -> Iterable[Figure]:
    for guarded, word in ((True, "guarded"), (False, "unguarded")):
        changes, failures = total[guarded]
        told = f"{failures:,} failures of {changes:,} changes of {word} targets; none without a change."
        label = f"{word.capitalize()}: failures of 100 changes"
        yield Figure(f"{word}_rate", label, rates[guarded], told, rows)
        added_up = f"Changes of the {word} targets in the table, added up."
        yield Figure(f"{word}_changes", f"Changes of {word} targets", changes, added_up, rows)


def _words(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


def _notes(found: list[Changed], first: date | None, last: date) -> tuple[str, ...]:
    if not found:
        return (f"No change was let through from {first} to {last}.",)
    return (f"Only the {MOST_TARGETS} targets with most changes are shown.",) * (len(found) == MOST_TARGETS)
