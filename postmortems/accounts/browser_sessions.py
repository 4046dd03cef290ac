"""Browser sessions: where somebody is signed in, and how they, or an admin, sign those browsers out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, func, select, update

from postmortems.accounts import credentials, permissions, queries
from postmortems.accounts.models import BrowserSession
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit import origin
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
    device: str
    address: str
    last_seen_at: datetime | None
    way: str
    has_second_factor: bool
    is_this: bool


def live(actor: Actor, secret: str, now: datetime) -> tuple[list[SignedIn], int]:
    """Where the actor is signed in: the browser with this secret, then the newest; and how many in all."""
    return _of(_own_id(actor), secret, now)


def of_account(name: str, now: datetime, *, actor: Actor) -> tuple[list[SignedIn], int]:
    """Where somebody is signed in, for an admin."""
    permissions.require(actor, "people.manage")
    return _of(queries.account(name).id, "", now)


def end_of(name: str, session_id: int | None, *, actor: Actor) -> int:
    """Sign somebody out, as an admin: of one browser, or of all. Says of how many. Raises `NotFound`."""
    permissions.require(actor, "people.manage")
    user = queries.account(name)
    theirs = [BrowserSession.user_id == user.id]
    if session_id is not None:
        theirs.append(BrowserSession.id == session_id)
    gone = session().scalars(delete(BrowserSession).where(*theirs).returning(BrowserSession.id)).all()
    if session_id is not None and not gone:
        raise NotFound("there is no such browser; it may be signed out already")
    if gone:
        audit.record(actor, "user.session_ended", "user", user.name, ended=len(gone))
    return len(gone)


def note_seen(session_id: int, address: str, now: datetime) -> None:
    """Note that a browser is in use, and from where; called now and then, not for each page."""
    seen = update(BrowserSession).where(BrowserSession.id == session_id)
    session().execute(seen.values(last_seen_at=now, address=address[: origin.LONGEST_ADDRESS]))


def is_new(user_id: int, device: str, now: datetime) -> bool:
    """Whether somebody who is signed in elsewhere has no such browser among those."""
    theirs = select(BrowserSession.device).where(
        BrowserSession.user_id == user_id, BrowserSession.expires_at > now
    )
    known = set(session().scalars(theirs.distinct()))
    return bool(known) and device not in known


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


def _of(user_id: int, secret: str, now: datetime) -> tuple[list[SignedIn], int]:
    row = BrowserSession
    theirs = (row.user_id == user_id, row.expires_at > now)
    is_this = row.secret_hash == credentials.hashed(secret)
    found = session().scalars(
        select(row).where(*theirs).order_by(case((is_this, 0), else_=1), row.id.desc()).limit(SHOWN)
    )
    hashed = credentials.hashed(secret)
    shown = [
        SignedIn(
            id=one.id,
            created_at=one.created_at,
            expires_at=one.expires_at,
            device=one.device,
            address=one.address,
            last_seen_at=one.last_seen_at,
            way=one.way,
            has_second_factor=one.has_second_factor,
            is_this=one.secret_hash == hashed,
        )
        for one in found
    ]
    return shown, session().scalar(select(func.count()).select_from(row).where(*theirs)) or 0


def _own_id(actor: Actor) -> int:
    if not actor.is_person or actor.user_id is None:
        raise NotAllowed("only a person who is signed in may do this")
    return actor.user_id
