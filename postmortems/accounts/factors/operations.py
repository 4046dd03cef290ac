"""Second factors: recovery codes are made and used, factors taken away and reset; `apps` adds them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update

from postmortems.accounts import credentials, permissions
from postmortems.accounts import queries as accounts
from postmortems.accounts.factors import queries, recovery_codes
from postmortems.accounts.factors.models import Authenticator, Passkey, PendingSignIn, RecoveryCode
from postmortems.accounts.models import BrowserSession, User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import is_changed, session
from postmortems.errors import Conflict, NotAllowed

# Ways in for which somebody else has looked: the identity provider, or the proxy in front.
VOUCHED = ("provider", "proxy")


def remove_app(user: User, *, actor: Actor) -> None:
    """Take the app away; the recovery codes go with the last factor. Again is no error."""
    require_own(user, actor)
    if not is_changed(delete(Authenticator).where(Authenticator.user_id == user.id)):
        return
    drop_codes_without_factor(user)
    audit.record(actor, "user.factor_removed", "user", user.name, factor="app")


def drop_codes_without_factor(user: User) -> None:
    """Let the recovery codes go where nothing is left that they stand for."""
    if not queries.of(user.id).any:
        session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def renew_recovery_codes(user: User, *, actor: Actor) -> list[str]:
    """Ten new codes, shown only once; the earlier ones are worth nothing from then on."""
    require_own(user, actor)
    if not queries.of(user.id).any:
        raise Conflict("without a second factor there is nothing to recover; set one up first")
    audit.record(actor, "user.recovery_codes_made", "user", user.name)
    return fresh_codes(user)


def fresh_codes(user: User) -> list[str]:
    """Put ten new codes in the place of what there was."""
    session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = recovery_codes.fresh()
    session().add_all(
        RecoveryCode(user_id=user.id, code_hash=credentials.hashed(recovery_codes.plain(code)))
        for code in codes
    )
    session().flush()
    return codes


def use_recovery_code(letters: str, user: User, now: datetime, *, actor: Actor) -> None:
    """Accept an unused code, as `recovery_codes.plain` reads it, once. Raises `NotAllowed`."""
    unused = (RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    this = RecoveryCode.code_hash == credentials.hashed(letters)
    if not is_changed(update(RecoveryCode).where(*unused, this).values(used_at=now)):
        raise NotAllowed("this is not one of your unused recovery codes")
    # Who guessed at the app has not guessed this; it may be asked again.
    session().execute(update(Authenticator).where(Authenticator.user_id == user.id).values(refused=0))
    left = queries.of(user.id).codes_left
    audit.record(actor, "user.recovery_code_used", "user", user.name, left=left)


def reset(name: str, *, actor: Actor) -> bool:
    """Take away every factor of an account, for whom all are lost; says whether there was one."""
    permissions.require(actor, "people.manage")
    user = accounts.account(name)
    had_any = queries.of(user.id).any
    for table in (Authenticator, Passkey, RecoveryCode, PendingSignIn):
        session().execute(delete(table).where(table.user_id == user.id))
    # Whoever sits where one of them was shown has to show again who they are; for others the company vouches.
    ours = (BrowserSession.user_id == user.id, BrowserSession.way.not_in(VOUCHED))
    session().execute(update(BrowserSession).where(*ours).values(has_second_factor=False, proven_at=None))
    if had_any:
        audit.record(actor, "user.factors_reset", "user", name)
    return had_any


def require_own(user: User, actor: Actor) -> None:
    """Raise `NotAllowed` unless this is the person's own account: no token opens another way in."""
    if not actor.is_person or actor.user_id != user.id:
        raise NotAllowed("only a person who is signed in may do this, for their own account")
