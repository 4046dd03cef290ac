"""What the worker does without being asked, and that of two workers one does it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from postmortems import worker
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.gate import jobs as gate_jobs
from postmortems.gate.decisions import ask
from postmortems.gate.protection import queries as protection_queries
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Evidence, Guard
from postmortems.jobs import leases
from postmortems.jobs.models import JobLease
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CI
from tests.runtimes import RUNTIME, with_egress


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What guards see, and how often they looked."""
    seen: dict[str, Any] = {"data": {"status": 200}, "count": 0}

    def observe(*_: Any) -> Any:
        seen["count"] += 1
        return seen["data"]

    monkeypatch.setattr(KINDS["http"], "observe", observe)
    return seen


def turn() -> list[str]:
    """What one worker begins now; it is over when this returns."""
    with worker.WorkerPool(with_egress(Egress())) as pool:
        return worker.start_due(pool)


def test_a_guard_that_looks_does_so_every_five_minutes(
    story: str, clock: Clock, looks: dict[str, Any]
) -> None:
    first, again = turn(), turn()
    clock.advance(minutes=5)
    later = turn()

    assert [name for name in first if name.startswith("observe:")]
    assert again == []
    assert [name for name in later if name.startswith("observe:")]
    assert looks["count"] == 2
    with db.reading():
        verdicts = session().execute(select(Evaluation.verdict, Evaluation.purpose)).all()
        assert [tuple(row) for row in verdicts] == [("pass", "schedule")] * 2
        assert session().scalar(select(func.count()).select_from(Evidence)) == 2


def test_a_decision_uses_what_the_worker_saw(story: str, clock: Clock, looks: dict[str, Any]) -> None:
    turn()
    clock.advance(seconds=20)
    answer = ask.ask(founding.request(), actor=CI, runtime=RUNTIME)

    online = next(one for one in answer["guards"] if one["guard"] == "staging-online")
    assert online["verdict"] == "pass"
    assert looks["count"] == 1


def test_what_cannot_be_evaluated_rests_for_an_hour(story: str, clock: Clock, looks: dict[str, Any]) -> None:
    looks["data"] = {"refused": "not on the list"}
    turn()
    clock.advance(minutes=59)
    turn()
    assert looks["count"] == 1
    clock.advance(minutes=1)
    turn()
    assert looks["count"] == 2


def test_a_guard_that_is_gone_is_no_job_any_more(story: str, looks: dict[str, Any]) -> None:
    turn()
    with db.transaction():
        guard = session().scalars(select(Guard).where(Guard.slug == "staging-online")).one()
        number = guard.id
        session().delete(guard)
    assert gate_jobs.observe(number, Egress()) is None
    turn()
    with db.reading():
        assert leases.names() == set(worker.PERIODIC_JOBS)


def test_old_drills_are_repeated(story: str, clock: Clock, looks: dict[str, Any]) -> None:
    with db.reading():
        before = scenarios_queries.newest_drills([1])[1]
    clock.advance(days=90, seconds=-1)
    assert gate_jobs.drill_again(clock.now()) == 0
    clock.advance(seconds=1)
    assert gate_jobs.drill_again(clock.now()) == 2
    with db.reading():
        after = scenarios_queries.newest_drills([1])[1]
    assert (after.by, after.decision) == ("worker", before.decision)
    assert after.id > before.id


def test_a_drill_that_fails_by_now_is_noticed(story: str, clock: Clock) -> None:
    with db.transaction():
        guard = session().scalars(select(Guard).where(Guard.slug == "target-confirmed")).one()
        guard.level = "shadow"
    clock.advance(days=91)
    gate_jobs.drill_again(clock.now())
    with db.reading():
        assert {one.protection for one in protection_queries.of_items([3]).values()} == {"regressed"}


def test_standings_follow_the_time(story: str, clock: Clock, looks: dict[str, Any]) -> None:
    ask.ask(founding.request(), actor=CI, runtime=RUNTIME)
    clock.advance(days=31)
    with db.reading():
        assert {one.protection for one in protection_queries.of_items([1, 2, 3]).values()} == {"enforced"}
    assert gate_jobs.restate_all() == 3
    with db.reading():
        assert {one.protection for one in protection_queries.of_items([1, 2, 3]).values()} == {"proven"}


def test_of_four_workers_one_runs_a_job(any_database: str, clock: Clock, looks: dict[str, Any]) -> None:
    founding.tell(clock.now())
    start = threading.Barrier(4)
    done: list[str] = []

    def work() -> None:
        start.wait()
        done.extend(turn())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(done) == len(set(done))
    assert looks["count"] <= 1
    turn()
    assert looks["count"] == 1


LEASE = timedelta(minutes=2)


def test_a_job_that_somebody_holds_is_nobody_elses(any_database: str, clock: Clock) -> None:
    now = clock.now()
    with db.transaction():
        leases.appoint(["drill"], now)
    with db.transaction():
        assert leases.claim("drill", now, "one", now, LEASE)
        assert not leases.claim("drill", now, "two", now, LEASE)
        assert leases.due(now) == []


def test_a_job_whose_worker_died_is_taken_over_when_the_lease_ends(any_database: str, clock: Clock) -> None:
    now = clock.now()
    with db.transaction():
        leases.appoint(["drill"], now)
        assert leases.claim("drill", now, "one", now, LEASE)
    later = now + LEASE
    with db.transaction():
        assert [job.name for job in leases.due(later)] == ["drill"]
        assert leases.claim("drill", now, "two", later, LEASE)
        # Whoever comes back from the dead gives back what is not its own any more.
        assert not leases.finish("drill", "one", later)
        assert leases.finish("drill", "two", later + timedelta(hours=1))
        assert leases.due(later) == []
        assert [job.name for job in leases.due(later + timedelta(hours=1))] == ["drill"]


def test_a_claim_on_what_was_done_meanwhile_fails(database: str, clock: Clock) -> None:
    now = clock.now()
    with db.transaction():
        leases.appoint(["drill"], now)
        assert leases.claim("drill", now, "one", now, LEASE)
        assert leases.finish("drill", "one", now + timedelta(hours=1))
        assert not leases.claim("drill", now, "two", now, LEASE)


def test_what_was_claimed_when_it_was_told_to_stop_is_left_due(story: str, looks: dict[str, Any]) -> None:
    stop = threading.Event()
    stop.set()
    with worker.WorkerPool(with_egress(Egress()), stop) as pool:
        claimed = worker.start_due(pool)

    assert len(claimed) == 1 + len(worker.PERIODIC_JOBS)
    assert looks["count"] == 0
    assert sorted(turn()) == sorted(claimed)


def test_a_look_that_hangs_holds_up_no_other_job(
    story: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = threading.Event(), threading.Event()

    def hang(*_: Any) -> Any:
        asked.set()
        answered.wait(30)
        return {"status": 200}

    monkeypatch.setattr(KINDS["http"], "observe", hang)
    with worker.WorkerPool(with_egress(Egress())) as pool:
        first = worker.start_due(pool)
        assert asked.wait(30)
        for name in worker.PERIODIC_JOBS:
            pool.under_way[name].result(30)
        clock.advance(hours=1)
        again = worker.start_due(pool)
        answered.set()

    assert len(first) == 1 + len(worker.PERIODIC_JOBS)
    hourly = [name for name, job in worker.PERIODIC_JOBS.items() if job.every <= timedelta(hours=1)]
    assert sorted(again) == sorted(hourly)


def test_a_worker_takes_on_only_what_it_has_threads_for(
    story: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: answered.wait(30) and {"status": 200})
    monkeypatch.setattr(gate_jobs, "observing_guards", lambda: list(range(1, 60)))
    monkeypatch.setattr(gate_jobs, "observe", lambda *_: answered.wait(30))
    with worker.WorkerPool(with_egress(Egress())) as pool:
        begun = worker.start_due(pool)
        assert pool.free()[0] == 0
        assert [name for name in worker.start_due(pool) if name.startswith("observe:")] == []
        answered.set()

    assert sum(name.startswith("observe:") for name in begun) == worker.PROBES_AT_ONCE


def test_a_job_that_fails_holds_up_no_other(
    story: str, monkeypatch: pytest.MonkeyPatch, looks: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> int:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(gate_jobs, "drill_again", broken)
    turn()
    assert looks["count"] == 1
    assert "the job drill failed" in caplog.text


def test_the_worker_ends_when_it_is_told_to(story: str, looks: dict[str, Any]) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(Settings(), stop))
    thread.start()
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    with db.reading():
        assert session().scalar(select(func.count()).select_from(JobLease)) in {
            0,
            len(worker.PERIODIC_JOBS) + 1,
        }
