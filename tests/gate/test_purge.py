"""What is removed when it is old, and what stays because something rests on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from postmortems.db import partitions
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate import purge
from postmortems.gate.decisions import ask
from postmortems.gate.models import Claim, Decision
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Evidence, Guard, Target
from postmortems.jobs import batches
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CI, only, request
from tests.runtimes import RUNTIME


@pytest.fixture
def kept(any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    monkeypatch.setattr(batches, "BATCH", 2)
    founding.tell(clock.now())
    only("staging-online")


def count(table: Any, *where: Any) -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(table).where(*where)) or 0


def look(at: datetime) -> None:
    with db.transaction():
        session().add(Evidence(kind="observation", observed_at=at, received_at=at, data={}))


def test_old_dry_runs_go_with_their_verdicts_and_real_decisions_stay(kept: None, clock: Clock) -> None:
    for _ in range(3):
        ask.ask(request(dry_run=True), actor=CI, runtime=RUNTIME)
        ask.ask(request(), actor=CI, runtime=RUNTIME)
        clock.advance(seconds=1)
    clock.advance(days=31)
    ask.ask(request(dry_run=True), actor=CI, runtime=RUNTIME)

    purge.remove(clock.now(), keep_days=30)

    assert count(Decision, Decision.is_dry_run) == 1
    assert count(Decision, Decision.is_dry_run.is_(False)) == 3
    assert count(Evaluation, Evaluation.purpose == "dry_run") == 1
    # The newest that shows the guard to be enforced.
    assert count(Evaluation, Evaluation.purpose == "decision") == 1


def test_old_looks_go_unless_a_real_decision_cites_them(kept: None, clock: Clock) -> None:
    ask.ask(request(), actor=CI, runtime=RUNTIME)
    for _ in range(5):
        look(clock.now())
    with db.transaction():
        target = session().scalars(select(Target)).first()
        at = clock.now()
        session().add(Evidence(kind="attestation", target=target, observed_at=at, received_at=at, data={}))
    clock.advance(days=31)
    look(clock.now())

    purge.remove(clock.now(), keep_days=30)

    assert count(Evidence, Evidence.kind == "attestation") == 1
    assert count(Evidence, Evidence.kind == "observation", Evidence.decision_id != "") == 1
    assert count(Evidence, Evidence.kind == "observation", Evidence.decision_id == "") == 1


@pytest.mark.parametrize("unused", [0, 2_000])
def test_rows_that_a_clock_dated_ahead_hold_up_none_behind_them(
    kept: None, clock: Clock, unused: int
) -> None:
    for _ in range(4):
        look(clock.now() + timedelta(days=365))
    verdicts(*[clock.now() + timedelta(days=365)] * 4)
    with db.transaction():
        # Numbers that were never used, as after a transaction that was taken back.
        at, last = clock.now(), session().scalar(select(func.max(Evidence.id))) or 0
        session().add_all(
            Evidence(id=last + unused + n, kind="observation", observed_at=at, received_at=at, data={})
            for n in (1, 2, 3)
        )
    verdicts(*[clock.now()] * 3)
    clock.advance(days=31)

    assert purge.remove(clock.now(), keep_days=30) == 6

    assert count(Evidence, Evidence.kind == "observation") == 4
    assert count(Evaluation, Evaluation.purpose == "schedule") == 4


def test_nothing_goes_where_the_operator_keeps_everything(kept: None, clock: Clock) -> None:
    ask.ask(request(dry_run=True), actor=CI, runtime=RUNTIME)
    clock.advance(days=4000)
    assert purge.remove(clock.now(), keep_days=0) == 0
    assert count(Decision) == 1


def test_claims_of_the_dead_go_in_any_case(kept: None, clock: Clock) -> None:
    with db.transaction():
        session().add(Claim(asked_by="ada", idempotency_key="k", ends_at=clock.now()))
        later = clock.now() + timedelta(seconds=1)
        session().add(Claim(asked_by="ada", idempotency_key="l", ends_at=later))
    purge.remove(clock.now(), keep_days=30)
    assert count(Claim) == 1


def test_one_turn_removes_a_bounded_number(kept: None, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCHES", 2)
    for _ in range(9):
        look(clock.now())
    clock.advance(days=31)
    assert purge.remove(clock.now(), keep_days=30) == 4
    assert purge.remove(clock.now(), keep_days=30) == 4
    assert purge.remove(clock.now(), keep_days=30) == 1


VERDICT = {"guard_slug": "staging-online", "guard_revision": 1, "level": "soft", "verdict": "pass"}


@pytest.fixture
def by_month(postgres_database: str, clock: Clock) -> Clock:
    """In a database with months: a guard on a target, in March 2026."""
    db.connect(postgres_database)
    founding.tell(clock.now())
    only("staging-online")
    partitions.make_ahead(clock.now(), {"evaluations": 30, "events": 30})
    return clock


def verdicts(*instants: datetime, purpose: str = "schedule", target: str = "data8/prod") -> None:
    with db.transaction():
        guard = session().scalars(select(Guard).where(Guard.slug == "staging-online")).one()
        said = {**VERDICT, "guard_id": guard.id, "purpose": purpose, "target": target}
        session().add_all(Evaluation(**said, at=at) for at in instants)


def months() -> list[str]:
    with db.reading():
        return [part.name.removeprefix("evaluations_") for part in partitions.parts("evaluations")]


def days_of_march(*days: int) -> list[datetime]:
    return [datetime(2026, 3, day, 12, 0, tzinfo=UTC) for day in days]


@pytest.mark.postgres
def test_a_month_of_verdicts_goes_whole_once_it_is_over(
    by_month: Clock, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def cost() -> tuple[int, bool]:
        with count_queries() as statements:
            purge.remove(by_month.now(), keep_days=30)
        return len(statements), any("DELETE FROM evaluations" in said for said in statements)

    verdicts(*days_of_march(*range(1, 29)))
    # What is 30 days old on the 20th of April is of March, which is not over by then.
    by_month.set(datetime(2026, 4, 20, tzinfo=UTC))
    purge.remove(by_month.now(), keep_days=30)
    assert count(Evaluation) == 28

    by_month.set(datetime(2026, 5, 1, tzinfo=UTC))
    few = cost()
    assert count(Evaluation) == 0
    assert months()[0] == "2026_04"

    april = datetime(2026, 4, 1, tzinfo=UTC)
    verdicts(*(april + timedelta(minutes=minute) for minute in range(1_000)))
    by_month.set(datetime(2026, 6, 1, tzinfo=UTC))
    many = cost()

    assert count(Evaluation) == 0
    assert few == many == (few[0], False)


@pytest.mark.postgres
def test_the_newest_verdict_of_a_decision_outlives_its_month(by_month: Clock) -> None:
    first, last, probe = days_of_march(1, 2, 3)
    verdicts(first, last, purpose="decision")
    verdicts(probe)
    # Of another target there is a newer one in another month.
    verdicts(first, datetime(2026, 4, 9, tzinfo=UTC), purpose="decision", target="data8/staging")
    by_month.set(datetime(2026, 5, 2, tzinfo=UTC))

    for _ in range(2):
        purge.remove(by_month.now(), keep_days=30)

    with db.reading():
        rows = session().execute(select(Evaluation.at, Evaluation.target).order_by(Evaluation.at))
        assert [tuple(row) for row in rows] == [
            (last, "data8/prod"),
            (datetime(2026, 4, 9, tzinfo=UTC), "data8/staging"),
        ]
    assert "2026_03" not in months()


@pytest.mark.postgres
def test_verdicts_without_a_month_go_as_ever(by_month: Clock) -> None:
    ahead, behind = datetime(2031, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)
    verdicts(ahead, behind)

    purge.remove(by_month.now(), keep_days=30)

    with db.reading():
        assert session().scalars(select(Evaluation.at)).all() == [ahead]


@pytest.mark.postgres
def test_a_month_that_somebody_reads_is_removed_row_by_row(by_month: Clock) -> None:
    verdicts(*days_of_march(1, 2))
    by_month.set(datetime(2026, 5, 1, tzinfo=UTC))
    with db.reading():
        session().scalars(select(Evaluation)).all()
        remover = threading.Thread(target=lambda: purge.remove(by_month.now(), keep_days=30))
        remover.start()
        remover.join()

    assert count(Evaluation) == 0
    assert months()[0] == "2026_03"
