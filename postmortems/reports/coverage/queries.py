"""Queries of coverage, from the newest drills of all incidents at once.

A drill's word on a guard counts while the guard is as it was drilled: enabled, at that revision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.gate.models import Drill, Scenario
from postmortems.gate.protection.inputs import affected_targets, asked_target
from postmortems.gate.verdicts import decision_table
from postmortems.guards.models import Guard
from postmortems.incidents.models import ActionItem, Incident

# From best to worst, with what each means; the page shows it.
CLASSES = {
    "strong": (
        "Strong",
        "The newest drill of every bad scenario is a block, each by guards of at least two kinds: "
        "one of them may be wrong, and it is still stopped.",
    ),
    "thin": ("Thin", "Every bad scenario is blocked, but one of them by guards of a single kind."),
    "detected": (
        "Detected only",
        "A bad scenario is not blocked, but a guard at shadow or advisory goes red on it: it would be seen, "
        "not stopped.",
    ),
    "uncovered": (
        "Uncovered",
        "No bad scenario is recorded, or nothing goes red on one: as far as we know it could happen again.",
    ),
    "unguardable": (
        "Unguardable",
        "No bad scenario is recorded, and every action item that was not dropped is marked as not guardable.",
    ),
}
COULD_HAPPEN = frozenset({"detected", "uncovered"})
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Covered:
    """One incident: its class, the guards that block each of its bad scenarios, and the targets it hit."""

    id: int
    slug: str
    title: str
    occurred_on: date
    severity: str
    coverage: str
    blocking: tuple[str, ...]
    kinds: tuple[str, ...]
    noticing: tuple[str, ...]
    targets: tuple[str, ...]
    scenarios: int


@dataclass(frozen=True, slots=True)
class Month:
    """The last moment of a month (`2026-03`): how many incidents there were, and were stopped by drills."""

    month: str
    incidents: int
    stopped: int


def all_incidents(target: str = "") -> list[Covered]:
    """Every incident that may be shown, newest first; `target` narrows to those that hit it."""
    incidents = session().execute(
        select(Incident.id, Incident.slug, Incident.title, Incident.occurred_on, Incident.severity)
        .order_by(Incident.occurred_on.desc(), Incident.id.desc())
    ).all()  # fmt: skip
    drilled, aimed = _drilled()
    hit = affected_targets([row.id for row in incidents], aimed)
    guards = {guard.slug: guard for guard in session().scalars(select(Guard))}
    unguardable = _unguardable()
    found = []
    for row in incidents:
        bad = drilled.get(row.id, [])
        coverage = "unguardable" if not bad and row.id in unguardable else _class_of(bad, guards)
        blocking = _common(_blocking(results, guards) for results in bad)
        red = set[str]().union(*(_red(results, guards) for results in bad))
        found.append(
            Covered(
                id=row.id,
                slug=row.slug,
                title=row.title,
                occurred_on=row.occurred_on,
                severity=row.severity,
                coverage=coverage,
                blocking=tuple(sorted(blocking)),
                kinds=tuple(sorted({guards[slug].kind for slug in blocking})),
                noticing=tuple(sorted(red - blocking)),
                targets=tuple(sorted(hit[row.id])),
                scenarios=len(bad),
            )
        )
    return [one for one in found if not target or target in one.targets]


def by_target(incidents: Iterable[Covered]) -> dict[str, dict[str, int]]:
    """By target, how many incidents of each class hit it."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(CLASSES, 0))
    for one in incidents:
        for target in one.targets:
            counts[target][one.coverage] += 1
    return dict(sorted(counts.items()))


def months(now: datetime) -> list[Month]:
    """For the last twelve months, how many incidents were known and how many of them drills stopped then."""
    ends = _month_ends(now)
    incidents = session().execute(select(Incident.id, Incident.created_at)).all()
    drills = session().execute(
        select(Scenario.incident_id, Scenario.id.label("scenario"), Drill.at, Drill.decision)
        .join(Drill, Drill.scenario_id == Scenario.id)
        .where(Scenario.kind == "bad")
        .order_by(Drill.id)
    )
    rows = drills.all()
    found = []
    for name, end in ends:
        newest: defaultdict[int, dict[int, str]] = defaultdict(dict)
        for row in rows:
            if row.at < end:
                newest[row.incident_id][row.scenario] = row.decision
        known = [row.id for row in incidents if row.created_at < end]
        stopped = sum(bool(newest[one]) and set(newest[one].values()) == {"block"} for one in known)
        found.append(Month(name, len(known), stopped))
    return found


def _month_ends(now: datetime) -> list[tuple[str, datetime]]:
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = [(f"{now:%Y-%m}", now + timedelta(microseconds=1))]
    for _ in range(MONTHS - 1):
        before = first - timedelta(days=1)
        ends.append((f"{before:%Y-%m}", first))
        first = before.replace(day=1)
    return ends[::-1]


def _drilled() -> tuple[dict[int, list[Sequence[Mapping[str, Any]]]], dict[int, set[str]]]:
    """By incident, what each guard said in the newest drill of each bad scenario; and their targets."""
    newest = select(func.max(Drill.id)).where(Drill.scenario_id == Scenario.id).correlate(Scenario)
    rows = session().execute(
        select(Scenario.incident_id, Scenario.facts, Drill.results)
        .outerjoin(Drill, Drill.id == newest.scalar_subquery())
        .where(Scenario.kind == "bad")
    )
    drilled: defaultdict[int, list[Sequence[Mapping[str, Any]]]] = defaultdict(list)
    aimed: defaultdict[int, set[str]] = defaultdict(set)
    for incident_id, facts, results in rows:
        drilled[incident_id].append(results or [])
        aimed[incident_id].add(asked_target(facts))
    return drilled, aimed


def _unguardable() -> set[int]:
    """The incidents all of whose items are marked as not guardable, but for those that were dropped."""
    marked = func.count().filter(ActionItem.guardability == "not_guardable")
    rows = session().execute(
        select(ActionItem.incident_id)
        .where(ActionItem.status != "wont_do")
        .group_by(ActionItem.incident_id)
        .having(marked == func.count())
    )
    return {row.incident_id for row in rows}


def _class_of(bad: Sequence[Sequence[Mapping[str, Any]]], guards: Mapping[str, Guard]) -> str:
    blocking = [_blocking(results, guards) for results in bad]
    if bad and all(blocking):
        kinds = [{guards[slug].kind for slug in slugs} for slugs in blocking]
        return "strong" if all(len(each) > 1 for each in kinds) else "thin"
    seen = [stopped or _red(results, guards) for stopped, results in zip(blocking, bad, strict=True)]
    return "detected" if bad and all(seen) else "uncovered"


def _blocking(results: Iterable[Mapping[str, Any]], guards: Mapping[str, Guard]) -> set[str]:
    """The guards that blocked in this drill, and would today."""
    red = _red(results, guards)
    return {slug for slug in red if guards[slug].level in decision_table.ENFORCING}


def _red(results: Iterable[Mapping[str, Any]], guards: Mapping[str, Guard]) -> set[str]:
    return {
        one["guard"]
        for one in results
        if one["verdict"] in decision_table.RED and (guard := guards.get(one["guard"])) is not None
        and guard.is_enabled and guard.revision == one["revision"]
    }  # fmt: skip


def _common(sets: Iterable[Collection[str]]) -> set[str]:
    every = [set(each) for each in sets]
    return set[str].intersection(*every) if every else set()
