"""What the tallies of some incidents are worked out from, read in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, func, select

from postmortems.db import session as db
from postmortems.db.prepared import PreparedQuery
from postmortems.gate.models import Drill, ItemProtection, Scenario
from postmortems.gate.protection.inputs import affected_targets, asked_target
from postmortems.gate.tallies.coverage import GuardState, Results
from postmortems.gate.tallies.parts import DrillFacts, ItemFacts, ReportFacts
from postmortems.guards.models import Guard
from postmortems.incidents.approvals.conditions import IN_REVIEW, SKIPPED, WRITTEN
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Admitted, Affected, Incident


@dataclass(slots=True)
class BadDeploys:
    """The bad scenarios of an incident: their targets, the newest drill of each, and all drills by id."""

    targets: set[str] = field(default_factory=set)
    results: list[Results] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    drills: list[DrillFacts] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """One incident as it is now."""

    id: int
    occurred_on: date
    created_at: datetime
    is_restricted: bool
    # The services that it names, with the target where it names one.
    affected: frozenset[tuple[str, str]]
    targets: frozenset[str]
    # How many items were not dropped, and how many of these are marked as not guardable.
    kept_items: int
    not_guardable: int
    items: tuple[ItemFacts, ...]
    bad: BadDeploys
    report: ReportFacts


# Put together once, for every save.
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
OF_BAD_DEPLOYS = Scenario.kind == "bad"
# A row for each service and target that an incident hit, and one where it names none.
INCIDENTS = PreparedQuery(
    select(
        Incident.id,
        Incident.occurred_on,
        Incident.created_at,
        Incident.severity,
        Incident.status,
        Incident.published_at,
        exists().where(Admitted.incident_id == Incident.id).label("is_restricted"),
        exists().where(Scenario.incident_id == Incident.id, OF_BAD_DEPLOYS).label("has_bad"),
        Affected.service,
        Affected.target,
    )
    .outerjoin(Affected, Affected.incident_id == Incident.id)
    .where(Incident.id.in_(IDS))
)
DRAFTS = PreparedQuery(
    select(Incident.id, IN_REVIEW.label("asked"), SKIPPED.label("skipped"), WRITTEN.label("written")).where(
        Incident.id.in_(IDS)
    )
)
ITEMS = PreparedQuery(
    select(
        ActionItem.incident_id,
        ActionItem.kind,
        ActionItem.status,
        ActionItem.owner,
        ActionItem.owner_key,
        ActionItem.due,
        ActionItem.guardability,
        func.coalesce(ItemProtection.protection, "unguarded").label("protection"),
        ActionItem.opened_at,
        ActionItem.closed_at,
        ActionItem.reopened_at,
        ActionItem.team,
        *item_teams.choices(),
    )
    .outerjoin(ItemProtection, ItemProtection.item_id == ActionItem.id)
    .where(ActionItem.incident_id.in_(IDS))
)
BAD = PreparedQuery(
    select(Scenario.id, Scenario.incident_id, Scenario.facts)
    .where(Scenario.incident_id.in_(IDS), OF_BAD_DEPLOYS)
    .order_by(Scenario.id)
)


def gather(ids: Collection[int]) -> tuple[list[IncidentFacts], dict[str, GuardState]]:
    """The facts about each of the incidents that are there, and the guards that their drills asked."""
    rows = INCIDENTS.rows({"ids": ids})
    incidents = list({row.id: row for row in rows}.values())
    reports = _reports(incidents)
    bad = _bad_deploys([row.id for row in incidents if row.has_bad])
    affected = [(row.id, row.service, row.target) for row in rows if row.service is not None]
    pairs = defaultdict[int, set[tuple[str, str]]](set)
    for one, service, target in affected:
        pairs[one].add((service, target))
    # Few incidents name what they hit or have scenarios; the rest hit nothing.
    named = {*pairs, *bad}
    hit = affected_targets(named, {one: each.targets for one, each in bad.items()}, affected) if named else {}
    items = _items(ids)
    found = []
    for row in incidents:
        own = items.get(row.id, ())
        kept = [item.guardability for item in own if item.status != "wont_do"]
        found.append(
            IncidentFacts(
                id=row.id,
                occurred_on=row.occurred_on,
                created_at=row.created_at,
                is_restricted=bool(row.is_restricted),
                affected=frozenset(pairs.get(row.id, ())),
                targets=hit.get(row.id, frozenset()),
                kept_items=len(kept),
                not_guardable=kept.count("not_guardable"),
                items=tuple(own),
                bad=bad.get(row.id) or BadDeploys(),
                report=reports[row.id],
            )
        )
    return found, _guards(one for each in bad.values() for one in each.results)


def _reports(incidents: Collection[Any]) -> Mapping[int, ReportFacts]:
    drafts = _drafts([row.id for row in incidents if row.status == "draft"])
    return {
        row.id: ReportFacts(
            row.severity,
            row.status,
            row.occurred_on,
            row.published_at is not None,
            *drafts.get(row.id, (False, False, True)),
        )
        for row in incidents
    }


def _drafts(ids: Collection[int]) -> Mapping[int, tuple[bool, bool, bool]]:
    """Of these drafts, whether each is in review, skipped, and written."""
    if not ids:
        return {}
    rows = DRAFTS.rows({"ids": ids})
    return {one: (bool(asked), bool(skipped), bool(written)) for one, asked, skipped, written in rows}


def _items(ids: Collection[int]) -> Mapping[int, Sequence[ItemFacts]]:
    found: defaultdict[int, list[ItemFacts]] = defaultdict(list)
    rows = ITEMS.rows({"ids": ids})
    names = {row.team for row in rows if row.team}
    named = item_teams.named_teams(names) if names else {}
    for row in rows:
        incident, *told, team, owner, owners_team, services = row
        told.append(item_teams.first_of(owner, named.get(team), owners_team, services))
        found[incident].append(ItemFacts(*told))
    return found


def _bad_deploys(ids: Collection[int]) -> Mapping[int, BadDeploys]:
    if not ids:
        return {}
    scenarios = BAD.rows({"ids": ids})
    drilled = [row.id for row in scenarios]
    drills = db.rows(
        select(Drill.id, Drill.scenario_id, Drill.at, Drill.decision)
        .where(Drill.scenario_id.in_(drilled))
        .order_by(Drill.id)
    )
    newest = {row.scenario_id: row for row in drills}
    results = _results([row.id for row in newest.values()])
    found: defaultdict[int, BadDeploys] = defaultdict(BadDeploys)
    incident_of = {row.id: row.incident_id for row in scenarios}
    for row in scenarios:
        bad, drill = found[row.incident_id], newest.get(row.id)
        bad.targets.add(asked_target(row.facts))
        bad.results.append(results[drill.id] if drill else [])
        bad.decisions.append(drill.decision if drill else "")
    for row in drills:
        found[incident_of[row.scenario_id]].drills.append(DrillFacts(row.scenario_id, row.at, row.decision))
    return found


def _results(drills: Collection[int]) -> dict[int, Results]:
    rows = db.rows(select(Drill.id, Drill.results).where(Drill.id.in_(drills)))
    return {row.id: row.results for row in rows}


def _guards(results: Iterable[Results]) -> dict[str, GuardState]:
    slugs = {one["guard"] for each in results for one in each}
    if not slugs:
        return {}
    columns: tuple[Any, ...] = (Guard.slug, Guard.kind, Guard.level, Guard.is_enabled, Guard.revision)
    rows: list[list[Any]] = [list(row) for row in db.rows(select(*columns).where(Guard.slug.in_(slugs)))]
    return {row[0]: GuardState(*row) for row in rows}
