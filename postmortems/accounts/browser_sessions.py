"""Browser sessions of one person: where they are signed in, and how they sign those browsers out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, func, select

from postmortems.accounts import credentials
from postmortems.accounts.models import BrowserSession
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import NotAllowed, NotFound

# More than anybody tells apart; those left out end with "all others".
SHOWN = 50


@dataclass(frozen=True)
class SignedIn:
    """One browser in which a person is signed in; `is_this` where it is the one that asks."""

    id: int
    created_at: datetime
    expires_at: datetime
    is_this: bool


def live(actor: Actor, secret: str, now: datetime) -> tuple[list[SignedIn], int]:
    """Where the actor is signed in: the browser with this secret, then the newest; and how many in all."""
    row = BrowserSession
    mine = (row.user_id == _own_id(actor), row.expires_at > now)
    is_this = row.secret_hash == credentials.hashed(secret)
    first = case((is_this, 0), else_=1)
    found = session().execute(
        select(row.id, row.created_at, row.expires_at, first)
        .where(*mine)
        .order_by(first, row.id.desc())
        .limit(SHOWN)
    )
    shown = [SignedIn(number, made, ends, place == 0) for number, made, ends, place in found]
    return shown, session().scalar(select(func.count()).select_from(row).where(*mine)) or 0


def end(session_id: int, *, actor: Actor) -> None:
    """Sign one of one's own browsers out. Another's, and one that is over, are not even there."""
    mine = (BrowserSession.id == session_id, BrowserSession.user_id == _own_id(actor))
    gone = session().scalar(delete(BrowserSession).where(*mine).returning(BrowserSession.id))
    if gone is None:
        raise NotFound("there is no such browser; it may be signed out already")
    audit.record(actor, "user.session_ended", "user", actor.name, ended=1)


def end_others(secret: str, *, actor: Actor) -> int:
    """Sign out every browser of one's own but the one with this secret; says how many."""
    others = (
        BrowserSession.user_id == _own_id(actor),
        BrowserSession.secret_hash != credentials.hashed(secret),
    )
    gone = session().scalars(delete(BrowserSession).where(*others).returning(BrowserSession.id)).all()
    if gone:
        audit.record(actor, "user.session_ended", "user", actor.name, ended=len(gone))
    return len(gone)


def _own_id(actor: Actor) -> int:
    if not actor.is_person or actor.user_id is None:
        raise NotAllowed("only a person who is signed in may do this")
    return actor.user_id
