"""Records pings, with one update and one insert each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam, case, delete, select, update

from postmortems import clock, limits
from postmortems.accounts import credentials, permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.db.session import session
from postmortems.errors import Invalid, NotFound, TooMany
from postmortems.guards import queries
from postmortems.guards.models import Guard, Heartbeat, Ping

PREFIX = "hb_"
LONGEST_BODY = limits.PING
MOST_A_MINUTE = 600
# The newest that are kept, and after how many new ones the rest goes.
KEPT, SWEEP_EVERY = 100, 50

_hearts: Table = Heartbeat.__table__  # type: ignore[assignment]
_next = _hearts.c.count + 1


def _counting(**more: Any) -> PreparedQuery:
    """Count a ping, and how many came in this minute; put together once, for a pipeline waits for it."""
    in_minute = case((_hearts.c.minute == bindparam("now_minute"), _hearts.c.in_minute + 1), else_=1)
    counted = {"count": _next, "minute": bindparam("now_minute"), "in_minute": in_minute, **more}
    found = update(_hearts).where(_hearts.c.key_hash == bindparam("hashed")).values(counted)
    return PreparedQuery(
        found.returning(
            _hearts.c.id, _hearts.c.count.label("number"), _hearts.c.in_minute, _hearts.c.last_success
        )
    )


COUNT, COUNT_SUCCESS = _counting(), _counting(last_success=_next)
KEEP = PreparedInsert(Ping, "heartbeat_id", "number", "at", "result", "rid", "exit_status", "body")


def ping(key: str, result: str, *, exit_status: int | None = None, rid: str = "", body: bytes = b"") -> None:
    """Keep that the job of this key said `start`, `success` or `fail`, with what it printed.

    Raises `NotFound` for a key that was never made or was replaced, `TooMany` after 600 in a minute.
    """
    now = clock.now()
    counting = COUNT_SUCCESS if result == "success" else COUNT
    who = {"hashed": credentials.hashed(key), "now_minute": int(now.timestamp()) // 60}
    found = counting.rows(who)
    if not found:
        raise NotFound("no job has this address; it may have been replaced by a new one")
    row = found[0]
    if row.in_minute > MOST_A_MINUTE:
        raise TooMany(f"this job pinged {MOST_A_MINUTE} times in a minute", retry_after_s=60)
    # NUL is what PostgreSQL cannot keep.
    text = body[:LONGEST_BODY].decode("utf-8", "replace").replace("\0", "\ufffd")
    kept = {"heartbeat_id": row.id, "number": row.number, "at": now, "result": result, "rid": rid}
    KEEP.run([{**kept, "exit_status": exit_status, "body": text}])
    if row.number % SWEEP_EVERY == 0:
        old = delete(Ping).where(Ping.heartbeat_id == row.id, Ping.number <= row.number - KEPT)
        db.connection().execute(old.where(Ping.number != (row.last_success or 0)))


def make_key(slug: str, *, actor: Actor) -> str:
    """A new key for the job that a heartbeat guard waits for; an older one no longer works.

    Only its hash is stored. Raises `NotFound`, and `Invalid` for a guard of another kind.
    """
    permissions.require(actor, "guard.edit")
    guard = queries.by_slug(slug)
    if guard.kind != "heartbeat":
        raise Invalid(f"{slug} is a guard of kind {guard.kind}; only a heartbeat waits for pings")
    heart = of(guard)
    is_first = heart is None
    heart = heart or Heartbeat(guard_id=guard.id)
    key = credentials.fresh(PREFIX)
    heart.key_hash, heart.made_at = credentials.hashed(key), clock.now()
    session().add(heart)
    session().flush()
    audit.record(actor, "guard.key_made" if is_first else "guard.key_replaced", "guard", slug)
    return key


def of(guard: Guard) -> Heartbeat | None:
    """The row of the job that the guard waits for; None before it has an address."""
    return session().scalar(select(Heartbeat).where(Heartbeat.guard_id == guard.id))


def pings(heart: Heartbeat, after: int = 0, limit: int = 50) -> list[Ping]:
    """The job's pings, newest first; `after` is the number of the last one of the page before."""
    kept = select(Ping).where(Ping.heartbeat_id == heart.id)
    kept = kept.where(Ping.number < after) if after else kept
    return list(session().scalars(kept.order_by(Ping.number.desc()).limit(min(limit, limits.PAGE))))
