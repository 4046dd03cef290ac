"""Reports read what they show or sum and nothing else: the plans of their statements, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, text

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.followup import due_order
from postmortems.gate.tallies import operations, recount
from postmortems.incidents.models import Incident
from postmortems.reports import kept_counts, queries
from postmortems.reports.catalog import shelf
from postmortems.reports.catalog.scope import Scope
from postmortems.reports.coverage import queries as coverage
from postmortems.web.home import pages as home
from tests.reports.test_count_queries import many
from tests.rows_read import know_sizes, looked_at

MANY = 3000


@pytest.fixture
def filled(any_database: str, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many incidents, each with a process fix; two in three of those are done."""
    # PostgreSQL reads a table as small as this one whole for as many as a report lists of what could recur.
    monkeypatch.setattr(kept_counts, "LONGEST_TABLE", 5)
    with db.transaction():
        many(MANY)
        session().execute(
            text("UPDATE action_items SET status = 'done', guardability = 'attestable' WHERE number % 3 > 0")
        )
    recount.mend()
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def plans(read: Callable[[], object]) -> Iterator[str]:
    """How the database goes about each statement that `read` sends."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        with db.reading():
            read()
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if db.engine().dialect.name == "sqlite" else "EXPLAIN"
    with db.reading() as current:
        for statement, parameters in seen:
            rows = current.connection().exec_driver_sql(f"{explain} {statement}", parameters)
            yield "\n".join(" ".join(map(str, row)) for row in rows)


READS: dict[str, Callable[[], object]] = {
    "report": lambda: queries.process_fixes(the_clock.now()),
    "report of a service": lambda: queries.process_fixes(the_clock.now(), "service-3"),
    "report of no service": lambda: queries.process_fixes(the_clock.now(), "-"),
    "coverage": lambda: coverage.listing(limit=50),
    "could still happen": lambda: coverage.listing(classes=coverage.COULD_HAPPEN, limit=50),
    "of a target": lambda: coverage.listing("service-3", limit=50),
    "of a target and class": lambda: coverage.listing("service-3", {"uncovered"}, limit=50),
    "counts of coverage": lambda: (
        coverage.counted(),
        coverage.by_target(),
        coverage.months(the_clock.now()),
    ),
    "figures of home": home._figures,
    "unpublished reports": lambda: shelf.report("unwritten", Scope(), the_clock.now()),
    "unpublished reports of a service": lambda: shelf.report(
        "unwritten", Scope("service-3"), the_clock.now()
    ),
    "unpublished reports of some days": lambda: shelf.report(
        "unwritten", Scope(start=date(2018, 1, 1), severity="SEV1"), the_clock.now()
    ),
}


@pytest.mark.usefixtures("filled")
def test_nothing_looks_through_a_table_that_grows() -> None:
    for plan in (plan for read in READS.values() for plan in plans(read)):
        for table in ("incidents", "action_items", "tallies", "tally_targets", "affected", "standings"):
            assert f"SCAN {table}\n" not in f"{plan}\n", plan
            assert f"Seq Scan on {table} " not in plan, plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan or "GROUP BY" in plan, plan


def test_as_many_statements_for_many_incidents_as_for_few(
    any_database: str, clock: Any, count_queries: Any
) -> None:
    costs = []
    for more in (3, 300):
        with db.transaction():
            day, now = clock.now().date(), clock.now()
            plain = {"title": "x", "occurred_on": day, "heading": "", "version": 1}
            rows = [
                {**plain, "created_at": now, "saved_at": now, "slug": f"{more}-{number}"}
                for number in range(more)
            ]
            session().execute(insert(Incident), rows)
            operations.touch("incidents", range(1, 400))
        with db.reading(), count_queries() as statements:
            for name in READS:
                READS[name]()
        costs.append(len(statements))

    assert costs[0] == costs[1]


def test_what_was_closed_long_ago_costs_the_report_of_a_service_nothing(
    any_database: str, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed without proof, it is among what could recur: of that the newest alone are read."""
    monkeypatch.setattr(kept_counts, "LONGEST_TABLE", 20)
    monkeypatch.setattr(due_order, "FEW", 5)
    monkeypatch.setattr(due_order, "SOME", 5)

    def cost(service: str) -> int:
        def read() -> None:
            db.kept().clear()
            queries.process_fixes(the_clock.now(), service)

        return looked_at(read)

    costs = []
    for count in (350, 3_500):
        with db.transaction():
            session().execute(delete(Incident))
            many(count)
            # Seventy are open, ten of each service.
            session().execute(
                text("UPDATE action_items SET status = 'done', guardability = '' WHERE number > 70")
            )
        recount.mend()
        know_sizes()
        costs.append({service: cost(service) for service in ("service-3", "service-3/prod", "-")})

    few, many_more = costs
    assert {service: more for service, more in many_more.items() if more > 1.5 * few[service] + 20} == {}
