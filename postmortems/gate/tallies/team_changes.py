"""Changes of teams: which items are counted anew because another team may answer for them by now.

Noticed in every flush. The incidents of a few are restated in the same unit of work. Where there are more,
the change is noted instead, and the worker goes through them a batch at a time; until it is done, reports of
teams count items. All is found in turns with whoever restates: who saves with the teams of before is seen,
who saves later reads those of now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, event, func, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from postmortems import search_words, visibility
from postmortems.accounts.models import User
from postmortems.accounts.teams.models import OwnerName, Team, TeamMember
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.tallies import operations
from postmortems.guards.models import Service
from postmortems.incidents.items import item_teams
from postmortems.incidents.models import ActionItem, Affected
from postmortems.incidents.tallies.models import TeamChange

# So many incidents are restated with what changes them, and so many in one unit of work afterwards: whoever
# saves waits for it.
FEW, BATCH = 200, 100
SORTS = ("owner", "name", "service")
# By what is written, the columns that say which items it is about, and by which of `SORTS`.
NAMED: dict[type[db.Base], tuple[tuple[str, str], ...]] = {
    Team: (("slug", "owner"), ("slug", "name"), ("name_key", "name")),
    OwnerName: (("key", "name"),),
    User: (("small_name", "owner"), ("small_name", "name")),
    Service: (("name", "service"),),
}

Found = Iterator[tuple[str, Any]]


def touch(sort: str, keys: Collection[Any]) -> None:
    """Have items counted anew: of one of `SORTS`, or those of `member`s by the ids of their accounts."""
    db.at_end(note, takes_turns=True).setdefault(sort, set()).update(keys)


def note(touched: Mapping[str, Collection[Any]]) -> None:
    """Restate the incidents of what was touched where they are few, and note it for the worker where not."""
    session().flush()
    db.take_turns(operations.TURN)
    few = set[int]()
    with visibility.seen_by(visibility.EVERYTHING):
        for sort, key in _all_of(touched):
            more = _incidents(sort, key, 0, FEW + 1 - len(few))
            if len(few) + len(more) > FEW:
                session().merge(TeamChange(sort=sort, key=key, after=0))
            else:
                few.update(more)
    operations.touch("incidents", few)


def waiting() -> int:
    """How many changes are not counted yet."""
    return session().scalar(select(func.count()).select_from(TeamChange)) or 0


def work() -> int:
    """Count what waits, a batch in each unit of work. Returns how many incidents were gone through."""
    count = 0
    while True:
        with db.reading():
            if not db.rows(select(TeamChange.sort).limit(1)):
                return count
        with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
            db.take_turns(operations.TURN)
            change = session().scalars(select(TeamChange).order_by(TeamChange.sort, TeamChange.key)).first()
            ids = _incidents(change.sort, change.key, change.after, BATCH) if change else []
            operations.touch("incidents", ids)
            count += len(ids)
            if change and len(ids) == BATCH:
                change.after = ids[-1]
            elif change:
                session().delete(change)


def _all_of(touched: Mapping[str, Collection[Any]]) -> Iterator[tuple[str, str]]:
    keys = {sort: set(touched.get(sort, ())) - {""} for sort in SORTS}
    members = sorted(touched.get("member", ()))
    for start in range(0, len(members), operations.BATCH):
        some = members[start : start + operations.BATCH]
        keys["owner"].update(session().scalars(select(User.small_name).where(User.id.in_(some))))
    return ((sort, key) for sort in SORTS for key in sorted(keys[sort]))


def _incidents(sort: str, key: str, after: int, most: int) -> list[int]:
    """The ids of the incidents beyond `after` with such items, in order."""
    of: Any = Affected.incident_id if sort == "service" else ActionItem.incident_id
    is_meant: ColumnElement[bool]
    if sort == "owner":
        is_meant = ActionItem.owner_key == key
    elif sort == "service":
        is_meant = Affected.service == key
    else:
        spelt = [name for name in item_teams.written() if search_words.person(name) == key]
        if not spelt:
            return []
        is_meant = ActionItem.team.in_(spelt) & item_teams.NAMES_ONE
    wanted = select(of).where(is_meant, of > after).distinct().order_by(of).limit(most)
    return [row[0] for row in db.rows(wanted)]


def _of_teams(is_meant: ColumnElement[bool]) -> Found:
    """What hangs on teams that are about to go: the database lets it go with them, and tells nobody."""
    ids = select(Team.id).where(is_meant)
    for sort, column, of in (
        ("member", TeamMember.user_id, TeamMember.team_id),
        ("name", OwnerName.key, OwnerName.team_id),
        ("service", Service.name, Service.team_id),
    ):
        wanted: Any = select(column).where(of.in_(ids))
        yield from ((sort, row[0]) for row in db.rows(wanted))


def _said(kind: type[Any], row: Any) -> Found:
    """What a row says, and what it said before."""
    known = inspect(row).attrs
    for name, sort in NAMED[kind]:
        history = known[name].history
        yield from ((sort, value) for value in (*history.sum(), getattr(row, name)) if value)


def _matters(row: Any, *, is_new: bool, is_gone: bool) -> bool:
    known = inspect(row).attrs
    if isinstance(row, Service):
        held = known["team_id"].history
        had_or_has = row.team_id is not None or any(value is not None for value in held.deleted or ())
        moved = held.has_changes() or known["name"].history.has_changes()
        return had_or_has and (is_new or is_gone or moved)
    if is_new or is_gone or isinstance(row, OwnerName):
        return True
    return any(known[name].history.has_changes() for name, _ in NAMED[type(row)])


@event.listens_for(Session, "before_flush")
def _leaving(current: Session, _context: UOWTransaction, _instances: Any) -> None:
    if not db.is_open() or current is not db.session():
        return
    gone = [row.id for row in current.deleted if type(row) is Team]
    if gone:
        with current.no_autoflush:
            for sort, key in list(_of_teams(Team.id.in_(gone))):
                touch(sort, [key])


@event.listens_for(Session, "after_flush")
def _flushed(current: Session, _context: UOWTransaction) -> None:
    if not db.is_open() or current is not db.session():
        return
    new, gone = set(current.new), set(current.deleted)
    for row in (*new, *gone, *current.dirty):
        if type(row) in NAMED and _matters(row, is_new=row in new, is_gone=row in gone):
            for sort, key in _said(type(row), row):
                touch(sort, [key])


# By the row: what is taken out of a team's members is an orphan, which no flush tells of.
@event.listens_for(TeamMember, "after_insert")
@event.listens_for(TeamMember, "after_delete")
def _joined_or_left(_mapper: Any, _connection: Any, member: TeamMember) -> None:
    if db.is_open():
        touch("member", [member.user_id])


@event.listens_for(Session, "do_orm_execute")
def _at_once(state: ORMExecuteState) -> None:
    """Many rows changed or deleted by one statement: what they say before it is executed."""
    if not (state.is_update or state.is_delete) or state.bind_mapper is None:
        return
    kind: Any = state.bind_mapper.class_
    is_watched = kind in NAMED or kind is TeamMember
    # Of accounts, statements change what is no name.
    if not is_watched or (kind is User and state.is_update) or not db.is_open():
        return
    if state.session is not db.session():
        return
    about: Any = state.statement
    is_meant = about.whereclause if about.whereclause is not None else kind.__table__.c[0].is_not(None)
    named = (("user_id", "member"),) if kind is TeamMember else NAMED[kind]
    for name, sort in named:
        touch(sort, [row[0] for row in db.rows(select(getattr(kind, name)).where(is_meant))])
    if kind is Team:
        for sort, key in list(_of_teams(is_meant)):
            touch(sort, [key])
