"""Retention of many old rows beside the gate: its answers come as quickly as without."""

from __future__ import annotations

import statistics
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from select import select as select_ready
from time import monotonic
from typing import Self

import pytest
from sqlalchemy import func, insert, select

from postmortems import clock
from postmortems.db import session as db
from postmortems.gate.models import Decision
from postmortems.guards.models import Evaluation
from postmortems.jobs import batches
from tests.faults.conftest import Figures
from tests.faults.serving import Group, Process, add_guard, environment, until

pytestmark = pytest.mark.faults

ROWS, ROUNDS, KILLS = 24_000, 8, 3
# Removes as much as one turn of the worker, each time it is told to.
REMOVAL = f"""
import sys
from postmortems import clock
from postmortems.db import session as db
from postmortems.gate import purge
from postmortems.jobs import batches
batches.BATCHES = {ROWS // ROUNDS // batches.BATCH}
db.connect(sys.argv[1])
print("ready", flush=True)
for _ in sys.stdin:
    print(purge.remove(clock.now(), keep_days=30), flush=True)
"""


def test_the_gate_answers_as_quickly_while_old_rows_are_removed(processes: Group, figures: Figures) -> None:
    """In turns, beside and without: what else the machine does is in both."""
    add_guard(processes, "target-confirmed", "target", {})
    fill()
    server = processes.serve()
    alone, beside, removed = [], [], 0
    with Removal(processes) as removal:
        for _ in range(ROUNDS + 1):
            alone += [asked_s(processes, server) for _ in range(30)]
            removal.begin()
            while not removal.is_over():
                beside.append(asked_s(processes, server))
            removed += removal.count()

    assert removed == ROWS
    with db.reading():
        assert db.session().scalar(select(func.count()).where(Evaluation.purpose == "schedule")) == 0
    ratio = statistics.median(beside) / statistics.median(alone)
    told = f"{ratio:.2f} × of {len(beside)}"
    figures(f"{ROWS:,} old verdicts removed beside the gate: median of a decision", "≤ 1.2 × idle", told)


def test_a_removal_that_is_killed_takes_old_rows_alone_and_the_next_ends_it(processes: Group) -> None:
    add_guard(processes, "target-confirmed", "target", {})
    server = processes.serve()
    young = {processes.ask(server)["id"] for _ in range(3)}
    fill()
    left = [old_rows()]
    for _ in range(KILLS):
        with Removal(processes) as removal:
            removal.begin()
            until(lambda: old_rows() < left[-1])
            removal.process.kill()
        left.append(old_rows())
    whole_batches = [before - now for before, now in pairwise(left)]
    with Removal(processes) as removal:
        while old_rows():
            removal.begin()
            removal.count()

    # Each batch is gone or there, none by half; of the first the first row is the decision's, and stays.
    assert all(gone > 0 and (gone + 1) % batches.BATCH == 0 for gone in whole_batches), whole_batches
    with db.reading():
        assert set(db.session().scalars(select(Decision.id))) == young
        assert db.session().scalar(select(func.count()).where(Evaluation.purpose == "decision")) == 1


def old_rows() -> int:
    with db.reading():
        return db.session().scalar(select(func.count()).where(Evaluation.purpose == "schedule")) or 0


def asked_s(group: Group, server: Process) -> float:
    """Seconds that a decision takes."""
    began = monotonic()
    assert group.ask(server).status == 200
    return monotonic() - began


class Removal:
    """A process that removes what is old, a part each time."""

    def __init__(self, group: Group) -> None:
        words, pipe = [sys.executable, "-c", REMOVAL, group.url], subprocess.PIPE
        self.process = subprocess.Popen(words, env=environment(group.url), stdin=pipe, stdout=pipe, text=True)

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def is_over(self) -> bool:
        return bool(select_ready([self.process.stdout], [], [], 0)[0])

    def count(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


def fill() -> None:
    old = clock.now() - timedelta(days=100)
    row = {
        "guard_slug": "gone",
        "guard_revision": 1,
        "purpose": "schedule",
        "level": "soft",
        "verdict": "pass",
    }
    row |= {"summary": "It answers.", "observed": {"status": 200}, "expected": None}
    with db.transaction():
        for start in range(0, ROWS, 6_000):
            db.session().execute(
                insert(Evaluation), [row | {"at": old + timedelta(seconds=start + n)} for n in range(6_000)]
            )
