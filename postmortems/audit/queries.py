"""Queries of audit events, newest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from sqlalchemy import Select, and_, bindparam, func, or_, select

from postmortems.audit.models import Event
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session

# Of edits, what changed matters, so that one of each subject is not enough.
MOST_EDITS = 50
# Put together once: every import asks it.
OF = (
    select(Event)
    .where(Event.subject_kind == bindparam("kind"), Event.subject == bindparam("subject"))
    .order_by(Event.id.desc())
    .limit(bindparam("most"))
)


IS_ANY = PreparedQuery(
    select(Event.id)
    .where(Event.subject_kind == bindparam("kind"), Event.subject == bindparam("subject"))
    .limit(1)
)


def is_any(subject_kind: str, subject: str) -> bool:
    """Whether anything happened to that subject: most that come in are new, and `of` takes longer to say so.

    It counts what is hidden, too.
    """
    return bool(IS_ANY.rows({"kind": subject_kind, "subject": subject}))


def of(subject_kind: str, subject: str, *, limit: int = 50) -> list[Event]:
    """The newest events of one subject."""
    return list(session().scalars(OF, {"kind": subject_kind, "subject": subject, "most": limit}))


def newest_of(subjects: Mapping[str, Collection[str]]) -> list[Event]:
    """The newest event of each verb for each of these subjects, by their kind, and their newest edits.

    Newest first.
    """
    asked = {kind: list(names) for kind, names in subjects.items() if names}
    return list(session().scalars(_newest(tuple(sorted(asked))), asked)) if asked else []


@cache
def _newest(kinds: tuple[str, ...]) -> Select[Event]:
    """Put together once for subjects of these kinds, whose names are asked by their kind."""
    about = or_(
        *(
            and_(Event.subject_kind == kind, Event.subject.in_(bindparam(kind, expanding=True)))
            for kind in kinds
        )
    )
    newest = (
        select(func.max(Event.id))
        .select_from(Event)
        .where(about)
        .group_by(Event.subject_kind, Event.subject, Event.verb)
    )
    edits = (
        select(Event.id).where(about, Event.verb.like("%.edited")).order_by(Event.id.desc()).limit(MOST_EDITS)
    )
    found = select(Event).where(or_(Event.id.in_(newest), Event.id.in_(edits.subquery().select())))
    return found.order_by(Event.id.desc())


def latest(*, limit: int = 50, before: int | None = None) -> list[Event]:
    """The newest events of all; `before` is the id of the last one of the page above."""
    page = select(Event).order_by(Event.id.desc()).limit(limit)
    if before is not None:
        page = page.where(Event.id < before)
    return list(session().scalars(page))
