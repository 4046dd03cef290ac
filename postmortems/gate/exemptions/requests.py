"""Exemptions that wait for an admin's word: requested overrides, and waivers that nobody granted yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.gate.models import Override, Waiver
from postmortems.incidents.items import team_rights

# More wait for nobody's word at once.
MOST = 500
# Of one guard or service that many are shown: whoever decides sees the others once these are decided.
MOST_SHOWN = 20
Asked = TypeVar("Asked", Override, Waiver)


def overrides(actor: Actor, limit: int) -> list[Override]:
    """Requested overrides that somebody else asked for, the oldest first; for admins."""
    act = "override.grant"
    if not permissions.may_anywhere(actor, act):
        return []
    wanted = select(Override).where(Override.state == "requested", Override.requested_by != actor.name)
    return _granted_by(actor, act, session().scalars(wanted.order_by(Override.id).limit(MOST)), limit)


def of_guard(slug: str, limit: int = MOST_SHOWN) -> list[Override]:
    """Requested overrides that name this guard, the oldest first. One query."""
    waiting = select(Override).where(Override.state == "requested").order_by(Override.id).limit(MOST)
    return [one for one in session().scalars(waiting) if slug in one.guards][:limit]


def of_targets(targets: Collection[str], limit: int = MOST_SHOWN) -> list[Override]:
    """Requested overrides for any of these targets (full names), the oldest first. One query."""
    waiting = select(Override).where(Override.state == "requested", Override.target.in_(targets))
    return list(session().scalars(waiting.order_by(Override.id).limit(limit))) if targets else []


def waivers(actor: Actor, now: datetime, limit: int) -> list[Waiver]:
    """Waivers and pauses that somebody else made and that do not count yet, the oldest first; for admins."""
    act = "waiver.edit"
    if not permissions.may_anywhere(actor, act):
        return []
    wanted = select(Waiver).where(
        Waiver.kind != "override",
        Waiver.granted_by == "",
        Waiver.ended_by == "",
        Waiver.ends_at > now,
        Waiver.made_by != actor.name,
    )
    return _granted_by(actor, act, session().scalars(wanted.order_by(Waiver.id).limit(MOST)), limit)


def _granted_by(actor: Actor, act: str, found: Iterable[Asked], limit: int) -> list[Asked]:
    """Those about whose target the actor may say so: an admin about all, one in a team about its services."""
    own = team_rights.services(actor, act)
    return [one for one in found if team_rights.may_target(actor, act, one.target, own)][:limit]
