"""Keeps the report of the month that is over and tells people of it, many in one unit of work."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.models import PERSON, User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, Unavailable
from postmortems.notify.channels import dispatch
from postmortems.notify.inbox import operations as inbox
from postmortems.notify.inbox.news import News
from postmortems.notify.monthly import letters
from postmortems.notify.people import queries as people
from postmortems.notify.people.kinds import MAIL, hears
from postmortems.reports.monthly import operations as monthly
from postmortems.reports.monthly.models import KeptMonth
from postmortems.reports.monthly.month import Month

KIND = letters.KIND
BATCH = 500
# To whom an admin may have it mailed.
EVERYBODY, ME = "all", "me"
WHOM = (EVERYBODY, ME)


def tell_due(now: datetime, *, sends_mail: bool) -> int:
    """Keep the last month where that is due, tell chats and everybody of it; returns how many were told.

    A batch is told and noted in one unit of work, so a worker that dies leaves the rest to the next one.
    """
    with db.transaction():
        kept = monthly.keep_last(now)
        if kept is not None:
            dispatch.tell_month(kept.month, _key(kept), now)
    count = 0
    while True:
        with db.transaction():
            row = _untold()
            if row is None:
                return count
            count += _tell_some(row, now, sends_mail=sends_mail)


def mail(month: Month, whom: str, *, actor: Actor, sends_mail: bool) -> KeptMonth:
    """Have the report of a month that is over mailed: to the actor, or to all who want it and had it not yet.

    It is kept first where it was not. Raises `Invalid`, `NotAllowed`, `Unavailable` without a mail server,
    and `Conflict` where the month is not over, or the actor takes no such mail.
    """
    permissions.require(actor, "report.mail")
    now = clock.now()
    if whom not in WHOM:
        raise Invalid(f"must be one of {', '.join(WHOM)}", "/to")
    if not sends_mail:
        raise Unavailable("this server sends no mail: its operator sets POSTMORTEMS_SMTP_URL first")
    if not month.is_over(now.astimezone(UTC).date()):
        raise Conflict(f"{month.words} is not over: its report is kept and mailed once it is")
    if whom == ME:
        _refuse_unless_mailed(actor)
    row = session().get(KeptMonth, month.name, with_for_update=True) or monthly.keep(month, now)
    if whom == ME:
        key = f"{_key(row)}:{now:%Y-%m-%dT%H:%M}"
        inbox.tell([_news(row, actor.user_id or 0, key)], now, sends_mail=True)
    else:
        # The worker tells them, a batch at a time; whoever was told of this month is not told again.
        row.told_up_to, row.told_at = 0, None
        session().flush()
        dispatch.tell_month(row.month, _key(row), now)
    audit.record(actor, "report.mailed", "report", f"monthly/{month.name}", to=whom)
    return row


def _untold() -> KeptMonth | None:
    """The oldest month that not everybody was told of, held for this unit of work."""
    wanted = select(KeptMonth).where(KeptMonth.told_at.is_(None)).order_by(KeptMonth.month)
    return session().scalars(wanted.limit(1).with_for_update(skip_locked=True)).first()


def _tell_some(row: KeptMonth, now: datetime, *, sends_mail: bool) -> int:
    people_next = (
        select(User.id).where(User.is_active, User.kind == PERSON, User.id > row.told_up_to).order_by(User.id)
    )
    ids = session().scalars(people_next.limit(BATCH)).all()
    told = inbox.tell([_news(row, id, _key(row)) for id in ids], now, sends_mail=sends_mail)
    if len(ids) < BATCH:
        row.told_at = now
    else:
        row.told_up_to = ids[-1]
    return told


def _news(row: KeptMonth, user_id: int, key: str) -> News:
    return News(user_id, KIND, key, data={"month": row.month, "title": letters.title(row)})


def _key(row: KeptMonth) -> str:
    return f"{KIND}:{row.month}"


def _refuse_unless_mailed(actor: Actor) -> None:
    if actor.user_id is None:
        raise NotAllowed("only somebody with an account has a mail address")
    mine = people.of_user(actor.user_id)
    if not mine.mail_to:
        raise Conflict("you have no confirmed mail address; give one under Settings → Notifications")
    if not hears(mine.off, KIND, MAIL):
        raise Conflict("you have switched mails of this kind off; see Settings → Notifications")
