"""The audit log as admins search it: by who, what, to what, when and words; newest first, paged by key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select

from postmortems import visibility
from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session

# Words are looked for in so many events at a time: they have no index.
LOOKED_THROUGH = 100_000
# Numbers follow time, but for transactions that lasted: these may be apart by so many.
APART = 10_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for: a whole name, `item.closed` or `item.*`, a whole subject, days in UTC, and words."""

    actor: str = ""
    verb: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of events, which of them are withheld from the viewer, and the `before` of the next page."""

    events: list[Event]
    withheld: set[int]
    more: int | None = None


def page(filters: Filters, *, limit: int = 50, before: int | None = None) -> Page:
    """The newest events that were asked for, behind the number `before`.

    What is about a restricted incident is not left out: an act that nobody can look up is not recorded. Its
    subject and what was recorded of it are withheld; who asks for a subject or for words gets only what they
    may see, for the answer would tell what the others are about.
    """
    low, high = _between(filters)
    if high == 0:
        return Page([], set())
    if before is not None:
        high = min(high, before - 1)
    if filters.q:
        low = max(low, high - LOOKED_THROUGH + 1)
    viewer = visibility.viewer() if filters.subject or filters.q else visibility.EVERYTHING
    with visibility.seen_by(viewer):
        found = list(session().scalars(wanted(filters, low, high).limit(limit)))
    ids = {event.id for event in found}
    withheld = ids - set(session().scalars(select(Event.id).where(Event.id.in_(ids))))
    if len(found) == limit:
        return Page(found, withheld, found[-1].id)
    return Page(found, withheld, low if filters.q and low > 1 else None)


def wanted(filters: Filters, low: int, high: int) -> Select[Event]:
    """The events that were asked for, the newest first, between these numbers."""
    asked = select(Event).where(*_conditions(filters), Event.id <= high).order_by(Event.id.desc())
    return asked.where(Event.id >= low) if low > 1 else asked


def _between(filters: Filters) -> tuple[int, int]:
    """The numbers between which the events of the period lie; (1, 0) where there are none."""
    low, high = 1, audit.newest()
    if filters.since:
        first = (
            select(Event.id).where(Event.at >= _begin(filters.since)).order_by(Event.at, Event.id).limit(1)
        )
        if not (found := db.rows(first)):
            return 1, 0
        low = max(1, found[0].id - APART)
    if filters.until:
        last = select(Event.id).where(Event.at < _end(filters.until))
        if not (found := db.rows(last.order_by(Event.at.desc(), Event.id.desc()).limit(1))):
            return 1, 0
        high = min(high, found[0].id + APART)
    return low, high


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    kind = filters.verb.removesuffix(".*")
    wanted: list[tuple[Any, ColumnElement[bool]]] = [
        (filters.actor, Event.actor == filters.actor),
        # "/" comes right behind "." in ASCII.
        (kind != filters.verb, (Event.verb >= f"{kind}.") & (Event.verb < f"{kind}/")),
        (filters.verb and kind == filters.verb, Event.verb == filters.verb),
        (filters.subject, Event.subject == filters.subject),
        (filters.q, _says(filters.q)),
    ]
    if filters.since:
        wanted.append((True, Event.at >= _begin(filters.since)))
    if filters.until:
        wanted.append((True, Event.at < _end(filters.until)))
    return [condition for is_asked, condition in wanted if is_asked]


def _says(words: str) -> ColumnElement[bool]:
    """That the subject or what was recorded has these words, as each database writes them down."""
    is_ascii = db.engine().dialect.name == "sqlite"
    written = json.dumps(words, ensure_ascii=is_ascii)[1:-1]
    subject = func.lower(Event.subject).contains(words.lower(), autoescape=True)
    return or_(
        subject,
        func.lower(cast(Event.data, Text)).contains(written.lower(), autoescape=True),
    )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end(day: date) -> datetime:
    return _begin(day) + timedelta(days=1) if day < date.max else datetime.max.replace(tzinfo=UTC)
