"""Queries of second factors: what a person has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union

from postmortems.accounts.factors.models import Authenticator, Passkey, RecoveryCode
from postmortems.db.session import session


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person can show beside the password. `codes_left` of the recovery codes are unused."""

    app_since: datetime | None
    app_used_at: datetime | None
    codes_left: int
    passkeys: Sequence[Passkey] = ()

    @property
    def any(self) -> bool:
        return self.app_since is not None or bool(self.passkeys)


def of(user_id: int) -> Factors:
    """A person's factors."""
    app = session().get(Authenticator, user_id)
    unused = select(func.count()).select_from(RecoveryCode)
    unused = unused.where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return Factors(
        app_since=app.created_at if app else None,
        app_used_at=app.last_used_at if app else None,
        codes_left=session().scalar(unused) or 0,
        passkeys=passkeys_of(user_id),
    )


def having(user_ids: Collection[int]) -> set[int]:
    """Which of these people have a second factor."""
    theirs = (select(kind.user_id).where(kind.user_id.in_(user_ids)) for kind in (Authenticator, Passkey))
    return set(session().scalars(union(*theirs)))


def passkeys_of(user_id: int) -> Sequence[Passkey]:
    """A person's passkeys, the oldest first."""
    return session().scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)).all()
