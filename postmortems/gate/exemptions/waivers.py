"""Waivers and pauses: a guard may fail, or is not asked, until a date and for a reason.

What lets deploys past a guard takes two admins, as an override does, where there are two.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, NotAllowed, Problem
from postmortems.gate import schemas
from postmortems.gate.exemptions import schemas as exemptions_schemas
from postmortems.gate.models import Waiver
from postmortems.gate.verdicts import active_waivers
from postmortems.guards import queries as guards
from postmortems.guards.models import Guard
from postmortems.incidents.items import team_rights
from postmortems.zone_tables import ZoneInfo

# What lets a deploy past a guard; without probes it only waits.
PASSES = ("waiver", "pause")
# A pause is for maintenance; what takes longer is a waiver, or an edit of the guard.
LONGEST = {"waiver": timedelta(days=366), "pause": timedelta(days=30), "probe_pause": timedelta(days=7)}
BATCH = 100
ACT = "waiver.edit"


def add(fields: Mapping[str, Any], *, actor: Actor) -> Waiver:
    """Make a waiver or a pause (`exemptions_schemas.WaiverShape`). Raises `Invalid` with pointers.

    It counts at once where nobody else has to grant it.
    """
    permissions.require_anywhere(actor, ACT)
    loaded = schemas.load(exemptions_schemas.WaiverShape(), fields)
    team_rights.require_target(actor, ACT, loaded["target"])
    kind, slug, target = loaded["kind"], loaded["guard"], loaded["target"]
    now = clock.now()
    ends_at = schemas.instant(loaded["until"])
    if problems := [*_wrong_scope(kind, slug, target), *_wrong_end(kind, ends_at, now)]:
        raise Invalid(problems)
    waiver = Waiver(
        kind=kind,
        guard=slug,
        target=target,
        owner=loaded["owner"].strip() or actor.name,
        reason=loaded["reason"].strip(),
        zone=_zone(loaded["until"], loaded["zone"]),
        made_by=actor.name,
        made_at=now,
        begins_at=now,
        ends_at=ends_at,
        granted_by="" if _refusal(kind, slug, actor.name, actor) else actor.name,
    )
    insert(waiver)
    data = {"reason": waiver.reason, "until": ends_at.isoformat(), "granted_by": waiver.granted_by}
    _record(actor, "added", waiver, owner=waiver.owner, **data)
    return waiver


def grant(waiver_id: int, *, actor: Actor) -> Waiver:
    """Let it count from now on; again is no error. Raises `NotAllowed`, `Conflict`, `NotFound`."""
    permissions.require_anywhere(actor, ACT)
    if not actor.is_person:
        raise NotAllowed("a token may make a waiver; a person who is signed in grants it")
    held = select(Waiver).where(Waiver.id == waiver_id).with_for_update()
    waiver, now = session().scalars(held).one_or_none() or active_waivers.waiver(waiver_id), clock.now()
    team_rights.require_target(actor, ACT, waiver.target)
    if waiver.granted_by:
        return waiver
    if waiver.ended_by or waiver.ends_at <= now:
        raise Conflict("it has ended; make another")
    if refusal := _refusal(waiver.kind, waiver.guard, waiver.made_by, actor):
        raise NotAllowed(refusal)
    waiver.granted_by, waiver.begins_at = actor.name, now
    session().flush()
    _record(actor, "granted", waiver, made_by=waiver.made_by, reason=waiver.reason)
    return waiver


def _refusal(kind: str, slug: str, made_by: str, actor: Actor) -> str:
    """Why the actor may not let it count, or nothing: who made it only where nobody else could."""
    if kind not in PASSES or actor.name != made_by:
        return ""
    guard = guards.by_slugs([slug]).get(slug)
    if guard is not None and guard.override == "two":
        return f"{slug} needs two people: somebody else than {made_by} has to grant this"
    if accounts.has_other_admin(made_by):
        return f"{made_by} made this; another admin has to grant it"
    return ""


def end(waiver_id: int, *, actor: Actor) -> Waiver:
    """End it before its time; again is no error. Raises `NotFound`."""
    permissions.require_anywhere(actor, ACT)
    waiver = active_waivers.waiver(waiver_id)
    team_rights.require_target(actor, ACT, waiver.target)
    if not waiver.ended_by and waiver.ends_at > clock.now():
        waiver.ended_by = actor.name
        session().flush()
        _record(actor, "ended", waiver)
    return waiver


def tell(now: datetime) -> int:
    """Record what owners have to know: which waivers end within 14 days, and which have ended."""
    actor, count = Actor.system("worker"), 0
    due = select(Waiver).where(Waiver.kind != "override", Waiver.granted_by != "", Waiver.ended_by == "")
    due = due.where(Waiver.told != "ended", Waiver.ends_at <= now + active_waivers.WARNED_BEFORE)
    for waiver in session().scalars(due.order_by(Waiver.ends_at, Waiver.id).limit(BATCH).with_for_update()):
        state = "ended" if waiver.ends_at <= now else "ending"
        is_long = waiver.ends_at - waiver.made_at > active_waivers.WARNED_BEFORE
        if waiver.told == state or (state == "ending" and not is_long):
            continue
        waiver.told = state
        verb = "expired" if state == "ended" else "expires"
        _record(actor, verb, waiver, owner=waiver.owner, until=waiver.ends_at.isoformat())
        count += 1
    session().flush()
    return count


def tell_all(now: datetime) -> int:
    """`tell` in a unit of work of its own."""
    with db.transaction():
        return tell(now)


def _record(actor: Actor, what: str, waiver: Waiver, **data: Any) -> None:
    """`guard.waiver_added`, `guard.pause_ended`, `target.probe_pause_expired`, …"""
    kind, subject = ("guard", waiver.guard) if waiver.guard else ("target", waiver.target)
    audit.record(actor, f"{kind}.{waiver.kind}_{what}", kind, subject, waiver=waiver.id, **data)


def _wrong_scope(kind: str, slug: str, target: str) -> list[Problem]:
    if kind == "probe_pause":
        if slug:
            return [Problem("/guard", "a pause of a target's probes names no guard; leave it out")]
        return _wrong_target(target, required=True)
    if not slug:
        return [Problem("/guard", "name the guard")]
    guard = guards.by_slugs([slug]).get(slug)
    if guard is None:
        return [Problem("/guard", f"there is no guard {slug}")]
    if guard.level == "hard":
        return [Problem("/guard", f"{guard.slug} is hard: only an edit of the guard lets a deploy past it")]
    if guard.override == "none":
        return [Problem("/guard", f"{guard.slug} may not be overridden by anybody")]
    return _wrong_target(target, guard=guard)


def _wrong_target(name: str, *, required: bool = False, guard: Guard | None = None) -> list[Problem]:
    if not name:
        return [Problem("/target", "name the target, as in data8/prod")] if required else []
    if guards.target_named(name) is None:
        return [Problem("/target", f"there is no target {name}")]
    if guard is not None and name not in {target.full_name for target in guard.targets}:
        return [Problem("/target", f"{guard.slug} does not cover {name}")]
    return []


def _wrong_end(kind: str, ends_at: datetime, now: datetime) -> list[Problem]:
    if ends_at <= now:
        return [Problem("/until", "lies in the past")]
    if ends_at - now > LONGEST[kind]:
        return [Problem("/until", f"lies more than {LONGEST[kind].days} days ahead")]
    return []


def _zone(until: str, zone: str) -> str:
    """The zone by which the end was written; where none was named, its offset."""
    if zone:
        return ZoneInfo(zone).key
    return str(schemas.instant(until).tzinfo)
