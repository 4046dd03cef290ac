"""Row of the bench for bulk edits: one of 10,000 items beside the same rows written by the same SQL alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event, select, text

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.followup.bulk import models, queries
from postmortems.gate.enforcement import bulk_edits
from postmortems.incidents.models import ActionItem
from postmortems.web.server import heap
from tests.bench.cases import Bench, Case, Maker
from tests.bench.world import OPERATOR

ROUNDS = 3
WRITES = ("INSERT", "UPDATE", "DELETE")
# A statement with its parameters, and whether it is one for many rows.
Written = tuple[str, Any, bool]


class _Undone(Exception):
    """Takes back what was measured, so that the next round begins where this one did."""


def rows() -> dict[str, Maker]:
    """By number, what makes the cases."""
    return {"P17": _bulk}


def _bulk(bench: Bench) -> Iterator[Case]:
    # As a server's process does, which such edits are done in.
    heap.settle()
    ours, raw, count = [], [], 0
    for number in range(ROUNDS):
        written: list[Written] = []
        # By turns, and once beforehand for what is noted: noting takes time itself.
        count = len(_undone(lambda number=number, written=written: _noted(number, written)))  # type: ignore[misc]
        raw.append(_timed(bench, lambda written=written: _replayed(written)))  # type: ignore[misc]
        ours.append(_timed(bench, lambda number=number: _edited(number)))  # type: ignore[misc]
    work = f"bulk edit of {count:,} items, owner and due date / the same rows by the same SQL"
    yield Case(work, "≥ 0.3", figures=(tuple(ours), tuple(raw), ()))


def _timed(bench: Bench, work: Callable[[], object]) -> float:
    begun = bench.clock()
    _undone(work)
    return (bench.clock() - begun) * 1_000


def _undone(work: Callable[[], Any]) -> Any:
    found, begun = None, _sequences()
    with suppress(_Undone), visibility.seen_by(visibility.EVERYTHING), db.transaction():
        found = work()
        raise _Undone
    _begin_again(begun)
    return found


def _sequences() -> list[tuple[str, int | None]]:
    """Where PostgreSQL's sequences are: what is taken back does not move them back, and rows name ids."""
    if db.engine().dialect.name != "postgresql":
        return []
    with db.reading():
        rows = session().execute(text("SELECT sequencename, last_value FROM pg_sequences")).all()
        return [(name, value) for name, value in rows]


def _begin_again(sequences: list[tuple[str, int | None]]) -> None:
    if not sequences:
        return
    rows = [{"name": name, "value": value or 1, "is_called": value is not None} for name, value in sequences]
    with db.transaction():
        session().execute(text("SELECT setval(CAST(:name AS regclass), :value, :is_called)"), rows)


def _edited(number: int) -> list[int]:
    """As many items as one edit takes get another owner and date."""
    wanted = {"owner": f"@bulk{number}", "due": date(2031, 1, 1) + timedelta(days=number)}
    numbers = list(
        session().scalars(select(ActionItem.number).order_by(ActionItem.number).limit(queries.MOST_ITEMS))
    )
    edit = bulk_edits.begin(queries.of_numbers(numbers), wanted, actor=OPERATOR)
    while edit.state == models.RUNNING:
        bulk_edits.step(edit, OPERATOR)
    return numbers


def _noted(number: int, written: list[Written]) -> list[int]:
    with _noting(written):
        return _edited(number)


@contextmanager
def _noting(written: list[Written]) -> Iterator[None]:
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _: Any, many: bool) -> None:
        if statement.startswith(WRITES):
            written.append((statement, parameters, many))

    event.listen(db.engine(), "before_cursor_execute", note)
    yield
    event.remove(db.engine(), "before_cursor_execute", note)


def _replayed(written: list[Written]) -> None:
    cursor = session().connection().connection.cursor()
    for statement, parameters, many in written:
        if many:
            cursor.executemany(statement, parameters)
        else:
            cursor.execute(statement, parameters)
    cursor.close()
