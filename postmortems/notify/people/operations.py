"""Changes what somebody hears of, where and when; a mail address is confirmed by who reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from postmortems import clock, mail_addresses, zone_tables
from postmortems.accounts import permissions, sign_in
from postmortems.accounts import queries as accounts
from postmortems.accounts.models import PERSON, User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, TooMany, Unavailable
from postmortems.notify import outbox
from postmortems.notify.models import Message
from postmortems.notify.people import queries, quiet_hours
from postmortems.notify.people.kinds import MAIL, SWITCHES
from postmortems.notify.people.models import NotificationSettings

CHANNEL, CONFIRM, MOVED = "mail", "confirm", "address-moved"
# So that nobody uses us to flood somebody else's mailbox.
MOST_CONFIRMATIONS, WITHIN = 5, timedelta(hours=1)
# Who has not taken mail for so long is switched off.
GIVEN_UP_AFTER = timedelta(days=5)


def set_address(name: str, address: str, *, actor: Actor, sends_mail: bool) -> NotificationSettings:
    """Give an account this mail address, or none for "".

    Of one's own, the mail that is sent there confirms it; an admin vouches for somebody else's. The address
    before, where it was confirmed, is told. Raises `Invalid`, `NotAllowed`, `Unavailable` and `TooMany`.
    """
    permissions.require(actor, "notification.edit")
    user = accounts.account(name)
    is_own = actor.user_id == user.id
    if not is_own:
        permissions.require(actor, "people.manage")
    if actor.kind == "token":
        # A link for a new password goes there: who finds an admin's token would have every account.
        raise NotAllowed("a token cannot change where anybody's mail goes; sign in to do it")
    if user.kind != PERSON:
        raise Conflict(f"{name} is a service account: it is sent no mail; who answers for it is told")
    wanted = _checked(address)
    row = _row(user.id)
    if row.address == wanted and row.confirmed_at is not None and not row.trouble:
        return row
    now = clock.now()
    if wanted and is_own:
        _require_proof(actor, now)
        _refuse_flood(user, sends_mail)
    if row.mail_to not in {"", wanted} and sends_mail:
        key = f"{MOVED}:{user.id}:{now.timestamp()}"
        outbox.put(CHANNEL, str(user.id), key, {"letter": MOVED, "to": row.mail_to}, now)
    row.address, row.trouble, row.failing_since = wanted, "", None
    row.confirmed_at = now if wanted and not is_own else None
    session().flush()
    if wanted and is_own:
        key = f"{CONFIRM}:{user.id}:{now.timestamp()}"
        outbox.put(CHANNEL, str(user.id), key, {"letter": CONFIRM, "to": wanted}, now)
    verb = "mail.address_set" if wanted else "mail.address_removed"
    audit.record(actor, verb, "user", user.name, is_confirmed=row.confirmed_at is not None)
    return row


def confirm(user_id: int, address: str) -> User:
    """Note that who reads mail at this address has pressed the button. Raises `NotFound`."""
    user, row = queries.person(user_id), session().get(NotificationSettings, user_id, with_for_update=True)
    if user is None or row is None or row.address != address:
        raise NotFound("this address is not the account's any more")
    if row.confirmed_at is None or row.trouble:
        row.confirmed_at, row.trouble, row.failing_since = clock.now(), "", None
        session().flush()
        audit.record(_as(user), "mail.address_confirmed", "user", user.name)
    return user


def change(
    *, zone: str, quiet_from: str, quiet_until: str, off: Iterable[str], actor: Actor
) -> NotificationSettings:
    """Change one's own zone, quiet hours (`22:00`; the same twice for none), switches. Raises `Invalid`."""
    permissions.require(actor, "notification.edit")
    if actor.user_id is None:
        raise NotAllowed("only somebody with an account hears of anything")
    problems, wanted = [], sorted(set(off))
    if zone_tables.named(zone) is None:
        problems.append(Problem("/zone", "is no zone of the tz database; write one such as Europe/Berlin"))
    times = {}
    for field, text in (("quiet_from", quiet_from), ("quiet_until", quiet_until)):
        try:
            times[field] = quiet_hours.minutes(text.strip())
        except ValueError as wrong:
            problems.append(Problem(f"/{field}", str(wrong)))
    for unknown in sorted(set(wanted) - SWITCHES):
        problems.append(
            Problem("/off", f"there is no switch {unknown[:40]!r}; write one such as reminder:mail")
        )
    if problems:
        raise Invalid(problems)
    row = _row(actor.user_id)
    before = _said(row)
    row.zone, row.off = zone, wanted
    row.quiet_from, row.quiet_until = times["quiet_from"], times["quiet_until"]
    if before != (said := _said(row)):
        session().flush()
        audit.record(actor, "notification.settings_changed", "user", actor.name, before=before, **said)
    return row


def _said(row: NotificationSettings) -> dict[str, Any]:
    times = {"zone": row.zone, "quiet_from": row.quiet_from, "quiet_until": row.quiet_until}
    return {**times, "off": list(row.off or ())}


def switch_off(user_id: int, kind: str) -> User:
    """Send this person no more mail of this kind; by a link that was signed for it. Raises `NotFound`."""
    user = session().get(User, user_id)
    if user is None:
        raise NotFound("there is no such account any more")
    row, switch = _row(user.id), f"{kind}:{MAIL}"
    if switch not in row.off:
        row.off = sorted({*row.off, switch})
        session().flush()
        audit.record(_as(user), "notification.switched_off", "user", user.name, kind=kind)
    return user


def note_outcome(user_id: int, address: str, trouble: str, now: datetime, *, is_gone: bool) -> None:
    """Remember since when a mailbox refuses mail; one that is not there, or has refused for days, gets none.

    `trouble` is "" where it took some. What was sent to another address says nothing of this one.
    """
    row = session().get(NotificationSettings, user_id, with_for_update=True)
    if row is None or row.trouble or row.address != address:
        return
    if not trouble:
        row.failing_since = None
    elif is_gone:
        _stop(row, trouble, now)
    elif row.failing_since is None:
        row.failing_since = now
    elif now - row.failing_since > GIVEN_UP_AFTER:
        _stop(row, f"it has taken no mail for {GIVEN_UP_AFTER.days} days: {trouble}", now)


def _stop(row: NotificationSettings, trouble: str, now: datetime) -> None:
    row.trouble = trouble[:500]
    outbox.give_up(CHANNEL, str(row.user_id), f"mail is switched off: {trouble}")
    session().flush()
    user = session().get_one(User, row.user_id)
    audit.record(Actor.system("worker"), "mail.switched_off", "user", user.name, trouble=row.trouble)


def _checked(address: str) -> str:
    try:
        return mail_addresses.checked(address) if address.strip() else ""
    except ValueError as wrong:
        raise Invalid(str(wrong), "/address") from None


def _require_proof(actor: Actor, now: datetime) -> None:
    # To a confirmed address goes the link for who forgot their password.
    if not sign_in.is_lately_proven(actor, now):
        told = "it is a while since you signed in: show who you are under Settings → Second step"
        raise Invalid(f"{told}, or sign in again, and then write the address", "/address")


def _refuse_flood(user: User, sends_mail: bool) -> None:
    if not sends_mail:
        raise Unavailable("this server sends no mail: its operator sets POSTMORTEMS_SMTP_URL first")
    mine = select(func.count()).select_from(Message)
    mine = mine.where(Message.channel == CHANNEL, Message.receiver == str(user.id))
    mine = mine.where(Message.about.like(f"{CONFIRM}:%"), Message.created_at > clock.now() - WITHIN)
    if (session().scalar(mine) or 0) >= MOST_CONFIRMATIONS:
        told = f"{MOST_CONFIRMATIONS} mails were sent to confirm addresses of yours; try again in an hour"
        raise TooMany(told, retry_after_s=int(WITHIN.total_seconds()))


def _row(user_id: int) -> NotificationSettings:
    """The person's row, made where there is none."""
    row = session().get(NotificationSettings, user_id, with_for_update=True)
    if row is None:
        row = queries.of_user(user_id)
        insert(row)
    return row


def _as(user: User) -> Actor:
    return Actor(kind="person", name=user.name, role=user.role, user_id=user.id)
