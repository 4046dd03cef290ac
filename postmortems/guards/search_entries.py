"""Search entries of guards: what of them the index knows; put anew when one is changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, Integer, String, column, select, table

from postmortems import search_words
from postmortems.db import session as db
from postmortems.db.session import UtcDateTime, session
from postmortems.guards.models import Guard
from postmortems.search import operations as index
from postmortems.search.operations import Found
from postmortems.search.plain_text import plain
from postmortems.search.tokens import facet

# By name: a database may have fewer columns than the models of today while it is brought forward.
NAMES = [column(name, String()) for name in ("slug", "title", "kind", "owner", "remedy")]
GUARDS = table("guards", column("id", Integer()), column("created_at", UtcDateTime()), *NAMES)
OVER = table("guard_targets", column("guard_id", Integer()), column("target_id", Integer()))
TARGETS = table("targets", column("id", Integer()), column("service_id", Integer()), column("name", String()))
SERVICES = table("services", column("id", Integer()), column("name", String()))


def touch(guard: Guard) -> None:
    """Have the index say what the guard says, once, before this unit of work ends."""
    db.at_end(_restate)[guard.id] = None


def _restate(touched: Collection[int]) -> None:
    session().flush()
    put(session().connection(), touched)


def put(connection: Connection, guard_ids: Collection[int]) -> int:
    """Put what is found of the guards with these ids anew; how many entries were written."""
    return index.put_guards(connection, guard_ids, _found(connection, guard_ids))


def put_all(connection: Connection) -> int:
    """Put all of them anew; how many there are."""
    ids = connection.scalars(select(GUARDS.c.id)).all()
    return put(connection, ids)


def _found(connection: Connection, ids: Collection[int]) -> Iterator[Found]:
    covered = (
        select(OVER.c.guard_id, SERVICES.c.name.label("service"), TARGETS.c.name)
        .join_from(OVER, TARGETS, TARGETS.c.id == OVER.c.target_id)
        .join(SERVICES, SERVICES.c.id == TARGETS.c.service_id)
        .where(OVER.c.guard_id.in_(ids))
    )
    targets: dict[int, list[tuple[str, str]]] = {}
    for row in connection.execute(covered):
        targets.setdefault(row.guard_id, []).append((row.service, row.name))
    for guard in connection.execute(select(GUARDS).where(GUARDS.c.id.in_(ids))):
        its = sorted(targets.get(guard.id, []))
        yield Found(
            kind="guard",
            row_id=guard.id,
            ref=guard.slug,
            day=guard.created_at.date(),
            title=guard.title or guard.slug,
            parts=[guard.slug, guard.kind, guard.owner, guard.remedy, *(f"{name}/{at}" for name, at in its)],
            shown=plain(guard.remedy),
            facets=[
                facet("kind", guard.kind),
                *([facet("owner", search_words.person(guard.owner))] if guard.owner else []),
                *(facet("service", name) for name, _ in its),
                *(facet("service", f"{name}/{at}") for name, at in its),
            ],
        )
