"""The gate's rows: more guards, other references, hanging probes beside it, millions of stored verdicts."""

from __future__ import annotations

import argparse
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from statistics import quantiles
from time import perf_counter
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Executable, String, cast, func, insert, literal, select

from postmortems import clock
from postmortems.db import session as db
from postmortems.gate.decisions import answer
from postmortems.gate.enforcement import guard_changes
from postmortems.guards import operations as guards
from postmortems.guards.models import Evaluation
from tests.bench import bare, world
from tests.bench.measuring import ROUNDS, side_by_side
from tests.bench.server import Client
from tests.bench.world import World
from tests.runtimes import VAULT

DECISIONS = "/api/v1/gate/decisions"
MANY, PROBES, PROBED_TARGETS, ASKERS = 50, 200, 8, 4
ROWS = ("P1-50", "G1", "G2", "P12", "P13")
FEW_EVALUATIONS = 10_000
# Copied at once: so many that it is quick, and so few that no database gives up on the statement.
COPIED, BATCH = 5, 250_000

Times = tuple[tuple[float, ...], tuple[float, ...]]
Measured = tuple[str, str, Times]


def measured(
    built: World, ours: int, plain: int, options: argparse.Namespace
) -> dict[str, Callable[[], Measured]]:
    """By number, what makes the row."""
    seconds = options.seconds
    return {
        "P1-50": lambda: _many(built, ours, plain, seconds),
        "G1": lambda: _beside_json(built, ours, plain, seconds),
        "G2": lambda: _beside_update(built, ours, plain, seconds),
        "P12": lambda: _beside_probes(built, ours, seconds),
        "P13": lambda: _at_size(built, ours, seconds, options.evaluations),
    }


def _asking(built: World, ours: int, target: str = "prod") -> Callable[[], bytes]:
    client = Client(ours, {"Authorization": f"Bearer {built.token}"})
    asked = world.question(target)
    return lambda: client.post(DECISIONS, asked)


def _bare(plain: int, path: str) -> Callable[[], bytes]:
    client = Client(plain, {"Authorization": f"Bearer {bare.TOKEN}"})
    return lambda: client.post(path, json.dumps({"key": uuid4().hex}))


def _many(built: World, ours: int, plain: int, seconds: float) -> Measured:
    with db.transaction():
        _add_target("wide")
        for number in range(MANY):
            slug, kind, config = f"wide-{number}", *_of_all_kinds(number)
            _guard(slug, kind, config, "wide")
    times = side_by_side(_asking(built, ours, "wide"), _bare(plain, "/decide"), seconds=seconds)
    return f"gate decision, {MANY} guards / token select, insert, commit", "≥ 0.3", times


def _beside_json(built: World, ours: int, plain: int, seconds: float) -> Measured:
    times = side_by_side(_asking(built, ours), _bare(plain, "/json"), seconds=seconds)
    return "gate decision, 5 guards / JSON in and out, no database", "", times


def _beside_update(built: World, ours: int, plain: int, seconds: float) -> Measured:
    times = side_by_side(_asking(built, ours), _bare(plain, "/change"), seconds=seconds)
    return "gate decision, 5 guards / one insert, one update", "", times


def _beside_probes(built: World, ours: int, seconds: float) -> Measured:
    """The slowest in a hundred while guards look at addresses that partly hang, and while none do."""
    asking = _asking(built, ours)
    idle = tuple(_p99(asking, seconds) for _ in range(ROUNDS))
    with _half_hanging() as port:
        with db.transaction():
            for number in range(PROBED_TARGETS):
                _add_target(f"probed-{number}")
            for number in range(PROBES):
                place = "hangs" if number % 4 == 0 else "up"
                config: dict[str, object] = {
                    "url": f"http://127.0.0.1:{port}/{place}/{number}",
                    "timeout_s": 2,
                }
                _guard(f"probe-{number}", "http", config, f"probed-{number % PROBED_TARGETS}", max_age_s=0)
        with _asked_all_the_time(built, ours):
            busy = tuple(_p99(asking, seconds) for _ in range(ROUNDS))
    return f"gate p99 while {PROBES} probes run / p99 idle", "≥ 0.67", (busy, idle)


def _at_size(built: World, ours: int, seconds: float, count: int) -> Measured:
    _asking(built, ours)()
    few = _rounds_at(FEW_EVALUATIONS, built, ours, seconds)
    many = _rounds_at(count, built, ours, seconds)
    return f"gate decision at {count:,} evaluations / at {FEW_EVALUATIONS:,}", "≥ 0.8", (many, few)


def _rounds_at(count: int, built: World, ours: int, seconds: float) -> tuple[float, ...]:
    _fill(count)
    # A connection of its own: the server gives up one that was idle for as long as filling takes.
    asking = _asking(built, ours)
    return tuple(_mean(asking, seconds) for _ in range(ROUNDS))


def _of_all_kinds(number: int) -> tuple[str, dict[str, object]]:
    if number % 5 == 4:
        return "target", {}
    if number % 5 in (2, 3):
        freeze = {"tz": "Europe/Berlin", "starts": "03:00", "ends": "03:01", "rrule": "FREQ=DAILY"}
        return "window", freeze | {"reason": f"reason {number}"}
    return "attestation", {"predicate": "staging-validated", "target": "bench/staging"}


def _add_target(name: str) -> None:
    service = guards.queries.service("bench")
    targets = [target.name for target in service.targets]
    if name not in targets:
        guards.save_service("bench", "Bench", [*targets, name], actor=world.OPERATOR)


def _guard(slug: str, kind: str, config: dict[str, object], target: str, **more: object) -> None:
    fields = {"slug": slug, "title": slug, "kind": kind, "config": config, "targets": [f"bench/{target}"]}
    guard_changes.create(fields | more, actor=world.OPERATOR, vault=VAULT)


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
        "decision_id": literal(answer.first_id(at)) + cast(numbers.c.n, String),
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
def _asked_all_the_time(built: World, ours: int) -> Iterator[None]:
    """Ask about the probed targets, over and over, from some threads."""
    stop = threading.Event()

    def ask(number: int) -> None:
        while not stop.is_set():
            _asking(built, ours, f"probed-{number % PROBED_TARGETS}")()
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
