"""Lists of decisions and scenarios cost the same at any size, and find their rows by an index."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.decisions import answer, context, idempotency, queries
from postmortems.gate.decisions.queries import Filters
from postmortems.gate.models import Decision, Drill, Scenario
from postmortems.gate.scenarios import queries as scenarios_queries
from tests.conftest import Clock
from tests.gate import founding


def statements(act: Callable[[], Any]) -> list[str]:
    """What `act` sends to the database, in a unit of work that only reads."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    with db.reading():
        session().connection()
        event.listen(db.engine(), "before_cursor_execute", note)
        try:
            act()
        finally:
            event.remove(db.engine(), "before_cursor_execute", note)
    return seen


def add_decisions(count: int, clock: Clock, target: str = "data8/prod", *, one_block_in: int = 4) -> None:
    """Decisions a second apart, the newest last."""
    rows = []
    for number in range(count):
        at = clock.now() + timedelta(seconds=number)
        rows.append(
            {
                "id": answer.new_id(at),
                "service": target.partition("/")[0],
                "target": target,
                "artifact": founding.NEW,
                "decision": "block" if number % one_block_in == 0 else "allow",
                "is_dry_run": False,
                "asked_by": "ada",
                "asked_at": at,
                "evaluated_at": at,
                "request": {},
                "answer": {"guards": []},
            }
        )
    with db.transaction():
        session().execute(insert(Decision), rows)


def add_scenarios(count: int, clock: Clock) -> None:
    with db.transaction():
        incident = founding.add_incident()
        for number in range(count):
            scenario = Scenario(
                incident_id=incident.id,
                name=f"{incident.id}-{number}",
                kind="bad",
                facts=founding.BAD,
                edited_at=clock.now(),
            )
            scenario.drills = [
                Drill(at=clock.now(), decision="block", is_as_expected=True, results=[]) for _ in range(2)
            ]
            session().add(scenario)


def test_a_page_of_decisions_costs_the_same_at_any_size(database: str, clock: Clock) -> None:
    counts = []
    for more in (10, 990):
        add_decisions(more, clock)
        clock.advance(days=1)
        seen = statements(
            lambda: [one.answer for one in queries.decisions(Filters(target="data8/prod")).rows]
        )
        counts.append(len(seen))
    assert counts == [2, 2]  # the page, and the look whether anything is restricted


def test_a_page_of_scenarios_costs_the_same_at_any_size(services: None, clock: Clock) -> None:
    counts = []
    for more in (10, 990):
        add_scenarios(more, clock)

        def page() -> None:
            rows = scenarios_queries.scenario_page("", 0, 200).rows
            newest = scenarios_queries.newest_drills([row.id for row in rows])
            assert {newest[row.id].id % 2 for row in rows} == {0}
            assert {row.incident.slug for row in rows}

        counts.append(len(statements(page)))
    assert counts == [3, 3]  # the page, its newest drills, and the look whether anything is restricted


def test_every_decision_is_on_one_page(database: str, clock: Clock) -> None:
    add_decisions(23, clock)
    add_decisions(5, clock, "data8/staging")
    found: list[str] = []
    after = ""
    with db.reading():
        while True:
            page = queries.decisions(Filters(target="data8/prod"), after, 5)
            found += [one.id for one in page.rows]
            after = page.after
            if not after:
                break
        blocked = queries.decisions(Filters(service="data8", decision="block"), "", 200).rows
    assert len(found) == 23
    assert found == sorted(found, reverse=True)
    assert len(blocked) == 6 + 2


def test_ids_sort_by_time_and_are_not_guessed(clock: Clock) -> None:
    first = answer.new_id(clock.now())
    clock.advance(seconds=1)
    second = answer.new_id(clock.now())
    assert first < second
    assert len({answer.new_id(clock.now()) for _ in range(1000)}) == 1000


HOT: list[tuple[str, Callable[[], Any]]] = [
    ("ix_decisions_target_id", lambda: queries.decisions(Filters(target="data8/prod"))),
    ("ix_decisions_decision_id", lambda: queries.decisions(Filters(decision="block"))),
    (
        "asked_by_idempotency_key|autoindex_decisions_2",
        lambda: idempotency.OF_KEY.rows({"asked_by": "ada", "key": "run-17"}),
    ),
    ("ix_drills_scenario_id_id", lambda: scenarios_queries.newest_drills([1])),
    # Of an empty table PostgreSQL takes any of its indexes: behind the guard's items the key costs as little.
    ("ix_standings_protection|ix_item_guards_slug", lambda: context.items_at("proven", ["lab-hours"])),
]


@pytest.mark.parametrize("index,act", HOT, ids=[row[0] for row in HOT])
def test_hot_queries_use_their_index(
    any_database: str, clock: Clock, index: str, act: Callable[[], Any]
) -> None:
    add_decisions(20, clock)
    clock.advance(days=1)
    add_decisions(980, clock, "data8/staging", one_block_in=980)
    plans: list[str] = []
    with db.transaction():
        is_sqlite = db.engine().dialect.name == "sqlite"
        if not is_sqlite:
            # What it knows of them decides between the indexes; tables as small are read from end to end.
            session().execute(text("ANALYZE decisions"))
            session().execute(text("SET LOCAL enable_seqscan = off"))
        connection = session().connection()

        def explain(_c: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if statement.startswith("SELECT"):
                asking = connection.connection.cursor()
                asking.execute(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{statement}", parameters)
                plans.extend(str(row) for row in asking.fetchall())

        event.listen(db.engine(), "before_cursor_execute", explain)
        try:
            act()
        finally:
            event.remove(db.engine(), "before_cursor_execute", explain)
    assert any(re.search(index, plan) for plan in plans), plans
