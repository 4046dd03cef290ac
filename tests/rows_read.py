"""How much of a database a read looks at: steps of SQLite's machine, or rows by PostgreSQL's plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, event

from postmortems.db import session as db

Seen = list[tuple[str, Any]]


def know_sizes(*tables: str) -> None:
    """Let the planner know how these tables look now, or all, as autovacuum would have by itself.

    Of PostgreSQL's the next test may have the same: its plans for empty tables differ by what is known.
    """
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables or ("",):
            connection.exec_driver_sql(f"ANALYZE {table}")


def looked_at(read: Callable[[], object]) -> int:
    """The sum over all SELECTs that `read` sends; what is looked up once and kept is known beforehand."""
    seen: Seen = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    with db.reading():
        read()
    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        with db.reading():
            read()
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
    with db.reading() as current:
        connection = current.connection()
        count = _steps if connection.dialect.name == "sqlite" else _rows
        return sum(count(connection, *one) for one in seen)


def _steps(connection: Connection, statement: str, parameters: Any) -> int:
    steps = 0

    def tick() -> None:
        nonlocal steps
        steps += 1

    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(tick, 10)
    try:
        connection.exec_driver_sql(statement, parameters).all()
    finally:
        driver.set_progress_handler(None, 0)
    return steps


def _rows(connection: Connection, statement: str, parameters: Any) -> int:
    plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
    return int(sum(_of_node(node) for node in _nodes(plan[0]["Plan"])))


def _of_node(node: dict[str, Any]) -> float:
    removed = sum(
        node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Join Filter", "Index Recheck")
    )
    return (node["Actual Rows"] + removed) * node["Actual Loops"]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
