"""Creates, changes and deletes services and guards. Evidence is accepted in `evidence.submit`.

That soft and hard need a drill is the gate's rule: doors call `enforcement.guard_changes`, which asks here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from postmortems import clock, search_words
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.accounts.teams.models import Team
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.egress.client import Refused, origin
from postmortems.errors import Conflict, Invalid, NotFound, Problem, Stale
from postmortems.guards import queries, schemas, search_entries
from postmortems.guards.evidence.store import record_evaluation, record_observation
from postmortems.guards.evidence.submit import (
    attest,
    record_deploy,
    record_facts,
    resolve,
)
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evidence, Guard, GuardTarget, Service, Target
from postmortems.vault.encryption import Vault

__all__ = ["attest", "record_deploy", "record_evaluation", "record_facts", "record_observation", "resolve"]

PLAIN = ("title", "config", "level", "is_enabled", "on_error", "override", "max_age_s", "remedy", "owner")


def add_service(
    name: str, title: str, targets: list[str], *, team: str | None = None, actor: Actor
) -> Service:
    """Make a service. Raises `Invalid`, or `Conflict` for a taken name."""
    permissions.require(actor, "service.edit")
    if queries.is_registered(name):
        raise Conflict(f"there is already a service {name}")
    return save_service(name, title, targets, team=team, actor=actor)


def save_service(
    name: str,
    title: str,
    targets: list[str],
    *,
    actor: Actor,
    team: str | None = None,
    is_demo: bool = False,
) -> Service:
    """Make the service, or give it this title and these targets, in promotion order.

    `team`: the slug of the team that answers for it, "" for none, None to leave it as it is. Raises
    `Invalid`, and `Conflict` when a target would go that guards still cover.
    """
    permissions.require(actor, "service.edit")
    schemas.load(schemas.ServiceBody(), {"name": name, "title": title, "targets": targets, "team": team})
    answering = _team(team or "")
    try:
        service, is_new = queries.service(name), False
    except NotFound:
        service, is_new = Service(name=name, is_demo=is_demo), True
        session().add(service)
    kept = {target.name: target for target in service.targets}
    gone = [target for target in service.targets if target.name not in targets]
    _refuse_to_uncover(gone)
    service.title = title
    if team is not None:
        service.team = answering
    service.targets[:] = [kept.get(target) or Target(name=target) for target in targets]
    for position, target in enumerate(service.targets):
        target.position = position
    _flush(f"somebody else has just made the service {name}")
    verb = "service.created" if is_new else "service.edited"
    told = {} if team is None else {"team": team}
    audit.record(actor, verb, "service", name, title=title, targets=targets, **told)
    return service


def _team(slug: str) -> Team | None:
    if not slug:
        return None
    try:
        return teams.team(slug)
    except NotFound as unknown:
        raise Invalid(f"{unknown.detail}: choose one under Settings, Teams, or none", "/team") from None


def delete_service(name: str, *, actor: Actor) -> None:
    """Remove the service with its targets and their evidence. Raises `Conflict` while guards cover one."""
    permissions.require(actor, "service.edit")
    service = queries.service(name)
    targets = [target.name for target in service.targets]
    _refuse_to_uncover(service.targets)
    session().delete(service)
    session().flush()
    audit.record(actor, "service.deleted", "service", name, targets=targets)


def create(fields: Mapping[str, Any], *, actor: Actor, vault: Vault, is_demo: bool = False) -> Guard:
    """Make a guard of the fields of `schemas.GuardBody`. Raises `Invalid` with pointers, or `Conflict`."""
    permissions.require(actor, "guard.edit")
    loaded = schemas.load(schemas.GuardBody(), fields)
    config = configured(loaded["kind"], loaded["config"], vault)
    if session().scalar(select(Guard.id).where(Guard.slug == loaded["slug"])) is not None:
        raise Conflict(f"there is already a guard {loaded['slug']}; take another slug")
    now = clock.now()
    guard = Guard(slug=loaded["slug"], kind=loaded["kind"], is_demo=is_demo, created_at=now, edited_at=now)
    for name in PLAIN:
        setattr(guard, name, loaded[name])
    guard.search_text = _searchable(guard)
    guard.config = config
    guard.targets = _targets(loaded["targets"])
    session().add(guard)
    _flush(f"somebody else has just made a guard {guard.slug}")
    search_entries.touch(guard)
    audit.record(actor, "guard.created", "guard", guard.slug, **as_fields(guard))
    return guard


def edit(slug: str, fields: Mapping[str, Any], revision: int | None, *, actor: Actor, vault: Vault) -> Guard:
    """Change what `fields` names. `revision` is the one that was read; None changes whatever is there.

    Raises `Invalid` with pointers, `NotFound`, and `Stale` when somebody edited it in between.
    """
    permissions.require(actor, "guard.edit")
    guard = queries.by_slug(slug)
    before = as_fields(guard)
    changes = edited(guard, fields, vault)
    if revision is not None and revision != guard.revision:
        raise _stale(guard, before | changes)
    changed = {name: value for name, value in changes.items() if value != before[name]}
    if not changed:
        return guard
    # Found before anything is set: a query would write what is set so far, and move the revision twice.
    targets = _targets(changed["targets"]) if "targets" in changed else None
    for name in PLAIN:
        if name in changed:
            setattr(guard, name, changed[name])
    guard.search_text = _searchable(guard)
    if targets is not None:
        guard.targets = targets
    guard.edited_at = clock.now()
    search_entries.touch(guard)
    # How often it turned says nothing of what it is now.
    guard.flaps_since = guard.passes_since = None
    # The row has to be written even where only its targets changed: that is what moves the revision.
    flag_modified(guard, "edited_at")
    try:
        session().flush()
    except StaleDataError:
        raise Conflict(f"somebody else is editing {slug} at this moment; read it again") from None
    told = {name: [before[name], value] for name, value in changed.items()}
    audit.record(actor, "guard.edited", "guard", slug, revision=guard.revision, changed=told)
    return guard


def delete(slug: str, *, actor: Actor) -> None:
    """Remove the guard; its verdicts stay. Raises `NotFound`."""
    permissions.require(actor, "guard.edit")
    guard = queries.by_slug(slug)
    was = as_fields(guard)
    # A decision has what it cites before it names guards: who takes both away waits for it at the first.
    seen = select(Evidence.id).where(Evidence.guard_id == guard.id).order_by(Evidence.id)
    session().execute(seen.with_for_update())
    session().delete(guard)
    session().flush()
    audit.record(actor, "guard.deleted", "guard", slug, kind=guard.kind, **was)


def configured(kind: str, config: object, vault: Vault) -> dict[str, Any]:
    """A configuration, checked, with its defaults. Raises `Invalid` at `/kind` or below `/config`."""
    if kind not in KINDS:
        raise Invalid(f"there is no kind {kind!r}; there are {', '.join(KINDS)}", "/kind")
    found = KINDS[kind].configured(config)
    wrong = [problem for sent in KINDS[kind].sends(found) for problem in _not_to_be_sent(*sent, vault)]
    if wrong:
        raise Invalid(wrong)
    return found


def _not_to_be_sent(pointer: str, reference: str, address: str, vault: Vault) -> Iterator[Problem]:
    """A secret is for one origin: whoever edits the address of a guard does not get it sent elsewhere."""
    try:
        vault.check(reference, origin(address))
    except Refused as refused:
        yield Problem(pointer, str(refused))


def edited(guard: Guard, fields: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """The named fields, checked, as they would be stored. Raises `Invalid` with pointers."""
    named = {name: value for name, value in fields.items() if name != "revision"}
    loaded = schemas.load(schemas.GuardEditBody(partial=True), named)
    changes = {name: loaded[name] for name in named}
    if "config" in changes:
        changes["config"] = configured(guard.kind, changes["config"], vault)
    if "targets" in changes:
        changes["targets"] = [target.full_name for target in _targets(changes["targets"])]
    return changes


def as_fields(guard: Guard) -> dict[str, Any]:
    """What of a guard can be edited, as plain JSON."""
    plain = {name: getattr(guard, name) for name in PLAIN}
    return plain | {"targets": [target.full_name for target in in_order(guard.targets)]}


def in_order(targets: list[Target]) -> list[Target]:
    return sorted(targets, key=lambda target: (target.service.name, target.position))


def _targets(full_names: list[str]) -> list[Target]:
    found = {target.full_name: target for target in queries.targets_named(full_names)}
    missing = [
        Problem(f"/targets/{place}", f"there is no target {name}")
        for place, name in enumerate(full_names)
        if name not in found
    ]
    if missing:
        raise Invalid(missing)
    return in_order(list(found.values()))


def _refuse_to_uncover(targets: list[Target]) -> None:
    over = select(Guard.slug).join(GuardTarget, GuardTarget.guard_id == Guard.id)
    over = (
        over.where(GuardTarget.target_id.in_([target.id for target in targets]))
        .order_by(Guard.slug)
        .distinct()
    )
    slugs = list(session().scalars(over)) if targets else []
    if slugs:
        names = ", ".join(target.name for target in targets)
        raise Conflict(f"{names} cannot go while guards cover it: {', '.join(slugs[:10])}; change them first")


def _searchable(guard: Guard) -> str:
    return "\n".join(map(search_words.fold, (guard.slug, guard.title)))


def _stale(guard: Guard, mine: Mapping[str, Any]) -> Stale:
    def text(fields: Mapping[str, Any]) -> str:
        return json.dumps(fields, indent=2, ensure_ascii=False, sort_keys=True)

    return Stale(
        f"{guard.slug} was edited in between: it is at revision {guard.revision} now",
        version=guard.revision,
        mine=text(mine),
        theirs=text(as_fields(guard)),
    )


def _flush(taken: str) -> None:
    try:
        session().flush()
    except IntegrityError:
        raise Conflict(taken) from None
