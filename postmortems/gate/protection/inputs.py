"""Inputs of protection, read for many items in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.orm import aliased, selectinload

from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.gate.findings import operations as findings_operations
from postmortems.gate.models import Drill, Finding, ItemProtection, Scenario
from postmortems.gate.protection import rules as protection_rules
from postmortems.gate.protection.rules import Facts, Link
from postmortems.gate.verdicts import active_waivers, decision_table
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards import queries as guards_queries
from postmortems.guards.models import Evaluation, Evidence, Guard, Service, Target
from postmortems.incidents.models import ActionItem, Affected, Incident, ItemGuard

# Put together once, for every save.
ITEMS = PreparedQuery(
    select(ActionItem.id, ActionItem.incident_id, ItemProtection.was_proven, ItemGuard.slug)
    .outerjoin(ItemProtection, ItemProtection.item_id == ActionItem.id)
    .outerjoin(ItemGuard, ItemGuard.item_id == ActionItem.id)
    .where(ActionItem.id.in_(bindparam("items", expanding=True)))
    .order_by(ActionItem.id, ItemGuard.position)
)
AFFECTED = PreparedQuery(
    select(Affected.incident_id, Affected.service, Affected.target).where(
        Affected.incident_id.in_(bindparam("incidents", expanding=True))
    )
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The newest drill of a scenario: by guard slug, the revision that was drilled and its verdict."""

    kind: str
    verdicts: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def gather(item_ids: Collection[int], now: datetime) -> dict[int, Facts]:
    """The facts about each item, by its id; unknown ids are left out."""
    incident_of, were_proven, named = _items(item_ids)
    facts = {item_id: Facts(was_proven=item_id in were_proven) for item_id in incident_of}
    if not named:
        # Most items name no guard, and then nothing else matters.
        return facts
    guards = _guards({slug for slugs in named.values() for slug in slugs})
    incidents = {incident_of[item_id] for item_id in named}
    again = repeated(incidents)
    replays, drilled_targets = _replays({*incidents, *(later for ids in again.values() for later in ids)})
    affected = affected_targets(incidents, drilled_targets)
    targets = frozenset[str]().union(*affected.values())
    deployed = _newest_deploys(targets)
    decided = _newest_decisions(guards, targets, _earliest(deployed, now))
    lately = known(guards, targets, deployed, decided, now)
    for item_id, slugs in named.items():
        hit, replayed = affected[incident_of[item_id]], replays[incident_of[item_id]]
        since = (
            max((deployed[name] for name in hit if name in deployed), default=now)
            - protection_rules.ENFORCED_WITHIN
        )
        links = tuple(_link(slug, guards.get(slug), replayed, hit, decided, since) for slug in slugs)
        there = [guards[slug] for slug in slugs if slug in guards]
        against = (
            *_recurred(again[incident_of[item_id]], there, replays),
            *reasons(there, hit, lately),
        )
        facts[item_id] = Facts(hit, links, item_id in were_proven, against)
    return facts


def is_proven(guard: GuardValue, replays: Iterable[Replayed]) -> bool:
    """Whether newest drills of the guard as it is now were red on a bad scenario and green on the good."""
    known = list(replays)
    return goes_red(guard, known) and stays_green(guard, known)


def goes_red(guard: GuardValue, replays: Iterable[Replayed]) -> bool:
    """Whether the newest drill of a bad scenario was red on the guard as it is now."""
    return any(verdict in decision_table.RED for verdict in _verdicts(guard, replays, "bad"))


def stays_green(guard: GuardValue, replays: Iterable[Replayed]) -> bool:
    """Whether the newest drills of all good scenarios that ask the guard as it is now were green.

    Without a good deploy that it lets through, a guard that stops everything would count as proven.
    """
    verdicts = _verdicts(guard, replays, "good")
    return bool(verdicts) and all(verdict in decision_table.GREEN for verdict in verdicts)


def _verdicts(guard: GuardValue, replays: Iterable[Replayed], kind: str) -> list[str]:
    asked = [one.verdicts[guard.slug] for one in replays if one.kind == kind and guard.slug in one.verdicts]
    return [verdict if revision == guard.revision else "of another revision" for revision, verdict in asked]


def _recurred(
    later: Iterable[int], guards: Collection[GuardValue], replays: Mapping[int, Collection[Replayed]]
) -> Iterator[str]:
    """That an incident repeats the item's, and its bad deploy is not stopped by the item's guards by now.

    Never which: that is stored for all, and it may be restricted, now or later. The page links to those that
    its reader may see.
    """
    for incident_id in later:
        bad = [replayed for replayed in replays.get(incident_id, ()) if replayed.kind == "bad"]
        stopped = any(
            replayed.verdicts.get(guard.slug, (0, ""))[0] == guard.revision
            and replayed.verdicts[guard.slug][1] in decision_table.RED
            and guard.is_enabled
            and guard.level in decision_table.ENFORCING
            for replayed in bad
            for guard in guards
        )
        if not stopped:
            yield "it happened again, and no drill shows that stopped"
            return


def _link(
    slug: str,
    guard: GuardValue | None,
    replays: Collection[Replayed],
    hit: frozenset[str],
    decided: Mapping[tuple[int, str], datetime],
    since: datetime,
) -> Link:
    if guard is None or guard.id is None:
        return Link(slug, is_there=False)
    moments = [decided[guard.id, name] for name in hit if (guard.id, name) in decided]
    return Link(
        slug,
        is_enabled=guard.is_enabled,
        level=guard.level,
        targets=guard.targets,
        is_proven=is_proven(guard, replays),
        is_asked=max(moments, default=since) > since,
    )


def _items(item_ids: Collection[int]) -> tuple[dict[int, int], set[int], dict[int, list[str]]]:
    """By item its incident, which were ever proven, and by item the slugs of its guards in order."""
    session().flush()
    incidents, proven, slugs = dict[int, int](), set[int](), defaultdict[int, list[str]](list)
    for item_id, incident_id, was_proven, slug in ITEMS.rows({"items": item_ids}):
        incidents[item_id] = incident_id
        if was_proven:
            proven.add(item_id)
        if slug is not None:
            slugs[item_id].append(slug)
    return incidents, proven, slugs


def _guards(slugs: Collection[str]) -> dict[str, GuardValue]:
    loaded = select(Guard).where(Guard.slug.in_(slugs))
    loaded = loaded.options(selectinload(Guard.targets).joinedload(Target.service))
    return {guard.slug: GuardValue.of(guard) for guard in session().scalars(loaded)}


def _replays(incidents: Collection[int]) -> tuple[dict[int, list[Replayed]], dict[int, set[str]]]:
    """By incident: its scenarios' newest drills, and the targets of its bad scenarios."""
    newest = select(func.max(Drill.id)).where(Drill.scenario_id == Scenario.id).correlate(Scenario)
    rows = session().execute(
        select(Scenario.incident_id, Scenario.kind, Scenario.facts, Drill.results)
        .outerjoin(Drill, Drill.id == newest.scalar_subquery())
        .where(Scenario.incident_id.in_(incidents))
    )
    replays: defaultdict[int, list[Replayed]] = defaultdict(list)
    targets: defaultdict[int, set[str]] = defaultdict(set)
    for incident_id, kind, facts, results in rows:
        verdicts = {one["guard"]: (one["revision"], one["verdict"]) for one in results or ()}
        replays[incident_id].append(Replayed(kind, verdicts))
        if kind == "bad":
            targets[incident_id].add(asked_target(facts))
    return replays, targets


def asked_target(facts: Mapping[str, Any]) -> str:
    """The full name of the target that a scenario's request was for."""
    return f"{facts['request']['service']}/{facts['request']['target']}"


def affected_targets(
    incidents: Collection[int],
    drilled: Mapping[int, set[str]],
    rows: Sequence[tuple[int, str, str]] | None = None,
) -> dict[int, frozenset[str]]:
    """By incident, the full names of the targets it hit; a service without targets stands as its own name.

    `rows` are the incidents' ids with the services and targets that they name, where somebody has asked; a
    target is "" where none is named.
    """
    if rows is None:
        session().flush()
        rows = AFFECTED.rows({"incidents": incidents})
    promoted = guards_queries.promoted({service for _, service, _ in rows})
    targets = {incident_id: set(drilled.get(incident_id, ())) for incident_id in incidents}
    for incident_id, service, target in rows:
        targets[incident_id].add(hit_target(service, target, promoted))
    return {incident_id: frozenset(names) for incident_id, names in targets.items()}


def hit_target(service: str, target: str, promoted: Mapping[str, tuple[str, ...]]) -> str:
    """The full name of what was hit; a service alone stands for its last target, else for itself."""
    return f"{service}/{target}" if target else promoted.get(service, (service,))[-1]


def _newest_deploys(targets: Collection[str]) -> dict[str, datetime]:
    """By full name, when the newest deploy event on the target was seen."""
    pairs = [tuple(name.split("/", 1)) for name in targets if "/" in name]
    rows = session().execute(
        select(Service.name, Target.name, func.max(Evidence.observed_at, type_=Evidence.observed_at.type))
        .join(Target, Target.id == Evidence.target_id)
        .join(Service, Service.id == Target.service_id)
        .where(Evidence.kind == "deploy", tuple_(Service.name, Target.name).in_(pairs))
        .group_by(Service.name, Target.name)
    )
    return {f"{service}/{target}": at for service, target, at in rows}


def _newest_decisions(
    guards: Mapping[str, GuardValue], targets: Collection[str], since: datetime
) -> dict[tuple[int, str], datetime]:
    """By guard id and target, when a real decision last evaluated the guard at an enforcing level."""
    rows = session().execute(
        select(
            Evaluation.guard_id, Evaluation.target, func.max(Evaluation.at, type_=Evaluation.at.type)
        )
        .where(
            Evaluation.guard_id.in_([guard.id for guard in guards.values()]),
            Evaluation.at > since,
            Evaluation.purpose == "decision",
            Evaluation.level.in_(decision_table.ENFORCING),
            Evaluation.target.in_(targets),
        )
        .group_by(Evaluation.guard_id, Evaluation.target)
    )  # fmt: skip
    return {(guard_id, target): at for guard_id, target, at in rows if guard_id is not None}


def _earliest(deployed: Mapping[str, datetime], now: datetime) -> datetime:
    return min(deployed.values(), default=now) - protection_rules.ENFORCED_WITHIN


@dataclass(frozen=True, slots=True)
class Known:
    """What happened lately around some guards and targets, for all items at once.

    `deployed`: by target, the newest deploy. `decided`: by guard id and target, the newest real decision.
    """

    now: datetime
    findings: Sequence[Finding]
    overrides: Mapping[str, int]
    deployed: Mapping[str, datetime]
    decided: Mapping[tuple[int, str], datetime]


def known(
    slugs: Collection[str],
    targets: Collection[str],
    deployed: Mapping[str, datetime],
    decided: Mapping[tuple[int, str], datetime],
    now: datetime,
) -> Known:
    since = now - protection_rules.AGAINST_FOR
    return Known(
        now,
        findings_operations.newest_open(targets, since),
        active_waivers.overrides_granted(slugs, since),
        deployed,
        decided,
    )


def reasons(guards: Sequence[GuardValue], hit: frozenset[str], lately: Known) -> Iterator[str]:
    """What happened that speaks against these guards of an item, on the targets that its incident hit."""
    enforcing = [guard for guard in guards if guard.is_enabled and guard.level in decision_table.ENFORCING]
    covered = frozenset[str]().union(*(guard.targets for guard in enforcing)) & hit
    slugs = {guard.slug for guard in guards}
    for finding in lately.findings:
        if finding.target in covered and finding.guard in {"", *slugs}:
            yield finding.summary
    for guard in guards:
        count = lately.overrides.get(guard.slug, 0)
        if count >= protection_rules.MANY_OVERRIDES:
            yield f"{guard.slug} was overridden {count} times in 30 days"
    for target in sorted(covered):
        covering = [guard for guard in enforcing if target in guard.targets]
        if covering and _went_by(covering, target, lately):
            names = ", ".join(guard.slug for guard in covering)
            yield f"for 30 days deploys went to {target} and no decision asked {names}"


def _went_by(covering: Iterable[GuardValue], target: str, lately: Known) -> bool:
    """Whether a deploy came 30 days after any of these guards was made, edited or asked about the target."""
    deployed = lately.deployed.get(target)
    asked = [lately.decided.get((guard.id, target)) for guard in covering if guard.id]
    moments = [at for at in [*(guard.edited_at for guard in covering), *asked] if at]
    if deployed is None or not moments:
        return False
    return max(moments) <= deployed - protection_rules.ENFORCED_WITHIN


def repeated(incident_ids: Collection[int]) -> dict[int, list[int]]:
    """By incident, the ids of those that say they repeat it, the newest first."""
    earlier, later = aliased(Incident), aliased(Incident)
    rows = session().execute(
        select(earlier.id, later.id)
        .join(later, later.recurrence_of == earlier.slug)
        .where(earlier.id.in_(incident_ids), later.id != earlier.id)
        .order_by(later.occurred_on.desc(), later.id)
    )
    repeats: defaultdict[int, list[int]] = defaultdict(list)
    for earlier_id, later_id in rows:
        repeats[earlier_id].append(later_id)
    return repeats
