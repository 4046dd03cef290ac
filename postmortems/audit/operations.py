"""Record an audit event in the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit import origin
from postmortems.audit.models import Event
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.db.session import session

MOST_IN_A_MINUTE = 5
# Of what is named at more length, such as a path, the end is kept.
LONGEST_SUBJECT = 200
NEW = PreparedInsert(
    Event,
    *("at", "verb", "subject_kind", "subject", "data"),
    *("actor_kind", "actor", "way", "credential", "address"),
)
QUIET = PreparedQuery(
    update(Event)
    .where(
        Event.id > bindparam("since"),
        (Event.subject_kind + " " + Event.subject).in_(bindparam("subjects", expanding=True)),
    )
    .values(is_told=True)
)
NEWEST = PreparedQuery(select(func.max(Event.id).label("id")).select_from(Event))


def record(actor: Actor, verb: str, subject_kind: str, subject: str, **data: Any) -> None:
    """Add an event to the stream; `verb` is `<subject kind>.<what happened>`, `data` plain JSON values."""
    record_all(actor, subject_kind, [(verb, subject, data)])


def record_all(actor: Actor, subject_kind: str, events: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """Add events, each a verb, its subject and its data, by one statement."""
    if not events:
        return
    common = {"at": clock.now(), "subject_kind": subject_kind, **whence(actor)}
    NEW.run([{"verb": verb, "subject": subject, "data": data, **common} for verb, subject, data in events])


def whence(actor: Actor) -> dict[str, str]:
    """Who acts, and from where: the columns that every event has."""
    by = (("session", actor.session_id), ("token", actor.token_id))
    place = origin.current()
    return {
        "actor_kind": actor.kind,
        "actor": actor.name,
        "way": place.way,
        "credential": next((f"{kind} {number}" for kind, number in by if number is not None), ""),
        "address": place.address[: origin.LONGEST_ADDRESS],
    }


def newest() -> int:
    """The number of the newest event, 0 where there is none."""
    return NEWEST.rows({})[0].id or 0


def tell_nobody(subjects: Sequence[tuple[str, str]], *, since: int) -> None:
    """Let readers of the stream pass over what happened to these, each a kind and a name, after `since`."""
    session().flush()
    QUIET.rows({"since": since, "subjects": [f"{kind} {name}" for kind, name in subjects]})


def record_rarely(actor: Actor, verb: str, subject_kind: str, subject: str, **data: Any) -> None:
    """Record what anybody outside can bring about, a few times in a minute at most."""
    since = clock.now() - timedelta(minutes=1)
    lately = select(func.count()).select_from(Event)
    lately = lately.where(Event.verb == verb, Event.subject == subject, Event.at > since)
    if (session().scalar(lately) or 0) < MOST_IN_A_MINUTE:
        record(actor, verb, subject_kind, subject, **data)
