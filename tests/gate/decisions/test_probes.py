"""Looks: shared between decisions, two a host, stored once, and never waited for longer than the deadline."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Busy
from postmortems.gate.decisions import ask, probes
from postmortems.gate.decisions.probes import ProbePool
from postmortems.gate.models import Claim
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evidence
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CI, change, guards, only, request, result_of
from tests.runtimes import RUNTIME


class Held:
    """A look that lasts until it is let go; `begun` says that somebody looks."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.count = 0

    def observe(self, *_: Any) -> dict[str, Any]:
        assert not db.is_open()
        self.count += 1
        self.begun.set()
        assert self.go.wait(60)
        return {"status": 200}


@pytest.fixture
def held(any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Held:
    look = Held()
    monkeypatch.setattr(KINDS["http"], "observe", look.observe)
    founding.tell(clock.now())
    only("staging-online")
    return look


def asked_at_once(**options: Any) -> tuple[threading.Thread, list[dict[str, Any]]]:
    answers: list[dict[str, Any]] = []
    thread = threading.Thread(
        target=lambda: answers.append(ask.ask(request(), actor=CI, runtime=RUNTIME, **options))
    )
    thread.start()
    return thread, answers


@pytest.fixture
def both_wait(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """That two decisions wait for a look."""
    waiting, event, share = [], threading.Event(), probes._pool.share

    def counted(*of: Any) -> Any:
        waiting.append(share(*of))
        if len(waiting) == 2:
            event.set()
        return waiting[-1]

    monkeypatch.setattr(probes._pool, "share", counted)
    return event


def test_two_decisions_share_one_look_and_cite_the_same_evidence(
    held: Held, both_wait: threading.Event
) -> None:
    first, answers = asked_at_once()
    assert held.begun.wait(60)
    second, others = asked_at_once()
    assert both_wait.wait(60)
    held.go.set()
    first.join()
    second.join()

    ids = {result_of(answer, "staging-online")["evidence_id"] for answer in answers + others}
    assert held.count == 1
    assert len(ids) == 1
    with db.reading():
        assert session().scalars(select(Evidence.id).where(Evidence.kind == "observation")).all() == [*ids]


def test_what_was_stored_is_cited_by_later_decisions(held: Held) -> None:
    held.go.set()
    ids = [
        result_of(ask.ask(request(), actor=CI, runtime=RUNTIME), "staging-online")["evidence_id"]
        for _ in range(2)
    ]
    assert ids[0] is not None
    assert ids[0] == ids[1]
    assert held.count == 1


def test_a_request_that_is_being_answered_is_busy_for_the_same_key(held: Held) -> None:
    first, answers = asked_at_once(idempotency_key="run-17")
    assert held.begun.wait(60)

    with pytest.raises(Busy) as busy:
        ask.ask(request(), actor=CI, idempotency_key="run-17", runtime=RUNTIME)

    held.go.set()
    first.join()
    assert busy.value.retry_after_s == 2
    assert ask.ask(request(), actor=CI, idempotency_key="run-17", runtime=RUNTIME) == answers[0]
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Claim)) == 0


def test_a_claim_whose_holder_died_ends(held: Held, clock: Clock) -> None:
    held.go.set()
    with db.transaction():
        session().add(Claim(asked_by="ada", idempotency_key="run-17", ends_at=clock.now()))
    assert ask.ask(request(), actor=CI, idempotency_key="run-17", runtime=RUNTIME)["decision"] == "allow"


def test_a_look_that_comes_back_late_is_there_for_the_next_decision(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask, "PROBED_WITHIN_S", 0.05)
    assert guards(ask.ask(request(), actor=CI, runtime=RUNTIME)) == {"staging-online": "error"}
    late = next(iter(probes._pool._shared.values()))
    held.go.set()
    late.result(60)

    assert guards(ask.ask(request(), actor=CI, runtime=RUNTIME)) == {"staging-online": "pass"}
    assert held.count == 1


def test_a_host_is_asked_two_things_at_once_and_others_do_not_wait_for_it() -> None:
    lookout, go, begun = ProbePool(probes.THREADS), threading.Event(), threading.Semaphore(0)

    def look() -> Any:
        begun.release()
        assert go.wait(60)
        return "seen"

    slow = [lookout.share(number, "slow.example", look) for number in range(5)]
    assert [begun.acquire(timeout=60) for _ in range(2)] == [True, True]
    other = lookout.share("other", "other.example", lambda: "seen")  # type: ignore[arg-type, return-value]

    assert str(other.result(60)) == "seen"
    assert not begun.acquire(blocking=False)
    go.set()
    assert [str(future.result(60)) for future in slow] == ["seen"] * 5


def test_one_that_fails_fails_for_all_who_share_it_and_for_nobody_after() -> None:
    lookout = ProbePool(probes.THREADS)
    with pytest.raises(ZeroDivisionError):
        lookout.share("what", "host", lambda: 1 / 0).result(60)  # type: ignore[arg-type, return-value]
    assert str(lookout.share("what", "host", lambda: "seen").result(60)) == "seen"  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    "config, host",
    [
        ({"url": "https://hub.example.org:8443/health"}, "hub.example.org"),
        ({"host": "db.internal", "port": 5432}, "db.internal"),
        ({"url": "http://[broken"}, "slug"),
        ({"url": ""}, "slug"),
        ({}, "slug"),
    ],
)
def test_the_host_is_read_off_the_configuration(config: dict[str, Any], host: str) -> None:
    assert probes.host_of(GuardValue("slug", "http", config)) == host


def test_a_guard_that_was_edited_looks_for_itself(held: Held) -> None:
    held.go.set()
    ask.ask(request(), actor=CI, runtime=RUNTIME)
    change("staging-online", max_age_s=0)
    ask.ask(request(), actor=CI, runtime=RUNTIME)
    assert held.count >= 1
