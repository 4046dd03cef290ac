"""Queries of scenarios and their newest drills."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from postmortems.db.session import session
from postmortems.gate.decisions import redaction
from postmortems.gate.models import Drill, Scenario
from postmortems.incidents.models import ActionItem, Incident, ItemGuard
from postmortems.incidents.page_keys import Page, fetched

# Put together once, for every look at an incident.
SCENARIOS_OF = (
    select(Scenario)
    .where(Scenario.incident_id.in_(bindparam("incidents", expanding=True)))
    .options(joinedload(Scenario.incident))
    .order_by(Scenario.kind, Scenario.id)
)


def scenarios(incident: Incident) -> list[Scenario]:
    """An incident's scenarios, the bad before the good."""
    return scenarios_of([incident.id])


def scenarios_of(incident_ids: Collection[int]) -> list[Scenario]:
    """The scenarios of some incidents, the bad before the good."""
    return list(session().scalars(SCENARIOS_OF, {"incidents": incident_ids}))


def scenario_page(incident_slug: str = "", after: int = 0, limit: int = 50) -> Page[Scenario]:
    """Scenarios by id, of one incident or of all; `after` is the id that the page before ended with."""
    page = select(Scenario).where(Scenario.id > after).options(joinedload(Scenario.incident))
    if incident_slug:
        page = page.join(Scenario.incident).where(Incident.slug == incident_slug)
    return fetched(page.order_by(Scenario.id), limit, lambda row: str(row.id))


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


# Of an incident without scenarios.
NOTHING = WouldStop("unknown", (), ())


def would_stop(incident: Incident) -> WouldStop:
    """For the incident's page: its scenarios with their newest drills, and what they say together."""
    listed = scenarios(incident)
    newest = newest_drills([scenario.id for scenario in listed]) if listed else {}
    replays = tuple(Replay(scenario, newest.get(scenario.id)) for scenario in listed)
    bad = [replay.drill for replay in replays if replay.scenario.kind == "bad"]
    drilled = [drill for drill in bad if drill is not None]
    blocking = [{one["guard"] for one in drill.results if one["effective"] == "block"} for drill in drilled]
    stopping = tuple(sorted(set[str].intersection(*blocking))) if blocking else ()
    if not bad or len(drilled) < len(bad):
        return WouldStop("unknown", stopping, replays)
    return WouldStop("yes" if all(drill.is_as_expected for drill in drilled) else "no", stopping, replays)


def incidents_naming(slug: str) -> list[Incident]:
    """The incidents with an item that names the guard, by id."""
    named = select(ActionItem.incident_id).join(ItemGuard).where(ItemGuard.slug == slug)
    return list(session().scalars(select(Incident).where(Incident.id.in_(named)).order_by(Incident.id)))


def drilled(slug: str) -> list[Drilled]:
    """What the newest drills of the incidents that name the guard said of it."""
    listed = scenarios_of([incident.id for incident in incidents_naming(slug)])
    newest = newest_drills([scenario.id for scenario in listed])
    return [
        Drilled(scenario, drill, next((one for one in drill.results if one["guard"] == slug), None))
        for scenario in listed
        if (drill := newest.get(scenario.id)) is not None
    ]
