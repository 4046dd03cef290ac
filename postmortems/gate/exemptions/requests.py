"""Exemptions that wait for an admin's word: requested overrides, and waivers that nobody granted yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.gate.models import Override, Waiver


def overrides(actor: Actor, limit: int) -> list[Override]:
    """Requested overrides that somebody else asked for, the oldest first; for admins."""
    if not permissions.may(actor, "override.grant"):
        return []
    wanted = select(Override).where(Override.state == "requested", Override.requested_by != actor.name)
    return list(session().scalars(wanted.order_by(Override.id).limit(limit)))


def waivers(actor: Actor, now: datetime, limit: int) -> list[Waiver]:
    """Waivers and pauses that somebody else made and that do not count yet, the oldest first; for admins."""
    if not permissions.may(actor, "waiver.edit"):
        return []
    wanted = select(Waiver).where(
        Waiver.kind != "override",
        Waiver.granted_by == "",
        Waiver.ended_by == "",
        Waiver.ends_at > now,
        Waiver.made_by != actor.name,
    )
    return list(session().scalars(wanted.order_by(Waiver.id).limit(limit)))
