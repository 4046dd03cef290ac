"""What a look by the clock is worth: flapping guards, and a worker that has lost its own network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.gate import jobs as gate_jobs
from postmortems.gate.decisions import ask
from postmortems.gate.verdicts import flapping
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.guards import operations
from postmortems.guards.judgement import Judgement
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Guard
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import only
from tests.loopback import http, listening
from tests.runtimes import RUNTIME, VAULT, with_egress

LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def guard_id(any_database: str, clock: Clock) -> int:
    """The staging hub's guard, owned by noor."""
    founding.tell(clock.now())
    with db.transaction():
        guard = session().scalars(select(Guard).where(Guard.slug == "staging-online")).one()
        guard.owner = "noor"
        return guard.id


@pytest.mark.parametrize(
    "passed, every, flaps",
    [
        ("", 5, False),
        ("p", 5, False),
        ("pppppppppp", 5, False),
        ("pfffffffff", 5, False),
        ("pfpppppppp", 5, False),
        ("pfpfpppppp", 5, True),
        ("fpfpffffff", 60, True),
        ("pfppppppppppfp", 60, False),
        ("pfpppppppppppf", 2, True),
        ("ppppppppppfpfp", 5, False),
    ],
)
def test_what_turns_three_times_in_ten_looks_or_half_an_hour_flaps(
    clock: Clock, passed: str, every: int, flaps: bool
) -> None:
    now = clock.now()
    looks = [(now - timedelta(minutes=every * place), one == "p") for place, one in enumerate(passed)]

    assert flapping.is_flapping(looks, now) is flaps


def look(guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch, statuses: str) -> list[str]:
    """The verdicts that are kept when the hub answers (p) or not (f), every five minutes."""
    said = []
    for one in statuses:
        clock.advance(minutes=5)
        monkeypatch.setattr(
            KINDS["http"], "observe", lambda *_, one=one: {"status": 200 if one == "p" else 503}
        )
        said.append(gate_jobs.observe(guard_id, Egress()) or "")
    return said


def test_a_guard_that_flaps_passes_from_the_second_pass_on(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = look(guard_id, clock, monkeypatch, "pfpfpp")

    assert said == ["pass", "fail", "pass", "fail", "inconclusive", "pass"]


def noted(guard_id: int) -> Guard:
    """The guard as it is stored now."""
    with db.reading():
        return session().get_one(Guard, guard_id)


def test_its_owner_is_told_when_it_begins_to_flap_and_when_it_is_over(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(guard_id, clock, monkeypatch, "pfpfpfpf" + "p" * 10)

    with db.reading():
        events = audit.of("guard", "staging-online")
    told = [(one.verb, one.data["tells"]) for one in reversed(events) if "tells" in one.data]
    assert told == [("guard.flapping", ["noor"]), ("guard.steady", ["noor"])]


def test_what_the_worker_notes_is_no_edit(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = noted(guard_id).revision
    look(guard_id, clock, monkeypatch, "pfpf")
    began, after_four = clock.now(), noted(guard_id)
    look(guard_id, clock, monkeypatch, "pp")
    after_six = noted(guard_id)
    look(guard_id, clock, monkeypatch, "p" * 10)
    in_the_end = noted(guard_id)

    assert (after_four.flaps_since, after_four.passes_since) == (began, None)
    assert (after_six.flaps_since, after_six.passes_since) == (began, began + timedelta(minutes=5))
    assert (in_the_end.flaps_since, in_the_end.passes_since) == (None, None)
    assert in_the_end.revision == revision


def test_an_edit_begins_anew(guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    look(guard_id, clock, monkeypatch, "pfpf")
    with db.transaction():
        operations.edit("staging-online", {"remedy": "mended"}, None, actor=founding.ADA, vault=VAULT)
    assert noted(guard_id).flaps_since is None

    assert look(guard_id, clock, monkeypatch, "p") == ["pass"]


def decided(clock: Clock, monkeypatch: pytest.MonkeyPatch, one: str, **changes: Any) -> tuple[str, str, str]:
    """What a decision says that looks for itself, a minute after whoever looked before."""
    clock.advance(minutes=1)
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200 if one == "p" else 503})
    answer = ask.ask(founding.request(**changes), actor=founding.CI, runtime=with_egress(Egress()))
    (guard,) = answer["guards"]
    return answer["decision"], guard["reason_code"], guard["summary"]


NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "flaps, passes_for, verdict, seen, kept",
    [
        (False, None, "pass", 0, "pass"),
        (False, None, "fail", 0, "fail"),
        (True, None, "pass", 0, "inconclusive"),
        (True, None, "fail", 0, "fail"),
        (True, None, "error", 0, "error"),
        (True, None, "inconclusive", 0, "inconclusive"),
        (True, 5, "pass", 0, "pass"),
        (True, 5, "fail", 0, "fail"),
        # The very look by the clock that passed first, and one before it.
        (True, 5, "pass", 5, "inconclusive"),
        (True, 5, "pass", 6, "inconclusive"),
    ],
)
def test_while_a_guard_flaps_a_pass_counts_that_was_seen_after_the_clock_saw_one(
    flaps: bool, passes_for: int | None, verdict: str, seen: int, kept: str
) -> None:
    since = NOON - timedelta(hours=1) if flaps else None
    passes = None if passes_for is None else NOON - timedelta(minutes=passes_for)
    guard = GuardValue("staging-online", "http", {}, flaps_since=since, passes_since=passes)
    judged = GuardResult(guard, Judgement(verdict, "code", "what it saw", valid_until=NOON))

    found = flapping.counted(judged, NOON - timedelta(minutes=seen)).judgement

    assert found.verdict == kept
    assert (found.reason_code == "flapping") is (kept != verdict)


def test_a_decision_believes_a_guard_that_flaps_if_the_clock_saw_it_pass_too(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    only("staging-online")
    look(guard_id, clock, monkeypatch, "pfpf")
    assert decided(clock, monkeypatch, "p")[:2] == ("wait", "flapping")
    assert decided(clock, monkeypatch, "f")[0] == "block"

    look(guard_id, clock, monkeypatch, "p")
    assert decided(clock, monkeypatch, "p")[0] == "allow"


def test_the_answer_says_that_it_flaps_and_since_when(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    only("staging-online")
    look(guard_id, clock, monkeypatch, "pfpf")

    told = decided(clock, monkeypatch, "p")[2]

    assert told.startswith("it flaps since 2026-03-02 09:20 UTC, and its newest look by the clock failed")


def test_a_decision_that_shares_the_first_pass_of_a_guard_that_flaps_waits(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    only("staging-online")
    look(guard_id, clock, monkeypatch, "pfpfp")
    clock.advance(seconds=10)

    answer = ask.ask(founding.request(), actor=founding.CI, runtime=with_egress(Egress()))

    assert answer["decision"] == "wait"
    assert "passed only once by now" in answer["guards"][0]["summary"]
    look(guard_id, clock, monkeypatch, "p")
    assert ask.ask(founding.request(), actor=founding.CI, runtime=RUNTIME)["decision"] == "allow"


def test_a_decision_takes_as_many_statements_while_a_guard_flaps(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch, count_queries: Any
) -> None:
    only("staging-online")
    counts = []
    for by_the_clock in ("pp", "fpf"):
        look(guard_id, clock, monkeypatch, by_the_clock)
        with count_queries() as statements:
            decided(clock, monkeypatch, "p", dry_run=True)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def unreachable(guard_id: int) -> dict[str, Any]:
    """What is kept when nothing listens where the guard looks."""
    with db.reading():
        row = session().scalars(select(Evaluation).order_by(Evaluation.id.desc())).first()
        assert row is not None
        return {"verdict": row.verdict, "code": row.reason_code}


def test_without_our_own_network_a_look_says_nothing(guard_id: int, clock: Clock) -> None:
    with listening(b"") as closed:
        nowhere = closed.url()

    assert gate_jobs.observe(guard_id, Egress(LOOPBACK, control_url=nowhere)) == "inconclusive"
    assert unreachable(guard_id) == {"verdict": "inconclusive", "code": "prober_offline"}


def test_without_our_own_network_a_decision_waits_and_condemns_nobody(guard_id: int, clock: Clock) -> None:
    with listening(b"") as closed:
        egress = Egress(LOOPBACK, control_url=closed.url())
    only("staging-online")

    for _ in range(2):
        answer = ask.ask(founding.request(), actor=founding.CI, runtime=with_egress(egress))
        assert [one["reason_code"] for one in answer["guards"]] == ["prober_offline"]
        assert answer["decision"] == "wait"


def test_of_several_samples_each_is_believed_or_none(guard_id: int, clock: Clock) -> None:
    with listening(b"") as closed:
        egress = Egress(LOOPBACK, control_url=closed.url())
    silent, heard = {"unreachable": "refused"}, {"status": 200}

    doubted = flapping.doubted({"samples": [silent, silent]}, egress, clock.now())

    assert [set(look) for look in doubted["samples"]] == [{"unreachable", "offline"}] * 2
    assert flapping.doubted({"samples": [silent, heard]}, egress, clock.now()) == {"samples": [silent, heard]}


def test_where_the_control_address_answers_the_hub_is_down(guard_id: int, clock: Clock) -> None:
    with listening(http()) as control:
        assert gate_jobs.observe(guard_id, Egress(LOOPBACK, control_url=control.url())) == "fail"
        assert len(control.visits) == 1


def test_while_another_guard_gets_through_the_control_address_is_left_alone(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
        gate_jobs.observe(guard_id, Egress())
    with listening(http()) as control:
        assert gate_jobs.observe(guard_id, Egress(LOOPBACK, control_url=control.url())) == "fail"
        assert control.visits == []


def test_a_control_address_that_is_not_allowed_excuses_nothing(guard_id: int, clock: Clock) -> None:
    assert gate_jobs.observe(guard_id, Egress(LOOPBACK, control_url="http://169.254.169.254/")) == "fail"


def test_without_a_control_address_silence_is_a_failure(guard_id: int, clock: Clock) -> None:
    assert gate_jobs.observe(guard_id, Egress(LOOPBACK)) == "fail"
