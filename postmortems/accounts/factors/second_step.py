"""The second step of a sign-in: what a browser has after the right password, before it has a session."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from postmortems.accounts import credentials, sign_in
from postmortems.accounts.factors import apps, operations, queries, recovery_codes, requirement
from postmortems.accounts.factors.apps import Cipher
from postmortems.accounts.factors.models import PendingSignIn
from postmortems.accounts.models import User
from postmortems.db.session import insert, is_changed, session
from postmortems.errors import NotAllowed

# Long enough to find the phone, or to install an app where one is required.
LASTS = timedelta(minutes=15)


def is_needed(user: User, rule: str) -> bool:
    """Whether a password, or a link in its place, does not suffice: the person has a factor, or needs one."""
    return queries.of(user.id).any or requirement.asks(rule, user.role)


def begin(user: User, now: datetime, *, by_link: bool = False) -> str:
    """Remember that this browser has shown the first factor; returns the secret for its cookie.

    Raises `NotAllowed` where the account was changed meanwhile.
    """
    sign_in.require_unchanged(user)
    session().execute(delete(PendingSignIn).where(PendingSignIn.expires_at <= now))
    secret = credentials.fresh()
    insert(
        PendingSignIn(
            secret_hash=credentials.hashed(secret), user_id=user.id, expires_at=now + LASTS, by_link=by_link
        )
    )
    return secret


def waiting(secret: str, now: datetime) -> PendingSignIn | None:
    """The sign-in that waits in the browser with this secret, of an account that is on."""
    mine = (
        select(PendingSignIn)
        .join(User)
        .where(
            PendingSignIn.secret_hash == credentials.hashed(secret),
            PendingSignIn.expires_at > now,
            User.is_active,
        )
        .options(joinedload(PendingSignIn.user))
    )
    return session().scalar(mine)


def take(typed: str, user: User, now: datetime, *, cipher: Cipher) -> None:
    """Accept a code of the person's app, or a recovery code: each counts once. Raises `NotAllowed`."""
    letters = recovery_codes.plain(typed)
    if letters:
        operations.use_recovery_code(letters, user, now, actor=sign_in.person(user))
    else:
        apps.check(typed, user, now, cipher=cipher)


def end(pending: PendingSignIn) -> User:
    """Take the waiting sign-in away, which decides who goes on where two try; returns whose it is."""
    if not is_changed(delete(PendingSignIn).where(PendingSignIn.id == pending.id)):
        raise NotAllowed("this sign-in has gone on in another tab; sign in again")
    return pending.user
