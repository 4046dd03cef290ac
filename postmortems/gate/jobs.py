"""Jobs of the gate: periodic probes, repeated drills, protection restated as time passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from postmortems import clock, visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.errors import NotFound
from postmortems.gate.decisions import probes, store
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.models import Drill, Scenario
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.verdicts import flapping, judge
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards.judgement import Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Guard
from postmortems.incidents.models import ItemGuard

DRILL_AGAIN = timedelta(days=90)
# How much is done in one unit of work, so that nobody else waits long for the database.
BATCH = 100
WORKER = Actor.system("worker")


def observing_guards() -> list[int]:
    """The ids of the enabled guards that probe something outside."""
    kinds = [kind.slug for kind in KINDS.values() if kind.observes and not kind.asks_about_artifact]
    found = select(Guard.id, Guard.kind, Guard.config).where(Guard.kind.in_(kinds), Guard.is_enabled)
    rows = session().execute(found.order_by(Guard.id))
    return [row.id for row in rows if KINDS[row.kind].probes(row.config)]


def observe(guard_id: int, egress: Egress) -> str | None:
    """Probe one guard, store result and verdict, and return the verdict; None when the guard is gone."""
    with db.reading():
        row = session().get(Guard, guard_id)
        if row is None or not row.is_enabled or row.kind not in KINDS:
            return None
        guard = GuardValue.of(row)
    question = Question(now=clock.now(), target=next(iter(sorted(guard.targets)), ""))
    looks = probes.run([guard], question, egress)
    probed = looks[guard.slug]
    question = replace(question, now=probed.at)
    if probed.trouble:
        result = GuardResult(guard, judge.error("not_observed", probed.trouble))
    else:
        result = judge.judge(guard, [probed.as_evidence(question)], question)
    with db.transaction():
        if session().get(Guard, guard_id) is None:
            return None
        result = flapping.steadied(result, probed.at, WORKER)
        store.evaluations([result], question, decision_id=None, purpose="schedule")
    return result.judgement.verdict


def drill_again(now: datetime) -> int:
    """Repeat the drills that are older than 90 days; returns how many were."""
    newest = select(func.max(Drill.at)).where(Drill.scenario_id == Scenario.id).correlate(Scenario)
    newest_at = newest.scalar_subquery()
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        old = select(Scenario.id).where(or_(newest_at.is_(None), newest_at <= now - DRILL_AGAIN))
        due = list(session().scalars(old.order_by(Scenario.id).limit(BATCH)))
    for scenario_id in due:
        with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
            _drill(scenario_id)
    return len(due)


def _drill(scenario_id: int) -> None:
    try:
        scenario = decisions_queries.scenario(scenario_id)
    except NotFound:
        return  # It was deleted meanwhile.
    scenarios_operations.run(scenario, actor=WORKER)


def restate_all() -> int:
    """Restate every item that names a guard, as decisions grow old and targets change. Returns how many."""
    last, count = 0, 0
    while True:
        with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
            named = select(ItemGuard.item_id).where(ItemGuard.item_id > last).distinct()
            items = list(session().scalars(named.order_by(ItemGuard.item_id).limit(BATCH)))
            protection_operations.touch(items=items, actor=WORKER)
        if not items:
            return count
        last, count = items[-1], count + len(items)
