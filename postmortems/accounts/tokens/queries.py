"""Queries of tokens: everybody's for an admin, and those that end soon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import joinedload

from postmortems.accounts.models import Token, User
from postmortems.accounts.programs.models import ServiceAccount
from postmortems.db.session import session

PAGE = 100
UNUSED_AFTER = timedelta(days=30)
SOON = timedelta(days=14)
# So long before it ends its owner is told.
TOLD_BEFORE = timedelta(days=7)


def _live(now: datetime) -> ColumnElement[bool]:
    return and_(Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > now))


def _unused(now: datetime) -> ColumnElement[bool]:
    used = func.coalesce(Token.last_used_at, Token.created_at)
    return and_(_live(now), used < now - UNUSED_AFTER)


def _expiring(now: datetime) -> ColumnElement[bool]:
    return and_(_live(now), Token.expires_at <= now + SOON)


def _endless(now: datetime) -> ColumnElement[bool]:
    return and_(_live(now), Token.expires_at.is_(None))


# What a list may be narrowed to, in the words of its page.
SHOWN: dict[str, tuple[str, Callable[[datetime], ColumnElement[bool]]]] = {
    "live": ("all that work", _live),
    "unused": (f"not used for {UNUSED_AFTER.days} days", _unused),
    "expiring": (f"end within {SOON.days} days", _expiring),
    "endless": ("never end", _endless),
}


def listing(show: str, now: datetime, *, before: int | None = None, limit: int = PAGE) -> list[Token]:
    """Everybody's tokens, newest first, a page at a time; an unknown word shows all that work."""
    wanted = SHOWN.get(show, SHOWN["live"])[1](now)
    rows = select(Token).where(wanted).order_by(Token.id.desc()).options(joinedload(Token.user)).limit(limit)
    if before is not None:
        rows = rows.where(Token.id < before)
    return list(session().scalars(rows))


def ending(now: datetime, after: int, limit: int) -> Sequence[Row[Any]]:
    """Tokens that end within `TOLD_BEFORE`, by number: whose they are, and who answers for a program's."""
    token: tuple[Any, ...] = (Token.id, Token.name, Token.created_at, Token.expires_at, Token.user_id)
    account: tuple[Any, ...] = (
        User.name.label("account"),
        User.kind,
        ServiceAccount.owner_id,
        ServiceAccount.team_id,
    )
    rows = select(*token, *account).join(User, User.id == Token.user_id)
    rows = rows.outerjoin(ServiceAccount, ServiceAccount.user_id == User.id)
    soon = (Token.id > after, _live(now), Token.expires_at <= now + TOLD_BEFORE, User.is_active)
    return session().execute(rows.where(*soon).order_by(Token.id).limit(limit)).all()
