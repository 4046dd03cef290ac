"""Numbers of action items (`AI-34`): given once, never twice, also under concurrent writers."""

from __future__ import annotations

import re

from sqlalchemy import bindparam, case, text, update

from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.incidents.models import Counter

NAME = "action_item"
_counters = Counter.__table__
MOVE = PreparedQuery(
    update(_counters)  # type: ignore[arg-type]
    .where(_counters.c.name == NAME)
    .values(last=_counters.c.last + bindparam("count"))
    .returning(_counters.c.last)
)
REF = re.compile(r"AI-([1-9][0-9]{0,8})")


def number_of(ref: str) -> int | None:
    """The number in `AI-12`; None where it is no such reference."""
    found = REF.fullmatch(ref)
    return int(found[1]) if found else None


def hold() -> None:
    """Keep everybody else from taking numbers until this unit of work ends."""
    take(0)


def take(count: int) -> list[int]:
    """The next `count` numbers. Locks the counter until the unit of work ends."""
    moved = MOVE.rows({"count": count})
    if not moved:
        _begin_counting()
        moved = MOVE.rows({"count": count})
    last: int = moved[0].last
    return list(range(last - count + 1, last + 1))


def raise_to(number: int) -> None:
    """See that `number` is not given out again: it came with a file that used it. Call `hold` before."""
    highest = case((Counter.last < number, number), else_=Counter.last)
    session().execute(update(Counter).where(Counter.name == NAME).values(last=highest))


def _begin_counting() -> None:
    # Both databases know this form; a lost race leaves the other writer's row, which is as good.
    insert = text("INSERT INTO counters (name, last) VALUES (:name, 0) ON CONFLICT (name) DO NOTHING")
    session().execute(insert, {"name": NAME})
