"""Invites somebody by mail, mails whoever forgot their password a link, and takes those links, once each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from postmortems.accounts import operations as accounts
from postmortems.accounts import permissions, sign_in
from postmortems.accounts.models import PERSON, User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, is_changed, session
from postmortems.errors import Invalid, NotAllowed, Unavailable
from postmortems.notify import outbox
from postmortems.notify.access.models import MailedLink
from postmortems.notify.people import operations as people
from postmortems.notify.people.models import NotificationSettings

INVITATION, RESET = "invitation", "reset"
LASTS = {INVITATION: timedelta(days=7), RESET: sign_in.LINK_LASTS}
# What stands in the outbox; see `letters`.
LINK_LETTER, WORD_LETTER = "access-link", "access-changed"
# Nobody fills somebody else's mailbox by asking again and again; who asks is told the same.
MOST_RESETS, WITHIN = 3, timedelta(hours=1)
# Tries are counted as those of passwords are, under a name that no account has.
ASKED_FOR = "forgotten: {name}"


def invite(name: str, role: str, address: str, now: datetime, *, actor: Actor, sends_mail: bool) -> User:
    """Open an account and mail its person a link to choose a password. Raises `Invalid` and `Unavailable`."""
    permissions.require(actor, "people.manage")
    if not sends_mail:
        raise Unavailable("this server sends no mail: its operator sets POSTMORTEMS_SMTP_URL first")
    if not address.strip():
        raise Invalid("write the mail address that the invitation goes to", "/address")
    user = accounts.add_user(name, role, actor=actor)
    row = people.set_address(name, address, actor=actor, sends_mail=sends_mail)
    _mail_link(user, INVITATION, row.address, now)
    audit.record(actor, "user.invited", "user", name)
    return user


def ask_reset(name: str, address: str, now: datetime) -> None:
    """Mail a link to whoever has this name or mail address, if anybody does. Tells nothing of that.

    `address` is the browser's. Raises `TooMany`, for names that nobody has alike.
    """
    name = name.strip()[: sign_in.LONGEST_NAME]
    sign_in.note_attempt(ASKED_FOR.format(name=name), address, now)
    found = _reachable(name)
    if found is None:
        audit.record_rarely(Actor.nobody(), "user.reset_asked", "user", "an unknown name")
        return
    user, mail_to = found
    lately = select(func.count()).select_from(MailedLink)
    lately = lately.where(MailedLink.user_id == user.id, MailedLink.purpose == RESET)
    if (session().scalar(lately.where(MailedLink.created_at > now - WITHIN)) or 0) < MOST_RESETS:
        _mail_link(user, RESET, mail_to, now)
    audit.record_rarely(Actor.nobody(), "user.reset_asked", "user", user.name)


def opened(signed: Sequence[Any] | None, now: datetime) -> MailedLink | None:
    """The link that was signed so, unless it is used or expired, or its account is off."""
    found = waiting(signed[0], now) if signed else None
    return found if found is not None and signed is not None and list(found.signed) == list(signed) else None


def waiting(link_id: int, now: datetime) -> MailedLink | None:
    """The unused, unexpired link with this number, of an account that is on."""
    mine = select(MailedLink).join(User)
    mine = mine.where(
        MailedLink.id == link_id, MailedLink.expires_at > now, User.is_active, User.kind == PERSON
    )
    return session().scalar(mine.options(joinedload(MailedLink.user)))


def use(link: MailedLink, password: str | None, now: datetime) -> User:
    """Take the link's one use, and the new password where one was chosen, which ends every session.

    Raises `Invalid` for a password that will not do, and `NotAllowed` where the link was used meanwhile.
    """
    user, purpose = link.user, link.purpose
    if not is_changed(delete(MailedLink).where(MailedLink.id == link.id)):
        raise NotAllowed("this link was used already; ask for another")
    actor = sign_in.person(user)
    audit.record(actor, "user.mailed_link_used", "user", user.name, purpose=purpose)
    # Whoever was locked out by somebody's guesses is in, and may try their password again.
    sign_in.forget_attempts(user.name)
    if password is not None:
        accounts.set_password("", password, actor=actor, is_proven=True)
        if purpose == RESET:
            tell(user, "password", now)
    return user


def tell(user: User, what: str, now: datetime, **more: str) -> None:
    """Tell a person by mail, where they have an address, that somebody changed how they sign in."""
    mail_to = _address(user.id)
    if mail_to:
        key = f"{WORD_LETTER}:{what}:{user.id}:{now.timestamp()}"
        payload = {"letter": WORD_LETTER, "to": mail_to, "what": what, **more}
        outbox.put(people.CHANNEL, str(user.id), key, payload, now)


def _mail_link(user: User, purpose: str, mail_to: str, now: datetime) -> None:
    session().execute(delete(MailedLink).where(MailedLink.expires_at <= now))
    link = MailedLink(user_id=user.id, purpose=purpose, created_at=now, expires_at=now + LASTS[purpose])
    insert(link)
    payload = {"letter": LINK_LETTER, "to": mail_to, "link": link.id}
    outbox.put(people.CHANNEL, str(user.id), f"{LINK_LETTER}:{link.id}:{now.timestamp()}", payload, now)


def _reachable(name: str) -> tuple[User, str] | None:
    """The active account of that name, or with that mail address alone, and where its mail goes.

    What nobody has confirmed is nobody's: else whoever types another's address keeps their link from them.
    """
    row = NotificationSettings
    theirs = (
        select(User)
        .join(row, row.user_id == User.id)
        .where(User.is_active, User.kind == PERSON, row.address != "", row.confirmed_at.is_not(None))
    )
    found = session().scalars(theirs.where(User.name == name)).all()
    found = found or session().scalars(theirs.where(func.lower(row.address) == name.lower()).limit(2)).all()
    if len(found) != 1:
        return None
    mail_to = _address(found[0].id)
    return (found[0], mail_to) if mail_to else None


def _address(user_id: int) -> str:
    row = session().get(NotificationSettings, user_id)
    return row.mail_to if row else ""
