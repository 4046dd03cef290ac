"""Queries of channels."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from postmortems.db.session import existing, session
from postmortems.notify.channels.models import ChatChannel

MOST = 100


def listing() -> list[ChatChannel]:
    """All of them by name; there are few."""
    wanted = select(ChatChannel).options(joinedload(ChatChannel.team))
    return list(session().scalars(wanted.order_by(ChatChannel.name).limit(MOST)))


def by_id(number: int) -> ChatChannel:
    """One with its team. Raises `NotFound`."""
    wanted = select(ChatChannel).where(ChatChannel.id == number).options(joinedload(ChatChannel.team))
    return existing(wanted, "there is no such channel")


def held(number: int) -> ChatChannel:
    """The same, held for this unit of work and as it is now. Raises `NotFound`."""
    wanted = select(ChatChannel).where(ChatChannel.id == number).with_for_update()
    return existing(wanted.execution_options(populate_existing=True), "there is no such channel")


def switched_off() -> list[ChatChannel]:
    """Those that were switched off because they take nothing more."""
    wanted = select(ChatChannel).where(ChatChannel.trouble != "", ChatChannel.is_enabled.is_(False))
    return list(session().scalars(wanted.order_by(ChatChannel.name).limit(MOST)))
