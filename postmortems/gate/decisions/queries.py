"""Find decisions, scenarios and drills, and what a decision has to know about a target."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, select
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from postmortems.db.session import session
from postmortems.errors import NotFound
from postmortems.gate.decisions import answer, late_verdicts, redaction
from postmortems.gate.models import Decision, Drill, Scenario, Standing
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards import queries as guards
from postmortems.guards.models import Evaluation
from postmortems.incidents.models import ActionItem, Incident, ItemGuard
from postmortems.incidents.page_keys import LARGEST, Page


@dataclass(frozen=True, slots=True)
class Filters:
    """Which decisions to list; an empty field means any. `target` is a full name, `data8/prod`."""

    service: str = ""
    target: str = ""
    decision: str = ""
    is_dry_run: bool | None = None
    artifact: str = ""
    # Whom it was asked; the days, in UTC, are both included.
    guard: str = ""
    since: date | None = None
    until: date | None = None


def decisions(filters: Filters | None = None, before: str = "", limit: int = 50) -> Page[Decision]:
    """Decisions, newest first; `before` is the id that the page before ended with."""
    limit = max(1, min(limit, LARGEST))
    page = select(Decision).where(*_conditions(filters or Filters())).options(defer(Decision.request))
    if before:
        page = page.where(Decision.id < before)
    rows = list(session().scalars(page.order_by(Decision.id.desc()).limit(limit + 1)))
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else "")


def decision(decision_id: str) -> Decision:
    """One decision with its answer. Raises `NotFound`."""
    found = session().get(Decision, decision_id)
    if found is None:
        raise NotFound(f"there is no decision {decision_id}")
    set_committed_value(found, "answer", redaction.withheld(late_verdicts.told(found.answer)))
    return found


def guards_over(full_name: str) -> list[GuardValue]:
    """The enabled guards over a target, as values; none over an unknown target."""
    target = guards.target_named(full_name)
    return [GuardValue.of(guard) for guard in guards.covering(target.id)] if target else []


def scenario(scenario_id: int) -> Scenario:
    """One scenario with its incident. Raises `NotFound`."""
    wanted = select(Scenario).where(Scenario.id == scenario_id).options(joinedload(Scenario.incident))
    found = session().scalars(wanted).one_or_none()
    if found is None:
        raise NotFound(f"there is no scenario {scenario_id}")
    return found


# Put together once, for every look at an incident.
SCENARIOS_OF = (
    select(Scenario)
    .where(Scenario.incident_id.in_(bindparam("incidents", expanding=True)))
    .options(joinedload(Scenario.incident))
    .order_by(Scenario.kind, Scenario.id)
)
STANDINGS = select(Standing).where(Standing.item_id.in_(bindparam("items", expanding=True)))


def scenarios(incident: Incident) -> list[Scenario]:
    """An incident's scenarios, the bad before the good."""
    return scenarios_of([incident.id])


def scenarios_of(incident_ids: Collection[int]) -> list[Scenario]:
    """The scenarios of some incidents, the bad before the good."""
    return list(session().scalars(SCENARIOS_OF, {"incidents": incident_ids}))


def scenario_page(incident_slug: str = "", after: int = 0, limit: int = 50) -> Page[Scenario]:
    """Scenarios by id, of one incident or of all; `after` is the id that the page before ended with."""
    limit = max(1, min(limit, LARGEST))
    page = select(Scenario).where(Scenario.id > after).options(joinedload(Scenario.incident))
    if incident_slug:
        page = page.join(Scenario.incident).where(Incident.slug == incident_slug)
    rows = list(session().scalars(page.order_by(Scenario.id).limit(limit + 1)))
    return Page(rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else "")


def newest_drills(scenario_ids: Collection[int]) -> dict[int, Drill]:
    """By scenario id, its newest drill; a scenario that was never drilled is left out."""
    newest = select(func.max(Drill.id)).where(Drill.scenario_id.in_(scenario_ids)).group_by(Drill.scenario_id)
    return {
        drill.scenario_id: redaction.drill(drill)
        for drill in session().scalars(select(Drill).where(Drill.id.in_(newest)))
    }


def drills(scenario: Scenario, limit: int = 20) -> list[Drill]:
    """A scenario's newest drills, newest first."""
    newest = select(Drill).where(Drill.scenario_id == scenario.id).order_by(Drill.id.desc()).limit(limit)
    return [redaction.drill(found) for found in session().scalars(newest)]


@dataclass(frozen=True, slots=True)
class Replay:
    """A scenario with its newest drill, None before its first."""

    scenario: Scenario
    drill: Drill | None


@dataclass(frozen=True, slots=True)
class Drilled:
    """What the newest drill of a scenario said of one guard; `result` is None where it did not take part."""

    scenario: Scenario
    drill: Drill
    result: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class WouldStop:
    """Whether today's guards would stop an incident: `verdict` is yes, no or unknown (nothing was drilled).

    `yes` when the newest drill of every bad scenario was a block. `stopping` are the guards that block it.
    """

    verdict: str
    stopping: tuple[str, ...]
    replays: tuple[Replay, ...]


def would_stop(incident: Incident) -> WouldStop:
    """For the incident's page: its scenarios with their newest drills, and what they say together."""
    found = scenarios(incident)
    newest = newest_drills([scenario.id for scenario in found]) if found else {}
    replays = tuple(Replay(scenario, newest.get(scenario.id)) for scenario in found)
    bad = [replay.drill for replay in replays if replay.scenario.kind == "bad"]
    drilled = [drill for drill in bad if drill is not None]
    blocking = [{one["guard"] for one in drill.results if one["effective"] == "block"} for drill in drilled]
    stopping = tuple(sorted(set[str].intersection(*blocking))) if blocking else ()
    if not bad or len(drilled) < len(bad):
        return WouldStop("unknown", stopping, replays)
    return WouldStop("yes" if all(drill.is_as_expected for drill in drilled) else "no", stopping, replays)


def standings(item_ids: Collection[int]) -> dict[int, Standing]:
    """By item id, where its protection stands; an item that was never looked at is left out."""
    if not item_ids:
        return {}
    found = session().scalars(STANDINGS, {"items": list(item_ids)})
    return {standing.item_id: standing for standing in found}


def incidents_naming(slug: str) -> list[Incident]:
    """The incidents with an item that names the guard, by id."""
    named = select(ActionItem.incident_id).join(ItemGuard).where(ItemGuard.slug == slug)
    return list(session().scalars(select(Incident).where(Incident.id.in_(named)).order_by(Incident.id)))


def drilled(slug: str) -> list[Drilled]:
    """What the newest drills of the incidents that name the guard said of it."""
    found = scenarios_of([incident.id for incident in incidents_naming(slug)])
    newest = newest_drills([scenario.id for scenario in found])
    return [
        Drilled(scenario, drill, next((one for one in drill.results if one["guard"] == slug), None))
        for scenario in found
        if (drill := newest.get(scenario.id)) is not None
    ]


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.service:
        found.append(Decision.service == filters.service)
    if filters.target:
        found.append(Decision.target == filters.target)
    if filters.decision:
        found.append(Decision.decision == filters.decision)
    if filters.is_dry_run is not None:
        found.append(Decision.is_dry_run.is_(filters.is_dry_run))
    if filters.artifact:
        found.append(Decision.artifact == filters.artifact.strip().lower())
    if filters.guard:
        asked = Evaluation.decision_id == Decision.id, Evaluation.guard_slug == filters.guard
        found.append(exists().where(*asked))
    if filters.since:
        found.append(Decision.id >= answer.first_id(_midnight(filters.since)))
    if filters.until:
        found.append(Decision.id < answer.first_id(_midnight(filters.until) + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
