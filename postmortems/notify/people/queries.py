"""Queries of what people hear of: the settings of one, and of many."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from postmortems.accounts import permissions
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.notify.people.models import NotificationSettings


def of_user(user_id: int) -> NotificationSettings:
    """A person's settings; those of somebody who has chosen nothing, where there are none, not stored yet."""
    found = session().get(NotificationSettings, user_id)
    return found or NotificationSettings(
        user_id=user_id, address="", trouble="", zone="UTC", quiet_from=0, quiet_until=0, off=[]
    )


def of_users(user_ids: Iterable[int]) -> dict[int, NotificationSettings]:
    """By person, the settings of those who have chosen something. One query."""
    wanted = select(NotificationSettings).where(NotificationSettings.user_id.in_(set(user_ids)))
    return {row.user_id: row for row in session().scalars(wanted)}


def person(user_id: int) -> User | None:
    """The account that mail is for, if it is on."""
    user = session().get(User, user_id)
    return user if user is not None and user.is_active else None


def switched_off(limit: int) -> list[NotificationSettings]:
    """Mail addresses that take nothing more, with whose they are: for admins."""
    wanted = select(NotificationSettings).join(User).where(NotificationSettings.trouble != "", User.is_active)
    return list(session().scalars(wanted.order_by(NotificationSettings.user_id).limit(limit)))


def own(actor: Actor) -> NotificationSettings:
    """The actor's own settings."""
    permissions.require(actor, "notification.read")
    return of_user(actor.user_id or 0)
