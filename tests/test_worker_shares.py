"""What waits in thousands keeps nothing else waiting, and a clock that is wrong takes nothing from others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select

from postmortems import clock, worker
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.jobs import leases
from postmortems.jobs.models import JobLease
from postmortems.notify import outbox
from postmortems.notify.models import Message
from tests.runtimes import RUNTIME

PROBES, MESSAGES, RECEIVERS = 1_500, 10_000, 12
HOUR = timedelta(hours=1)


class Pool(worker.WorkerPool):
    """Claims as any other, and begins nothing."""

    def begin(self, name: str, now: datetime) -> None:
        self.under_way[name] = SimpleNamespace(done=lambda: False)  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        self.under_way.clear()
        super().__exit__(None, None, None)


@pytest.fixture
def pool(any_database: str) -> Iterator[Pool]:
    with Pool(RUNTIME) as made:
        yield made


def appoint(monkeypatch: pytest.MonkeyPatch, probes: int, since: datetime) -> list[str]:
    """So many guards, all of whose probes are late."""
    numbers = range(1, probes + 1)
    monkeypatch.setattr(worker.gate_jobs, "observing_guards", lambda: list(numbers))
    names = [f"{worker.OBSERVE}{number}" for number in numbers]
    with db.transaction():
        if names:
            session().execute(
                insert(JobLease), [{"name": name, "due_at": since, "holder": ""} for name in names]
            )
        leases.appoint({*names, *worker.PERIODIC_JOBS}, clock.now())
    return names


def test_thousands_of_late_probes_keep_no_job_waiting(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    appoint(monkeypatch, PROBES, clock.now() - HOUR)
    begun = worker.start_due(pool)

    assert set(worker.PERIODIC_JOBS) <= set(begun)
    assert sum(name.startswith(worker.OBSERVE) for name in begun) == worker.PROBES_AT_ONCE
    # Nor does what has begun and hangs take the threads of the others.
    assert worker.start_due(pool) == []


def test_jobs_that_hang_keep_no_probe_waiting(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    appoint(monkeypatch, 0, clock.now())
    assert set(worker.start_due(pool)) == set(worker.PERIODIC_JOBS)
    appoint_more = [f"{worker.OBSERVE}{number}" for number in (1, 2)]
    monkeypatch.setattr(worker.gate_jobs, "observing_guards", lambda: [1, 2])
    assert sorted(worker.start_due(pool)) == appoint_more


def test_each_kind_of_work_has_a_thread_of_its_own() -> None:
    assert len(worker.PERIODIC_JOBS) <= worker.JOBS_AT_ONCE


def test_ten_thousand_webhooks_keep_no_mail_waiting(any_database: str) -> None:
    now = clock.now()
    common = {"payload": {}, "created_at": now, "due_at": now - HOUR, "state": "waiting", "attempts": 0}
    common |= {"trouble": "", "holder": ""}
    waiting: list[dict[str, Any]] = [
        {"channel": "webhook", "receiver": str(number % RECEIVERS), "about": str(number)} | common
        for number in range(MESSAGES)
    ]
    waiting.append({"channel": "mail", "receiver": "ada", "about": "last"} | common | {"due_at": now})
    with db.transaction():
        session().execute(insert(Message), waiting)
    with db.reading():
        found = outbox.due(now, set(), 8)
        channels = [session().get_one(Message, number).channel for number in found]
    assert channels.count("mail") == 1
    assert channels.count("webhook") == outbox.MOST_OF_CHANNEL


@pytest.mark.postgres
@pytest.mark.parametrize("wrong_by", [HOUR, -HOUR])
def test_a_worker_whose_clock_is_an_hour_wrong_judges_leases_as_the_others(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch, wrong_by: timedelta
) -> None:
    db.connect(postgres_database)
    appoint(monkeypatch, 0, clock.now())
    lease = timedelta(minutes=15)
    with db.transaction():
        [drill] = session().scalars(select(JobLease).where(JobLease.name == "drill")).all()
        assert leases.claim("drill", drill.due_at, "another", clock.now(), lease)

    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + wrong_by)
    with Pool(RUNTIME) as pool:
        pool.keep_time()
        begun = worker.start_due(pool)
        held = datetime.now(UTC)

    assert set(begun) == {*worker.PERIODIC_JOBS} - {"drill"}
    with db.reading():
        ends = session().scalars(select(JobLease.leased_until).where(JobLease.name == "restate")).one()
    assert ends is not None
    assert abs(ends - held - worker.PERIODIC_JOBS["restate"].lease) < timedelta(minutes=1)
