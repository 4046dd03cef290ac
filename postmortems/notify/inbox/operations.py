"""Tells people: a row in the inbox and a mail for who wants one, in the transaction of what is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.models import PERSON, User
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.errors import NotAllowed
from postmortems.jobs import batches
from postmortems.notify import bundles
from postmortems.notify.inbox import audience, queries
from postmortems.notify.inbox.models import Notification
from postmortems.notify.inbox.news import News
from postmortems.notify.models import Message
from postmortems.notify.people import operations as people
from postmortems.notify.people import queries as people_queries
from postmortems.notify.people import quiet_hours
from postmortems.notify.people.kinds import INBOX, MAIL, hears
from postmortems.notify.people.models import NotificationSettings

LETTER = "notification"
DEFAULT = NotificationSettings(zone="UTC", quiet_from=0, quiet_until=0, off=[], address="", trouble="")


def tell(news: Sequence[News], now: datetime, *, sends_mail: bool) -> int:
    """Tell each person once, if they may know of it and want to; returns how many were told.

    A fixed number of statements, however many people. In the eyes of the service: each person's rights are
    asked here, and again when a mail is sent or the inbox opened.
    """
    wanted = {(one.user_id, one.key): one for one in news}
    if not wanted:
        return 0
    for key in _told(wanted):
        del wanted[key]
    users = {user.id: user for user in _users({one.user_id for one in wanted.values()})}
    theirs = people_queries.of_users(users)
    shown = audience.of({one.incident_id for one in wanted.values() if one.incident_id is not None})
    rows, settings = [], []
    for one in wanted.values():
        mine = theirs.get(one.user_id, DEFAULT)
        ways = {way for way in (INBOX, MAIL) if hears(mine.off, one.kind, way)}
        user = users.get(one.user_id)
        if user is not None and ways and shown.may_see(user.name, one.incident_id):
            rows.append(_row(one, now, is_shown=INBOX in ways))
            settings.append(mine if MAIL in ways and sends_mail else DEFAULT)
    if rows:
        kept = insert(Notification).returning(Notification.id, sort_by_parameter_order=True)
        ids = session().scalars(kept, rows).all()
        _put_mail(
            [(id, row, mine) for id, row, mine in zip(ids, rows, settings, strict=True) if mine.mail_to], now
        )
    return len(rows)


def read(number: int, *, is_read: bool, actor: Actor) -> Notification:
    """Note that the actor has read one notification of theirs, or has not. Raises `NotFound`."""
    permissions.require(actor, "notification.edit")
    notification = queries.one(number, actor)
    if is_read != (notification.read_at is not None):
        notification.read_at = clock.now() if is_read else None
        session().flush()
    return notification


def read_all(*, up_to: int, actor: Actor) -> int:
    """Note that the actor has read everything up to the notification of this number; how many were unread."""
    permissions.require(actor, "notification.edit")
    if actor.user_id is None:
        raise NotAllowed("only somebody with an account has an inbox")
    mine = update(Notification).where(
        Notification.user_id == actor.user_id, Notification.read_at.is_(None), Notification.id <= up_to
    )
    done = session().execute(mine.values(read_at=clock.now()).execution_options(synchronize_session=False))
    return int(getattr(done, "rowcount", 0))


def forget(before: datetime, after: object) -> tuple[object, int]:
    """Remove some notifications that were told before that."""
    return batches.some(Notification, Notification.id, Notification.at < before)


def _told(wanted: dict[tuple[int, str], News]) -> set[tuple[int, str]]:
    """Which of them were told before."""
    known = select(Notification.user_id, Notification.key).where(
        Notification.key.in_({key for _, key in wanted}),
        Notification.user_id.in_({user_id for user_id, _ in wanted}),
    )
    return {(row.user_id, row.key) for row in session().connection().execute(known)} & wanted.keys()


def _users(user_ids: set[int]) -> Sequence[User]:
    return (
        session()
        .scalars(select(User).where(User.id.in_(user_ids), User.is_active, User.kind == PERSON))
        .all()
    )


def _row(one: News, now: datetime, *, is_shown: bool) -> dict[str, Any]:
    return {
        "user_id": one.user_id,
        "kind": one.kind,
        "key": one.key,
        "incident_id": one.incident_id,
        "item": one.item,
        "data": dict(one.data),
        "is_shown": is_shown,
        "at": now,
        "read_at": None if is_shown else now,
    }


def _put_mail(told: list[tuple[int, dict[str, Any], NotificationSettings]], now: datetime) -> None:
    rows = [
        {
            "channel": people.CHANNEL,
            "receiver": str(row["user_id"]),
            "about": f"{LETTER}:{id}",
            "payload": {
                "letter": LETTER,
                "kind": row["kind"],
                "notification": id,
                "bundle": bundles.name(row["kind"]),
            },
            "created_at": now,
            "due_at": quiet_hours.ends(now, mine.zone, mine.quiet_from, mine.quiet_until),
        }
        for id, row, mine in told
    ]
    if rows:
        session().execute(insert(Message), rows)
