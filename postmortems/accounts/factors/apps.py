"""Authenticator apps: a secret is proposed, taken with its first code, and its later codes are checked.

The vault that encrypts the secrets is passed on by the door.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import update

from postmortems.accounts.factors import operations, queries, totp
from postmortems.accounts.factors.models import Authenticator
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, is_changed, session
from postmortems.egress.client import NoSecret
from postmortems.errors import Conflict, Invalid, NotAllowed

# NIST SP 800-63B, 3.2.2 allows a hundred in a row: who knows the password may guess no further.
MOST_REFUSED = 50
NO_CODE = "this is neither the code that your app shows now nor an unused recovery code"
OTHERWISE = "use a recovery code, or ask an admin to reset your second step"


class Cipher(Protocol):
    """What encrypts the secrets of apps: the vault."""

    def encrypt(self, value: str) -> str: ...

    def decrypt(self, encrypted: str, name: str) -> str: ...


def propose(user: User, *, cipher: Cipher) -> tuple[str, str]:
    """A new secret for this person's app, and the same sealed, for the form that brings it back with a code.

    Nothing is stored until then. Raises `Unavailable` where the operator gave no key.
    """
    secret = totp.fresh_secret()
    return secret, cipher.encrypt(f"app:{user.id}:{secret}")


def proposed(sealed: str, user: User, *, cipher: Cipher) -> str:
    """The secret that was proposed. Raises `Conflict` for what was sealed for somebody else, or by nobody."""
    try:
        kind, user_id, secret = cipher.decrypt(sealed, "the app's secret").split(":")
    except (NoSecret, ValueError):
        kind, user_id, secret = "", "", ""
    if (kind, user_id) != ("app", str(user.id)):
        raise Conflict("the picture on that page is no longer good; scan the one that is shown now")
    return secret


def add(user: User, secret: str, typed: str, now: datetime, *, actor: Actor, cipher: Cipher) -> list[str]:
    """Take the app that shows this code; returns recovery codes, shown only once, where there were none.

    Raises `Invalid` for a wrong code, and `Conflict` where there is an app already.
    """
    operations.require_own(user, actor)
    if session().get(Authenticator, user.id) is not None:
        raise Conflict("your account has an app already; remove it first")
    step = totp.step_of(typed, secret, now)
    if step is None:
        told = "the app shows another code now; wait for the next, and see that the phone's clock is right"
        raise Invalid(told, "/code")
    encrypted = cipher.encrypt(secret)
    insert(Authenticator(user_id=user.id, encrypted=encrypted, last_step=step, created_at=now))
    audit.record(actor, "user.factor_added", "user", user.name, factor="app")
    return [] if queries.of(user.id).codes_left else operations.fresh_codes(user)


def check(typed: str, user: User, now: datetime, *, cipher: Cipher) -> None:
    """Accept a code of the person's app; each counts once. Raises `NotAllowed`."""
    app = session().get(Authenticator, user.id)
    if app is None:
        raise NotAllowed(NO_CODE)
    if app.refused >= MOST_REFUSED:
        told = f"{MOST_REFUSED} codes in a row were wrong, so codes of the app are not accepted any more"
        raise NotAllowed(f"{told}; {OTHERWISE}")
    try:
        step = totp.step_of(typed, cipher.decrypt(app.encrypted, "your app's secret"), now)
    except NoSecret:
        told = "your app cannot be checked: the key that its secret was encrypted with is gone"
        raise NotAllowed(f"{told}; {OTHERWISE}") from None
    if step is None:
        raise NotAllowed(NO_CODE)
    # Who reads a code over somebody's shoulder, or sends the same twice at once, comes too late.
    mine = (Authenticator.user_id == user.id, Authenticator.last_step < step)
    if not is_changed(update(Authenticator).where(*mine).values(last_step=step, refused=0)):
        raise NotAllowed("this code was used already; wait for the next one")


def note_refused(user: User) -> None:
    """Count a code that was refused, in a unit of its own: the one that refused it is not kept."""
    mine = update(Authenticator).where(Authenticator.user_id == user.id)
    session().execute(mine.values(refused=Authenticator.refused + 1))
