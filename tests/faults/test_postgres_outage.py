"""PostgreSQL goes away or stands still: nothing is allowed meanwhile, and nobody has to restart us after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.models import Decision
from tests import postgres as postgresql
from tests import system_packages
from tests.faults.conftest import Figures
from tests.faults.serving import Answer, Group, Process, add_guard, group, together, until
from tests.loopback import http, listening
from tests.postgres import TemporaryPostgres

pytestmark = [pytest.mark.faults, pytest.mark.postgres]


@pytest.fixture
def postgres_of_ours() -> Iterator[TemporaryPostgres]:
    """A server that nobody else uses, as it is stopped."""
    system_packages.require(postgresql.why_missing())
    with TemporaryPostgres() as server:
        if server.folder is None:
            pytest.skip("the server that POSTMORTEMS_TEST_DATABASE_URL names is not ours to stop")
        yield server


@pytest.fixture
def processes(postgres_of_ours: TemporaryPostgres, tmp_path: Path) -> Iterator[Group]:
    with group(postgres_of_ours.fresh_database(), tmp_path) as made:
        add_guard(made, "target-confirmed", "target", {})
        yield made


def timed(processes: Group, server: Process) -> tuple[float, Answer]:
    began = monotonic()
    answer = processes.ask(server)
    return monotonic() - began, answer


def refuses(answer: Answer) -> bool:
    """Whether it says why not: as the gate's own answer, or as a problem of the whole service."""
    if answer.status == 200:
        return answer["decision"] == "block" and bool(answer["reasons"])
    return answer.status == 503 and "Retry-After" in answer.headers and bool(answer["detail"])


def test_a_database_that_is_stopped_is_a_refusal_and_its_return_is_noticed(
    processes: Group, postgres_of_ours: TemporaryPostgres, figures: Figures
) -> None:
    server = processes.serve()
    kept = [processes.ask(server) for _ in range(3)]
    postgres_of_ours.stop()
    away = [timed(processes, server) for _ in range(8)]
    alive, ready = server.send("GET", "/livez"), server.send("GET", "/readyz")
    postgres_of_ours.start()
    back_s = until(lambda: processes.ask(server).status == 200)

    assert all(refuses(answer) for _, answer in away)
    assert (alive.status, ready.status) == (200, 503)
    with db.reading():
        assert {answer["id"] for answer in kept} <= set(session().scalars(select(Decision.id)))
    figures("PostgreSQL stopped: longest answer", "≤ 1 s", f"{max(took for took, _ in away):.2f} s")
    figures("PostgreSQL started again: first decision", "≤ 5 s", f"{back_s:.2f} s")


def test_a_database_that_stands_still_is_a_refusal_in_time(
    processes: Group, postgres_of_ours: TemporaryPostgres, figures: Figures
) -> None:
    server = processes.serve()
    together([lambda: processes.ask(server) for _ in range(4)])
    with postgres_of_ours.frozen():
        away = [timed(processes, server) for _ in range(4)]
        alive, ready = server.send("GET", "/livez"), server.send("GET", "/readyz")
    back_s = until(lambda: processes.ask(server).status == 200)

    assert all(refuses(answer) for _, answer in away)
    assert (alive.status, ready.status) == (200, 503)
    figures("PostgreSQL frozen: longest answer", "≤ 25 s", f"{max(took for took, _ in away):.2f} s")
    figures("PostgreSQL goes on: first decision", "≤ 5 s", f"{back_s:.2f} s")


def test_a_database_that_goes_while_guards_look_is_a_block(
    processes: Group, postgres_of_ours: TemporaryPostgres
) -> None:
    def look(connection: object, _over: object) -> None:
        postgres_of_ours.stop()
        connection.sendall(http())  # type: ignore[attr-defined]

    with listening(look) as hub:
        add_guard(processes, "online", "http", {"url": hub.url()}, max_age_s=0)
        server = processes.serve()
        answer = processes.ask(server, key="run-17")
    postgres_of_ours.start()

    assert (answer.status, answer["decision"], answer["id"]) == (200, "block", "")
    assert answer["reasons"][0]["reason_code"] == "gate_failed"
    assert "database" in answer["reasons"][0]["summary"]


def test_of_connections_that_are_ended_few_requests_hear(
    processes: Group, postgres_of_ours: TemporaryPostgres, figures: Figures
) -> None:
    server = processes.serve()
    together([lambda: processes.ask(server) for _ in range(8)])
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    answers = [processes.ask(server).status for _ in range(20)]

    figures(
        "all connections ended: requests that failed",
        "≤ 1 a connection",
        str(sum(s != 200 for s in answers)),
    )
    assert answers[8:] == [200] * 12
