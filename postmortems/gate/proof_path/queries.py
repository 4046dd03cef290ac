"""Queries for an incident's paths to proof: the facts about each item, and who did what of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.audit.models import Event
from postmortems.gate.models import ItemProtection
from postmortems.gate.proof_path import steps as proof_steps
from postmortems.gate.proof_path.steps import Facts, GuardFacts, Step
from postmortems.gate.protection import inputs
from postmortems.gate.protection import rules as protection_rules
from postmortems.gate.protection.inputs import Replayed
from postmortems.gate.scenarios.queries import Replay
from postmortems.gate.suggestions.suggest import Promoted, Suggestion
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards import queries as guards
from postmortems.incidents.models import ActionItem, Incident

# Names that a page gives of those who may do what its reader may not.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class ProofPath:
    """One item's steps. `by`: by step, the event that did it last."""

    item: ActionItem
    steps: tuple[Step, ...]
    is_proven: bool
    why: str
    by: Mapping[str, Event]

    @property
    def done(self) -> int:
        return sum(step.state == "done" for step in self.steps)

    @property
    def current(self) -> Step | None:
        return next((step for step in self.steps if step.state == "current"), None)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the paths of one incident share."""

    incident: Incident
    affected: frozenset[str]
    registered: frozenset[str]
    guards: Mapping[str, GuardValue]
    replays: Sequence[Replay]
    suggestions: Sequence[Suggestion]


def of_incident(
    incident: Incident,
    replays: Sequence[Replay],
    protections: Mapping[int, ItemProtection],
    suggestions: Sequence[Suggestion],
    promoted: Promoted | None = None,
) -> list[ProofPath]:
    """The path of each item that has one, in the document's order, by a fixed number of queries.

    `promoted` are the targets of the services that the incident names, where they are at hand.
    """
    items = [item for item in incident.items if _has_path(item)]
    if not items:
        return []
    known = _known(incident, items, replays, suggestions, promoted)
    facts = {item.id: _facts(item, known, protections.get(item.id)) for item in items}
    traces = _Traces(known, audit.newest_of(_subjects(known)))
    paths = []
    for item in items:
        found = facts[item.id]
        is_proven = found.protection in protection_rules.PROVEN
        paths.append(ProofPath(item, proof_steps.steps(found), is_proven, found.why, traces.of(found)))
    return paths


def who_may(paths: Iterable[ProofPath], actor: Actor) -> dict[str, tuple[str, list[str]]]:
    """By act of a next step that the actor may not do: the roles for it, and who has one of them."""
    acts = {path.current.act for path in paths if path.current is not None}
    refused = [act for act in acts if not permissions.may(actor, act)]
    roles = {act: permissions.ALLOWED[act].roles for act in refused}
    named = {each: accounts.able(each, MOST_NAMED) for each in set(roles.values())}
    return {act: (permissions.needed(act), named[roles[act]]) for act in refused}


def _has_path(item: ActionItem) -> bool:
    return proof_steps.asks_proof(
        guardability=item.guardability,
        kind=item.kind,
        status=item.status,
        names_guards=bool(item.guards),
        closed_unproven=item.closed_unproven,
    )


def _known(
    incident: Incident,
    items: Sequence[ActionItem],
    replays: Sequence[Replay],
    suggestions: Sequence[Suggestion],
    promoted: Promoted | None,
) -> _Known:
    asked = {inputs.asked_target(one.scenario.facts) for one in replays if one.scenario.kind == "bad"}
    hit = [name.partition("/") for name in incident.services]
    if promoted is None:
        promoted = guards.promoted({service for service, _, _ in hit})
    affected = asked | {inputs.hit_target(service, target, promoted) for service, _, target in hit}
    registered = {name for names in promoted.values() for name in names}
    # A bad deploy may have been tried on a service that the incident does not name.
    others = affected - registered if asked - registered else set()
    registered |= {target.full_name for target in guards.targets_named(others)}
    slugs = {guard.slug for item in items for guard in item.guards}
    return _Known(
        incident,
        frozenset(affected),
        frozenset(affected & registered),
        {slug: GuardValue.of(guard) for slug, guard in guards.by_slugs(slugs).items()} if slugs else {},
        replays,
        suggestions,
    )


def _facts(item: ActionItem, known: _Known, protection: ItemProtection | None) -> Facts:
    named = tuple(_guard(guard.slug, known) for guard in item.guards)
    return Facts(
        incident=known.incident.slug,
        item=item.ref,
        affected=known.affected,
        registered=known.registered,
        guards=named,
        suggested=_suggested(item.ref, known.suggestions),
        bad=_scenarios(known.replays, "bad"),
        good=_scenarios(known.replays, "good"),
        is_drilled=all(_is_drilled(replay, named, known) for replay in known.replays),
        protection=protection.protection if protection else "unguarded",
        why=protection.why if protection else "",
    )


def _guard(slug: str, known: _Known) -> GuardFacts:
    guard = known.guards.get(slug)
    if guard is None:
        return GuardFacts(slug, is_there=False)
    replayed = [Replayed(one.scenario.kind, _verdicts(one)) for one in known.replays]
    return GuardFacts(
        slug,
        is_enabled=guard.is_enabled,
        level=guard.level,
        targets=guard.targets,
        goes_red=inputs.goes_red(guard, replayed),
        stays_green=inputs.stays_green(guard, replayed),
    )


def _verdicts(replay: Replay) -> dict[str, tuple[int, str]]:
    results: Sequence[Mapping[str, Any]] = replay.drill.results if replay.drill else ()
    return {one["guard"]: (one["revision"], one["verdict"]) for one in results}


def _is_drilled(replay: Replay, named: Iterable[GuardFacts], known: _Known) -> bool:
    """Whether its newest drill asked the guards as they are now, as far as they cover its target."""
    target, verdicts = inputs.asked_target(replay.scenario.facts), _verdicts(replay)
    covering = [guard for guard in named if guard.is_on and target in guard.targets]
    return replay.drill is not None and all(
        verdicts.get(guard.slug, (0, ""))[0] == known.guards[guard.slug].revision for guard in covering
    )


def _scenarios(replays: Iterable[Replay], kind: str) -> tuple[tuple[int, str], ...]:
    return tuple((one.scenario.id, one.scenario.name) for one in replays if one.scenario.kind == kind)


def _suggested(ref: str, suggestions: Sequence[Suggestion]) -> tuple[str, str] | None:
    """What is suggested by the item's own words; else by words that stand in no item."""
    fitting = [one for one in suggestions if one.item == ref] or [one for one in suggestions if not one.item]
    return (fitting[0].kind, fitting[0].slug) if fitting else None


def _subjects(known: _Known) -> dict[str, Collection[str]]:
    return {
        "service": {name.partition("/")[0] for name in known.affected},
        "guard": list(known.guards),
        "scenario": [str(one.scenario.id) for one in known.replays],
    }


class _Traces:
    """Who did what, by step: the newest event that made it so, where it is recorded."""

    def __init__(self, known: _Known, events: Sequence[Event]) -> None:
        self._replays = known.replays
        self._events = events

    def of(self, facts: Facts) -> dict[str, Event]:
        slugs = {guard.slug for guard in facts.guards if guard.is_on}
        services = {name.partition("/")[0] for name in facts.affected}
        found = {
            "target": self._newest(("service.created", "service.edited"), services),
            "guard": self._newest(("guard.created",), slugs),
            "bad": self._newest(("scenario.recorded",), {str(number) for number, _ in facts.bad}),
            "good": self._newest(("scenario.recorded",), {str(number) for number, _ in facts.good}),
            "drill": self._newest(("scenario.drilled",), {str(one.scenario.id) for one in self._replays}),
            "raise": self._raised(slugs),
        }
        return {key: event for key, event in found.items() if event is not None}

    def _newest(self, verbs: Collection[str], subjects: Collection[str]) -> Event | None:
        return next((one for one in self._events if one.verb in verbs and one.subject in subjects), None)

    def _raised(self, slugs: Collection[str]) -> Event | None:
        edits = (one for one in self._events if one.verb == "guard.edited" and one.subject in slugs)
        raised = next((one for one in edits if "level" in one.data.get("changed", ())), None)
        return raised or self._newest(("guard.created",), slugs)
