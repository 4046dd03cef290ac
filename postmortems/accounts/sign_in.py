"""Sign-in: by password or one-time link, into a session that is stored on the server.

A wrong password must be remembered although the request is refused, and checking one must not hold the
database: so the door calls `note_attempt`, `check` and `open_session` in units of their own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from postmortems.accounts import credentials, permissions, queries, sign_in_limits
from postmortems.accounts.models import PERSON, BrowserSession, SignInAttempt, SignInLink, User
from postmortems.accounts.sign_in_limits import Attempt
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit import origin
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, NotAllowed, TooMany

SESSION_DAYS = 14
LINK_LASTS = timedelta(hours=1)
# So long after showing who one is one may change by what one signs in.
PROOF_LASTS = timedelta(minutes=15)
LONGEST_NAME = 100
# Why a password was refused, as the audit trail says it.
WRONG, HELD_UP = "wrong name or password", "too many attempts"


def note_attempt(name: str, address: str, now: datetime) -> None:
    """Count a try before its password is checked, so that many at once count too. Raises `TooMany`.

    `name` is the account's; `address` is the browser's, as the trusted proxies tell it.
    """
    # Who asks at the same moment is counted, too: one over the limit is one too many.
    db.take_turns(sign_in_limits.TURNS)
    session().execute(delete(SignInAttempt).where(SignInAttempt.at <= now - sign_in_limits.WINDOW))
    made = Attempt(name[:LONGEST_NAME], sign_in_limits.network(address), now)
    tried = queries.attempts(now - sign_in_limits.WINDOW)
    held = sign_in_limits.held_up(tried, made)
    if held and made.network in queries.networks_of(name, now):
        # Nobody locks the person out of the place where they work by guessing from another.
        held = sign_in_limits.held_up(sign_in_limits.of_network(tried, made), made)
    if held:
        raise TooMany(held.detail, retry_after_s=held.wait_s)
    insert(SignInAttempt(name=made.name, address=made.network, at=now))


def note_failure(name: str, what: str, why: str) -> None:
    """Leave in the audit trail that a password was refused; never what was typed.

    `what` is the verb: `user.sign_in_failed`, or `user.password_refused` for one's present password; who was
    held up is told as `user.held_up`, a few times a minute. A name that nobody has is not kept either: people
    type their password there.
    """
    user = queries.named(name)
    subject = user.name if user is not None else "an unknown name"
    if why == HELD_UP:
        audit.record_rarely(Actor.nobody(), "user.held_up", "user", subject, why=why)
    else:
        audit.record(Actor.nobody(), what, "user", subject, why=why)


def check(password: str, user: User | None) -> None:
    """Raise `NotAllowed` unless this is the active user's password; as slow for an unknown one."""
    stored = user.password_hash if user is not None and user.is_active else None
    if not credentials.is_right(password, stored):
        raise NotAllowed("wrong name or password")


def forget_attempts(name: str) -> None:
    """After the right password, earlier typing errors no longer count."""
    session().execute(delete(SignInAttempt).where(SignInAttempt.name == name))


def require_unchanged(user: User) -> None:
    """Raise `NotAllowed` where meanwhile the account was switched off, or its password became another."""
    proven = (
        User.id == user.id,
        User.is_active,
        User.kind == PERSON,
        User.password_hash.is_not_distinct_from(user.password_hash),
    )
    if session().scalar(select(User.id).where(*proven).with_for_update()) is None:
        raise NotAllowed("the account was changed at this moment; sign in again")


def open_session(
    user: User,
    now: datetime,
    *,
    by_link: bool = False,
    has_second_factor: bool = False,
    way: str = "",
    device: str = "",
) -> str:
    """Sign a browser in and return the secret for its cookie: always a new one, so none can be planted.

    `has_second_factor` where one was shown, or the company's sign-in stands for it; `way` and `device` are
    how and with what, in words. Raises `NotAllowed` where the account was changed meanwhile.
    """
    require_unchanged(user)
    session().execute(delete(BrowserSession).where(BrowserSession.expires_at <= now))
    secret = credentials.fresh()
    session().add(
        BrowserSession(
            secret_hash=credentials.hashed(secret),
            user_id=user.id,
            created_at=now,
            expires_at=now + timedelta(days=SESSION_DAYS),
            proven_at=now,
            last_seen_at=now,
            device=device,
            address=origin.current().address[: origin.LONGEST_ADDRESS],
            way=way,
            by_link=by_link,
            has_second_factor=has_second_factor,
        )
    )
    session().flush()
    audit.record(person(user), "user.signed_in", "user", user.name)
    return secret


def is_fresh(secret: str, now: datetime) -> bool:
    """Whether who sits at this browser has lately shown to be who they are."""
    mine = (*_of(secret, now), BrowserSession.proven_at > now - PROOF_LASTS)
    return session().scalar(select(BrowserSession.id).where(*mine)) is not None


def is_lately_proven(actor: Actor, now: datetime) -> bool:
    """Whether who acts has lately shown who they are; of browsers alone, as others have no such moment."""
    if actor.session_id is None:
        return True
    mine = (BrowserSession.id == actor.session_id, BrowserSession.proven_at > now - PROOF_LASTS)
    return session().scalar(select(BrowserSession.id).where(*mine)) is not None


def prove(secret: str, now: datetime) -> None:
    """Note that who sits at this browser has shown again to be who they are."""
    session().execute(update(BrowserSession).where(*_of(secret, now)).values(proven_at=now))


def has_second_factor(secret: str, now: datetime) -> bool:
    """Whether a second factor stands behind this session."""
    mine = (*_of(secret, now), BrowserSession.has_second_factor)
    return session().scalar(select(BrowserSession.id).where(*mine)) is not None


def add_second_factor(secret: str, now: datetime) -> None:
    """Note that a second factor was shown in this session."""
    session().execute(update(BrowserSession).where(*_of(secret, now)).values(has_second_factor=True))


def may_choose_password(secret: str, now: datetime) -> bool:
    """Whether this browser may set a new password without the present one: a link has opened it within the
    hour, as for somebody who forgot theirs."""
    fresh = select(BrowserSession.id).where(
        *_of(secret, now), BrowserSession.by_link, BrowserSession.created_at > now - LINK_LASTS
    )
    return session().scalar(fresh) is not None


def sign_out(secret: str) -> None:
    """End the session of this secret; an unknown one is no error."""
    session().execute(delete(BrowserSession).where(BrowserSession.secret_hash == credentials.hashed(secret)))


def make_sign_in_link(user: User, now: datetime, *, actor: Actor) -> str:
    """A secret that signs this person in, once, within the hour. Asking for another ends the earlier ones."""
    permissions.require(actor, "people.manage")
    if not user.is_active:
        raise Conflict(f"the account {user.name} is switched off; switch it on first")
    if user.kind != PERSON:
        raise Conflict(f"{user.name} is a service account: nobody signs in as it; make a token of it instead")
    session().execute(delete(SignInLink).where(SignInLink.user_id == user.id))
    secret = credentials.fresh()
    session().add(
        SignInLink(secret_hash=credentials.hashed(secret), user_id=user.id, expires_at=now + LINK_LASTS)
    )
    session().flush()
    audit.record(actor, "user.link_made", "user", user.name)
    return secret


def use_link(secret: str, now: datetime) -> User:
    """Take the link's one use and return whom it signs in. Raises `NotAllowed` for any other link."""
    link = queries.link(secret, now)
    # Removing it decides who used it, when two try at once.
    taken = None
    if link is not None:
        mine = delete(SignInLink).where(SignInLink.id == link.id).returning(SignInLink.id)
        taken = session().scalar(mine)
    if link is None or taken is None:
        raise NotAllowed("this link was used already, or has expired; ask for a new one")
    # Whoever was locked out by somebody's guesses is in, and may try their password again.
    forget_attempts(link.user.name)
    return link.user


def person(user: User) -> Actor:
    """The actor that this person is when signed in."""
    return Actor(kind="person", name=user.name, role=user.role, user_id=user.id)


def _of(secret: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The session of the browser with this secret, while it lasts."""
    return BrowserSession.secret_hash == credentials.hashed(secret), BrowserSession.expires_at > now
