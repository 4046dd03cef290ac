"""The plans of the hot queries: each finds its rows by an index, on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from postmortems import clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.followup import queries
from postmortems.followup.queries import Filters
from postmortems.incidents import queries as incidents
from postmortems.incidents import search_entries
from postmortems.incidents.models import Affected, Incident
from tests.followup.many_items import many
from tests.incidents.documents import SYSTEM

Read = Callable[[], Any]


@pytest.fixture
def filled(any_database: str) -> None:
    """Enough rows that a planner prefers an index, and knows it."""
    with db.transaction():
        many(2000)
        now = clock.now()
        for number in range(2000):
            incident = Incident(slug=f"x-{number}", created_at=now, saved_at=now)
            incident.occurred_on = now.date() - timedelta(days=number)
            incident.affected = [Affected(service=f"service-{number}", target="")]
            session().add(incident)
    with db.transaction():
        session().execute(text("ANALYZE"))


def first_plan(read: Read) -> str:
    """The plan of the first statement that `read` sends for itself."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    event.listen(db.engine(), "before_cursor_execute", note)
    with db.reading():
        read()
    event.remove(db.engine(), "before_cursor_execute", note)
    # Each unit of work looks first whether anything is restricted at all.
    statement, parameters = next(
        one
        for one in seen
        if one[0].startswith("SELECT") and re.search(r"\nFROM (?:incidents|action_items)\b", one[0])
    )
    explain = "EXPLAIN QUERY PLAN" if db.engine().dialect.name == "sqlite" else "EXPLAIN"
    with db.reading() as current:
        lines = current.connection().exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(" ".join(map(str, line)) for line in lines)


@pytest.mark.usefixtures("any_database")
def test_what_many_items_say_is_counted_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read as the index finds them, until there are enough: all of them would be 3,000."""
    monkeypatch.setattr(queries, "MOST_COUNTED", 20)
    with db.transaction() as current:
        many(3000)
        current.flush()
        for _ in search_entries.put_all(current.connection()):
            pass
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    seen: list[tuple[str, Any]] = []
    event.listen(
        db.engine(), "before_cursor_execute", lambda _1, _2, said, values, *_: seen.append((said, values))
    )

    with db.reading() as current:
        assert queries.matching_at_most(Filters(q="x")) == 21
        counted = [one for one in seen if one[0].startswith("SELECT count")][-1]
        assert most_read(current.connection(), *counted) <= 100


def most_read(connection: Connection, statement: str, values: Any) -> int:
    """The most rows that a step of the plan gives on PostgreSQL; on SQLite 0 where none gathers all first."""
    if connection.dialect.name == "sqlite":
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        return sum("LIST SUBQUERY" in step or "TEMP B-TREE" in step for step in steps) * 1000
    # So few rows as these it would rather read whole.
    connection.exec_driver_sql("SET LOCAL enable_hashjoin = off")
    connection.exec_driver_sql("SET LOCAL enable_mergejoin = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    return max(
        node["Actual Rows"] for node in nodes(plan[0]["Plan"]) if "Bitmap Index" not in node["Node Type"]
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


HOT: list[tuple[Read, str]] = [
    (lambda: incidents.by_slug("x-7", SYSTEM), r"incidents_slug|slug=\?"),
    (lambda: incidents.listing(incidents.Filters()), "ix_incidents_occurred_on_id"),
    (lambda: incidents.listing(incidents.Filters(service="service-7")), "affected"),
    (lambda: queries.by_ref("AI-7", SYSTEM), r"action_items_number|number=\?"),
    (lambda: queries.listing(Filters(unowned=True)), "ix_action_items_owner_key_status"),
    (
        lambda: queries.listing(Filters(status="done", kind="process")),
        "ix_action_items_status(_kind)?_due_number",
    ),
    (lambda: queries.listing(Filters()), "ix_action_items_(due|status)"),
    (lambda: queries.listing(Filters(overdue=True)), "ix_action_items_(due|status)"),
]


@pytest.mark.usefixtures("filled")
def test_each_hot_query_uses_an_index() -> None:
    plans = [(index, first_plan(read)) for read, index in HOT]
    assert [(index, plan) for index, plan in plans if not re.search(index, plan)] == []
