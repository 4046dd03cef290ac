"""Overrides: one deploy is let through although named guards block. Requested, then granted by an admin.

It is bound to the decision's target and artifact, ends by itself, serves one decision, and leaves an action
item behind. A hard guard is never passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Conflict, Invalid, NotAllowed, Problem
from postmortems.gate import schemas
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.enforcement import save_incident
from postmortems.gate.exemptions import schemas as exemptions_schemas
from postmortems.gate.models import Decision, Override, Waiver
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.verdicts import active_waivers
from postmortems.guards import queries as guards
from postmortems.guards.models import Guard
from postmortems.incidents import rows
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident

STOPS = frozenset({"block", "wait"})


def request(decision_id: str, fields: Mapping[str, Any], *, actor: Actor) -> Override:
    """Ask for guards of a decision to be passed over: `exemptions_schemas.OverrideShape`.

    Raises `Invalid`.
    """
    permissions.require(actor, "override.request")
    decision = decisions_queries.decision(decision_id)
    loaded = schemas.load(exemptions_schemas.OverrideShape(), fields)
    _refuse_what_cannot_be(decision)
    if problems := list(_wrong_guards(decision, loaded["guards"], actor)):
        raise Invalid(problems)
    override = Override(
        decision_id=decision.id,
        target=decision.target,
        artifact=decision.artifact,
        guards=loaded["guards"],
        reason=loaded["reason"].strip(),
        ticket=loaded["ticket"],
        expires_s=loaded["expires_s"],
        requested_by=actor.name,
        requested_at=clock.now(),
    )
    insert(override)
    audit.record(
        actor,
        "decision.override_requested",
        "decision",
        decision.id,
        override=override.id,
        guards=override.guards,
        reason=override.reason,
        ticket=override.ticket,
    )
    return override


def grant(override_id: int, *, actor: Actor) -> Override:
    """Let the guards be passed over from now on. Raises `NotAllowed`, `Conflict`, `NotFound`."""
    override = _answer(override_id, "granted", actor)
    by_slug = guards.by_slugs(override.guards)
    if problems := [_refusal(by_slug.get(slug)) for slug in override.guards if _refusal(by_slug.get(slug))]:
        raise Conflict("; ".join(problems))
    _refuse_ones_own(override, by_slug.values(), actor)
    now = clock.now()
    override.expires_at = now + timedelta(seconds=override.expires_s)
    decision = decisions_queries.decision(override.decision_id)
    bound_to = active_waivers.bound_to(decision.target, DeployRequest.of(decision.request).artifact)
    session().add_all(_waiver(override, slug, bound_to, actor, now) for slug in override.guards)
    _let_it_be_asked_again(decision)
    override.items = open_items(override, now=now)
    session().flush()
    data = {"override": override.id, "guards": override.guards, "requested_by": override.requested_by}
    data |= {"is_self_granted": override.is_self_granted}
    data |= {"reason": override.reason, "expires_at": override.expires_at.isoformat()}
    audit.record(actor, "decision.override_granted", "decision", decision.id, items=override.items, **data)
    protection_operations.touch(guards=override.guards, actor=actor)
    for slug in override.guards:
        audit.record(actor, "guard.overridden", "guard", slug, decision=decision.id, reason=override.reason)
    return override


def refuse(override_id: int, *, actor: Actor) -> Override:
    """Say no. Raises `NotAllowed`, `Conflict`, `NotFound`."""
    override = _answer(override_id, "refused", actor)
    session().flush()
    audit.record(actor, "decision.override_refused", "decision", override.decision_id, override=override.id)
    return override


def may_be_passed(level: str, override: str) -> bool:
    """Whether anybody may pass such a guard over."""
    return level != "hard" and override != "none"


def _answer(override_id: int, state: str, actor: Actor) -> Override:
    permissions.require_anywhere(actor, "override.grant")
    if not actor.is_person:
        raise NotAllowed("a token may request an override; a person who is signed in grants or refuses it")
    held = select(Override).where(Override.id == override_id).with_for_update()
    override = session().scalars(held).one_or_none() or active_waivers.override(override_id)
    team_rights.require_target(actor, "override.grant", override.target)
    if override.state != "requested":
        raise Conflict(f"{override.settled_by} has {override.state} this override already")
    override.state, override.settled_by, override.settled_at = state, actor.name, clock.now()
    return override


def _refuse_ones_own(override: Override, passed: Iterable[Guard], actor: Actor) -> None:
    """Whoever asked, by a token of theirs too, grants it only where nobody else could and one is enough."""
    if actor.name != override.requested_by:
        return
    if two := ", ".join(sorted(guard.slug for guard in passed if guard.override == "two")):
        raise NotAllowed(f"{two} needs two people: somebody else than {actor.name} has to grant this")
    if accounts.has_other_admin(actor.name):
        raise NotAllowed(f"{actor.name} asked for this; another admin has to grant it, or refuse it")


def _refuse_what_cannot_be(decision: Decision) -> None:
    if decision.is_dry_run:
        raise Conflict("it was a dry run, which stops nothing, so there is nothing to override")
    if decision.decision not in STOPS:
        raise Conflict(f"it was decided to {decision.decision}, so there is nothing to override")
    if not decision.artifact:
        raise Conflict("it named no artifact, and an override is bound to one; ask again and name it")


def _wrong_guards(decision: Decision, slugs: Sequence[str], actor: Actor) -> Iterator[Problem]:
    stopping = {one["guard"] for one in decision.answer["guards"] if one["effective"] in STOPS}
    by_slug = guards.by_slugs(slugs)
    for place, slug in enumerate(slugs):
        if slug not in stopping:
            known = ", ".join(sorted(stopping)) or "no guard"
            yield Problem(f"/guards/{place}", f"{slug} did not stop this deploy; {known} did")
        elif refusal := _refusal(by_slug.get(slug)):
            yield Problem(f"/guards/{place}", refusal)
        elif actor.kind == "ci" and by_slug[slug].override == "two":
            why = "takes two people, and a job is none of them; a person asks for it on the decision's page"
            yield Problem(f"/guards/{place}", f"{slug} {why}")


def _refusal(guard: Guard | None) -> str:
    if guard is None:
        return "that guard is gone; ask the gate again"
    if guard.level == "hard":
        return f"{guard.slug} is hard: only an edit of the guard lets a deploy past it"
    if guard.override == "none":
        return f"{guard.slug} may not be overridden by anybody"
    return ""


def _waiver(override: Override, slug: str, bound_to: str, actor: Actor, now: datetime) -> Waiver:
    return Waiver(
        kind="override",
        guard=slug,
        target=override.target,
        bound_to=bound_to,
        override_id=override.id,
        owner=override.requested_by,
        reason=override.reason,
        made_by=actor.name,
        granted_by=actor.name,
        made_at=now,
        begins_at=now,
        ends_at=now + timedelta(seconds=override.expires_s),
    )


def _let_it_be_asked_again(decision: Decision) -> None:
    # With its key, the same request would be answered as before.
    session().execute(update(Decision).where(Decision.id == decision.id).values(idempotency_key=None))


DUE_IN = timedelta(days=14)
HEADING = "Action items"


def open_items(override: Override, *, now: datetime) -> list[str]:
    """The refs of the new items, one an incident; none for guards that no item names."""
    # Also in an incident that whoever grants may not see: those whom it names have to know.
    with visibility.seen_by(visibility.EVERYTHING):
        return _open_all(override, now)


def _open_all(override: Override, now: datetime) -> list[str]:
    by_slug = guards.by_slugs(override.guards)
    passed: defaultdict[int, list[str]] = defaultdict(list)
    incidents: dict[int, Incident] = {}
    for slug in override.guards:
        for item in guards.items_of(by_slug[slug])[:1]:
            incidents[item.incident.id] = item.incident
            passed[item.incident.id].append(slug)
    return [_open(incidents[number], slugs, override, now) for number, slugs in passed.items()]


def _open(incident: Incident, slugs: Sequence[str], override: Override, now: datetime) -> str:
    before = rows.to_document(incident)
    known = {item.id for item in before.items}
    item = Item(
        f"Follow up the override of {', '.join(slugs)} for {override.target} on {now:%Y-%m-%d}: "
        f"{override.reason}",
        owner=override.requested_by,
        due=(now + DUE_IN).date(),
        status="open",
        # Somebody else than its owner has to confirm that it was seen to.
        guardability="attestable",
        done_when="the guard is right for such a deploy, or it is clear why it was overridden",
        tickets=(override.ticket,) if override.ticket else (),
    )
    saved = save_incident.save(
        incident.slug,
        _with(before, item),
        version=None,
        actor=Actor.system("gate"),
        message=f"Follow up the override of {', '.join(slugs)}",
    )
    new = [one for one in rows.to_document(saved).items if one.id not in known]
    return new[0].id


def _with(document: Document, item: Item) -> Document:
    """The document with one more item, at the end of its last section that has any."""
    places = [place for place, section in enumerate(document.sections) if section.items]
    if not places:
        return replace(document, sections=(*document.sections, Section(HEADING, (item,))))
    sections = list(document.sections)
    section = sections[places[-1]]
    last = max(place for place, block in enumerate(section.blocks) if isinstance(block, Item))
    blocks = (*section.blocks[: last + 1], item, *section.blocks[last + 1 :])
    sections[places[-1]] = replace(section, blocks=blocks)
    return replace(document, sections=tuple(sections))
