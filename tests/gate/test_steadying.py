"""What a look by the clock is worth: flapping guards, and a worker that has lost its own network."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from postmortems import db
from postmortems.audit import queries as audit
from postmortems.db import session
from postmortems.egress import Egress
from postmortems.gate import asking, scheduled, steadying
from postmortems.guards.kinds import KINDS
from postmortems.guards.models import Evaluation, Guard
from tests.conftest import Clock
from tests.gate import conftest, founding
from tests.gate.test_asking import only
from tests.loopback import http, listening

LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def guard_id(any_database: str, clock: Clock) -> int:
    """The staging hub's guard, owned by noor."""
    with db.transaction():
        founding.add_services(clock)
        conftest.tell(clock.now())
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

    assert steadying.is_flapping(looks, now) is flaps


def look(guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch, statuses: str) -> list[str]:
    """The verdicts that are kept when the hub answers (p) or not (f), every five minutes."""
    said = []
    for one in statuses:
        clock.advance(minutes=5)
        monkeypatch.setattr(
            KINDS["http"], "observe", lambda *_, one=one: {"status": 200 if one == "p" else 503}
        )
        said.append(scheduled.observe(guard_id, Egress()) or "")
    return said


def test_a_guard_that_flaps_passes_from_the_second_pass_on(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = look(guard_id, clock, monkeypatch, "pfpfpp")

    assert said == ["pass", "fail", "pass", "fail", "inconclusive", "pass"]


def test_its_owner_is_told_once(guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    look(guard_id, clock, monkeypatch, "pfpfpfpf")

    with db.reading():
        told = [one for one in audit.of("guard", "staging-online") if one.verb == "guard.flapping"]
    assert [one.data["tells"] for one in told] == [["noor"]]


def unreachable(guard_id: int) -> dict[str, Any]:
    """What is kept when nothing listens where the guard looks."""
    with db.reading():
        row = session().scalars(select(Evaluation).order_by(Evaluation.id.desc())).first()
        assert row is not None
        return {"verdict": row.verdict, "code": row.reason_code}


def test_without_our_own_network_a_look_says_nothing(guard_id: int, clock: Clock) -> None:
    with listening(b"") as closed:
        nowhere = closed.url()

    assert scheduled.observe(guard_id, Egress(LOOPBACK, control_url=nowhere)) == "inconclusive"
    assert unreachable(guard_id) == {"verdict": "inconclusive", "code": "prober_offline"}


def test_without_our_own_network_a_decision_waits_and_condemns_nobody(guard_id: int, clock: Clock) -> None:
    with listening(b"") as closed:
        egress = Egress(LOOPBACK, control_url=closed.url())
    only("staging-online")

    for _ in range(2):
        answer = asking.ask(founding.request(), actor=founding.CI, egress=egress)
        assert [one["reason_code"] for one in answer["guards"]] == ["prober_offline"]
        assert answer["decision"] == "wait"


def test_of_several_samples_each_is_believed_or_none(guard_id: int, clock: Clock) -> None:
    with listening(b"") as closed:
        egress = Egress(LOOPBACK, control_url=closed.url())
    silent, heard = {"unreachable": "refused"}, {"status": 200}

    doubted = steadying.doubted({"samples": [silent, silent]}, egress, clock.now())

    assert [set(look) for look in doubted["samples"]] == [{"unreachable", "offline"}] * 2
    assert steadying.doubted({"samples": [silent, heard]}, egress, clock.now()) == {
        "samples": [silent, heard]
    }


def test_where_the_control_address_answers_the_hub_is_down(guard_id: int, clock: Clock) -> None:
    with listening(http()) as control:
        assert scheduled.observe(guard_id, Egress(LOOPBACK, control_url=control.url())) == "fail"
        assert len(control.visits) == 1


def test_while_another_guard_gets_through_the_control_address_is_left_alone(
    guard_id: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
        scheduled.observe(guard_id, Egress())
    with listening(http()) as control:
        assert scheduled.observe(guard_id, Egress(LOOPBACK, control_url=control.url())) == "fail"
        assert control.visits == []


def test_a_control_address_that_is_not_allowed_excuses_nothing(guard_id: int, clock: Clock) -> None:
    assert scheduled.observe(guard_id, Egress(LOOPBACK, control_url="http://169.254.169.254/")) == "fail"


def test_without_a_control_address_silence_is_a_failure(guard_id: int, clock: Clock) -> None:
    assert scheduled.observe(guard_id, Egress(LOOPBACK)) == "fail"
