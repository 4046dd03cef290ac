"""What is removed when it is old, and what stays because something rests on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate import purge
from postmortems.gate.decisions import ask
from postmortems.gate.models import Claim, Decision
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Evidence, Target
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
