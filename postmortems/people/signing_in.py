"""Signing in: by password or one-time link into a session that only the server can read.

A wrong password must be remembered although the request is refused, and checking one must not hold the
database: so the door calls `note_attempt`, `check` and `open_session` in units of their own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session
from postmortems.errors import NotAllowed, TooMany
from postmortems.people import permissions, queries, secrets
from postmortems.people.models import BrowserSession, SignInAttempt, SignInLink, User

SESSION_DAYS = 14
LINK_LASTS = timedelta(hours=1)
WINDOW = timedelta(minutes=15)
MOST_ATTEMPTS = 10
LONGEST_NAME = 100


def note_attempt(name: str, address: str, now: datetime) -> None:
    """Count a try before its password is checked, so that many at once count too. Raises `TooMany`."""
    session().execute(delete(SignInAttempt).where(SignInAttempt.at <= now - WINDOW))
    tried = queries.attempts(name[:LONGEST_NAME], now - WINDOW)
    if len(tried) >= MOST_ATTEMPTS:
        wait_s = int((tried[-MOST_ATTEMPTS] + WINDOW - now).total_seconds()) + 1
        when = f"try again in {wait_s // 60 + 1} minutes, or use a sign-in link"
        raise TooMany(f"too many attempts for this account; {when}", retry_after_s=wait_s)
    session().add(SignInAttempt(name=name[:LONGEST_NAME], address=address[:64], at=now))
    session().flush()


def check(password: str, user: User | None) -> None:
    """Raise `NotAllowed` unless this is the active user's password; as slow for an unknown one."""
    stored = user.password_hash if user is not None and user.is_active else None
    if not secrets.is_right(password, stored):
        raise NotAllowed("that name and password do not go together")


def forget_attempts(name: str) -> None:
    """After the right password, earlier typing errors no longer count."""
    session().execute(delete(SignInAttempt).where(SignInAttempt.name == name))


def open_session(user: User, now: datetime) -> str:
    """Sign a browser in and return the secret for its cookie: always a new one, so none can be planted."""
    session().execute(delete(BrowserSession).where(BrowserSession.expires_at <= now))
    secret = secrets.fresh()
    session().add(
        BrowserSession(
            secret_hash=secrets.hashed(secret),
            user_id=user.id,
            created_at=now,
            expires_at=now + timedelta(days=SESSION_DAYS),
        )
    )
    session().flush()
    audit.record(_as(user), "user.signed_in", "user", user.name)
    return secret


def sign_out(secret: str) -> None:
    """End the session of this secret; an unknown one is no error."""
    session().execute(delete(BrowserSession).where(BrowserSession.secret_hash == secrets.hashed(secret)))


def make_sign_in_link(user: User, now: datetime, *, actor: Actor) -> str:
    """A secret that signs this person in, once, within the hour. Asking for another ends the earlier ones."""
    permissions.require(actor, "people.manage")
    session().execute(delete(SignInLink).where(SignInLink.user_id == user.id))
    secret = secrets.fresh()
    session().add(
        SignInLink(secret_hash=secrets.hashed(secret), user_id=user.id, expires_at=now + LINK_LASTS)
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
    return link.user


def _as(user: User) -> Actor:
    return Actor(kind="person", name=user.name, role=user.role, user_id=user.id)
