"""The gate's further rows: other references, hanging probes beside it, millions of stored verdicts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from statistics import quantiles
from time import perf_counter
from typing import Any

from sqlalchemy import ColumnElement, Executable, String, cast, func, insert, literal, select

from postmortems import clock
from postmortems.db import session as db
from postmortems.gate.enforcement import guard_changes
from postmortems.guards import answers
from postmortems.guards import operations as guards
from postmortems.guards.models import Evaluation
from tests.bench import world
from tests.bench.cases import Bench, Case, Maker
from tests.bench.measuring import ROUNDS
from tests.bench.server import Served
from tests.bench.writes import asking, plain_post
from tests.runtimes import VAULT

PROBES, PROBED_TARGETS, ASKERS = 200, 8, 4
FEW_EVALUATIONS = 10_000
# Copied at once: so many that it is quick, and so few that no database gives up on the statement.
COPIED, BATCH = 5, 250_000


def rows() -> dict[str, Maker]:
    """By number, what makes the cases."""
    return {"G1": _beside_json, "G2": _beside_update, "P12": _beside_probes, "P13": _at_size}


def _beside_json(bench: Bench) -> Iterator[Case]:
    work = "gate decision, 5 guards / JSON in and out, no database"
    yield Case(work, "", asking()(bench.ours), plain_post(bench, "/json"))


def _beside_update(bench: Bench) -> Iterator[Case]:
    work = "gate decision, 5 guards / one insert, one update"
    yield Case(work, "", asking()(bench.ours), plain_post(bench, "/change"))


def _beside_probes(bench: Bench) -> Iterator[Case]:
    """The slowest in a hundred while guards look at addresses that partly hang, and while none do."""
    seconds, ask = bench.options.seconds, asking()(bench.ours)
    idle = tuple(_p99(ask, seconds) for _ in range(ROUNDS))
    with _half_hanging() as port:
        _add_probes(port)
        with _asked_all_the_time(bench.ours):
            busy = tuple(_p99(ask, seconds) for _ in range(ROUNDS))
    yield Case(f"gate p99 while {PROBES} probes run / p99 idle", "≥ 0.67", figures=(busy, idle, ()))


def _add_probes(port: int) -> None:
    with db.transaction():
        service = guards.queries.service("bench")
        targets = [target.name for target in service.targets]
        probed = [f"probed-{number}" for number in range(PROBED_TARGETS)]
        guards.save_service("bench", "Bench", [*targets, *probed], actor=world.OPERATOR)
        for number in range(PROBES):
            place = "hangs" if number % 4 == 0 else "up"
            config = {"url": f"http://127.0.0.1:{port}/{place}/{number}", "timeout_s": 2}
            target = f"bench/{probed[number % PROBED_TARGETS]}"
            fields = {"slug": f"probe-{number}", "kind": "http", "config": config, "max_age_s": 0}
            named = {"title": f"probe-{number}", "targets": [target]}
            guard_changes.create(fields | named, actor=world.OPERATOR, vault=VAULT)


def _at_size(bench: Bench) -> Iterator[Case]:
    count, seconds = bench.options.evaluations, bench.options.seconds
    asking()(bench.ours)()
    few = _rounds_at(FEW_EVALUATIONS, bench.ours, seconds)
    many = _rounds_at(count, bench.ours, seconds)
    work = f"gate decision at {count:,} evaluations / at {FEW_EVALUATIONS:,}"
    yield Case(work, "≥ 0.8", figures=(many, few, ()))


def _rounds_at(count: int, ours: Served, seconds: float) -> tuple[float, ...]:
    _fill(count)
    # A connection of its own: the server gives up one that was idle for as long as filling takes.
    ask = asking()(ours)
    return tuple(_mean(ask, seconds) for _ in range(ROUNDS))


def _fill(count: int) -> None:
    """Copy stored evaluations until there are so many, each batch a minute older and of other decisions."""
    table = Evaluation.__table__
    now = clock.now()
    with db.engine().begin() as connection:
        have = connection.scalar(select(func.count()).select_from(table)) or 0
        copied = list(connection.scalars(select(table.c.id).order_by(table.c.id.desc()).limit(COPIED)))
    for number, start in enumerate(range(have, count, BATCH)):
        at = now - timedelta(minutes=number)
        with db.engine().begin() as connection:
            connection.execute(_copies(copied, -(-min(BATCH, count - start) // len(copied)), at))
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _copies(ids: Sequence[int], times: int, at: datetime) -> Executable:
    """Insert so many copies of these evaluations, made at that instant; a decision's id sorts by time."""
    table = Evaluation.__table__
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < times))
    changed: dict[str, ColumnElement[Any]] = {
        "at": literal(at, table.c.at.type),
        "decision_id": literal(answers.first_id(at)) + cast(numbers.c.n, String),
    }
    names = [column.name for column in table.c if column.name != "id"]
    rows = select(*(changed.get(name, table.c[name]) for name in names))
    rows = rows.select_from(numbers.join(table, table.c.id.in_(ids))).order_by(numbers.c.n)
    return insert(table).from_select(names, rows)  # type: ignore[arg-type]


def _p99(call: Callable[[], object], seconds: float) -> float:
    times: list[float] = []
    start = perf_counter()
    while perf_counter() - start < seconds or len(times) < 100:
        before = perf_counter()
        call()
        times.append((perf_counter() - before) * 1000)
    return quantiles(times, n=100)[-1]


def _mean(call: Callable[[], object], seconds: float) -> float:
    start, calls = perf_counter(), 0
    while perf_counter() - start < seconds or calls < 5:
        call()
        calls += 1
    return (perf_counter() - start) * 1000 / calls


@contextmanager
def _asked_all_the_time(ours: Served) -> Iterator[None]:
    """Ask about the probed targets, over and over, from some threads."""
    stop = threading.Event()

    def ask(number: int) -> None:
        while not stop.is_set():
            asking(f"probed-{number % PROBED_TARGETS}")(ours)()
            number += ASKERS

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(ASKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def _half_hanging() -> Iterator[int]:
    """A server on loopback that answers below /up/ and never below /hangs/."""
    held: list[socket.socket] = []

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                visitor, _ = listener.accept()
                asked = visitor.recv(4096)
            except OSError:
                return
            if b"/hangs/" in asked.partition(b"\r\n")[0]:
                held.append(visitor)
                continue
            with closing(visitor):
                visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    with closing(socket.create_server(("127.0.0.1", 0), backlog=256)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    for visitor in held:
        visitor.close()
