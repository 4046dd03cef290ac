"""Workers as real processes: one that is killed loses nothing, and repeats at most what was in flight."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from postmortems import clock, worker
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.gate.models import Drill
from postmortems.guards.models import Evaluation, Guard
from postmortems.jobs import leases
from postmortems.jobs.models import JobLease
from tests import forked
from tests.gate import founding
from tests.loopback import http, listening
from tests.runtimes import with_egress

ALLOW = "127.0.0.0/8"
# Not the command: tests make their tables without migrations, and the command would miss those.
ONE_TURN = """
from postmortems import worker
from postmortems.db import session as db
from postmortems.config import Settings
from postmortems.vault.runtime import Runtime

settings = Settings.from_env()
db.connect(settings.database_url)
with worker.WorkerPool(Runtime.of(settings)) as crew:
    print("ready", flush=True)
    input()
    worker.start_due(crew)
"""
# The command, but for the look at the tables.
UNTIL_TOLD = """
from postmortems import worker
from postmortems.cli import http_server
from postmortems.config import Settings
from postmortems.db import session as db

worker.ENDS_WITHIN_S = {patience}
http_server.connect = lambda settings: db.connect(settings.database_url)
print("ready", flush=True)
http_server.work(Settings.from_env())
"""
# The command, told to stop while Python removes an object, where what a handler raises is dropped.
TOLD_UNHEARD = """
import signal
from postmortems.web.server import heap

class Last:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

heap.settle = Last
""" + UNTIL_TOLD.format(patience=60)

# The command, told to stop while it only waits, by a signal that another thread takes.
TOLD_BESIDE = """
import signal
import threading
from postmortems.web.server import heap

heap.settle = lambda: threading.Timer(0.2, signal.raise_signal, [signal.SIGTERM]).start()
""" + UNTIL_TOLD.format(patience=60)


@contextmanager
def working(url: str, program: str = ONE_TURN) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own that says when it is ready; killed at the end if it still runs."""
    settings = {
        "POSTMORTEMS_DATABASE_URL": url,
        "POSTMORTEMS_SECRET_KEY": "for tests" * 4,
        "POSTMORTEMS_EGRESS_ALLOW": ALLOW,
    }
    process = forked.Process(
        [sys.executable, "-c", program],
        env={**os.environ, **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait(30)


def tell(port: int) -> None:
    """The founding story, with the staging hub at this port of ours."""
    founding.tell(clock.now())
    point_at(port)


def point_at(port: int) -> None:
    with db.transaction():
        guard = session().scalars(select(Guard).where(Guard.slug == "staging-online")).one()
        guard.config = guard.config | {"url": f"http://127.0.0.1:{port}/hub/health"}


def observing() -> str:
    with db.reading():
        return next(name for name in leases.names() if name.startswith(worker.OBSERVE))


def count(table: type[db.Base]) -> int:
    return session().scalar(select(func.count()).select_from(table)) or 0


def test_a_worker_that_is_killed_loses_nothing_and_repeats_only_what_was_in_flight(any_database: str) -> None:
    visited = threading.Event()

    def hang(connection: socket.socket, over: threading.Event) -> None:
        visited.set()
        over.wait(60)

    with listening(hang) as hub:
        tell(hub.port)
        with working(any_database) as process:
            go(process)
            assert visited.wait(60)
            process.send_signal(signal.SIGKILL)
            assert process.wait(30) == -signal.SIGKILL
    look = observing()
    with db.reading():
        held = session().scalars(select(JobLease).where(JobLease.name == look)).one()
        drills = count(Drill)
        assert held.holder
        assert count(Evaluation) == 0
        assert look not in [job.name for job in leases.due(clock.now())]

    with db.transaction():
        lease_ended = clock.now() - timedelta(seconds=1)
        session().execute(update(JobLease).where(JobLease.name == look).values(leased_until=lease_ended))
    with listening(http()) as hub:
        point_at(hub.port)
        with worker.WorkerPool(with_egress(Egress((ALLOW,)))) as pool:
            taken = worker.start_due(pool)

    assert look in taken
    with db.reading():
        assert count(Evaluation) == 1
        assert session().scalars(select(Evaluation.verdict)).one() == "pass"
        assert count(Drill) == drills
        assert session().scalars(select(JobLease.holder).where(JobLease.name == look)).one() == ""


def go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.close()


def test_of_three_processes_one_looks(any_database: str) -> None:
    with listening(http()) as hub, ExitStack() as stack:
        tell(hub.port)
        processes = [stack.enter_context(working(any_database)) for _ in range(3)]
        for process in processes:
            go(process)
        assert [process.wait(60) for process in processes] == [0, 0, 0]
        assert len(hub.visits) == 1
    with db.reading():
        assert count(Evaluation) == 1
        assert set(session().scalars(select(JobLease.holder))) == {""}


def test_a_worker_that_is_told_to_stop_leaves_what_takes_too_long_to_another(any_database: str) -> None:
    visited = threading.Event()

    def hang(connection: socket.socket, over: threading.Event) -> None:
        visited.set()
        over.wait(60)

    with listening(hang) as hub:
        tell(hub.port)
        with working(any_database, UNTIL_TOLD.format(patience=0.2)) as process:
            assert visited.wait(60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0

    look = observing()
    with db.reading():
        assert look in [job.name for job in leases.due(clock.now())]
        assert set(session().scalars(select(JobLease.holder))) == {""}


@pytest.mark.parametrize("told", [TOLD_UNHEARD, TOLD_BESIDE], ids=["unheard", "beside"])
def test_a_worker_hears_that_it_is_to_stop_whatever_it_does(any_database: str, told: str) -> None:
    with working(any_database, told) as process:
        assert process.wait(60) == 0


def test_a_worker_that_is_told_to_stop_ends_what_is_under_way(any_database: str) -> None:
    visited, told = threading.Event(), threading.Event()

    def slow(connection: socket.socket, _over: threading.Event) -> None:
        visited.set()
        told.wait(60)
        connection.sendall(http())

    with listening(slow) as hub:
        tell(hub.port)
        with working(any_database, UNTIL_TOLD.format(patience=60)) as process:
            assert visited.wait(60)
            process.send_signal(signal.SIGTERM)
            told.set()
            assert process.wait(60) == 0

    with db.reading():
        assert session().scalars(select(Evaluation.verdict)).one() == "pass"
        assert set(session().scalars(select(JobLease.holder))) == {""}
