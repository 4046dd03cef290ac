"""Test now: look, judge and keep, each in its own beat; a kind's fault is that guard's verdict."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.errors import Invalid, NotAllowed, NotFound, TooMany
from postmortems.guards import operations, trial
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Evidence, Guard
from tests.artifacts import digest
from tests.conftest import Clock
from tests.guards.conftest import AUTHOR, SYSTEM, VIEWER, add_guard
from tests.loopback import Listening, http, listening

pytestmark = pytest.mark.usefixtures("data8")

LOOPBACK = Egress(("127.0.0.0/8",))


def run(slug: str, fields: dict[str, Any] | None = None) -> Evaluation:
    return trial.run(slug, fields or {}, actor=AUTHOR, egress=LOOPBACK)


def watch(place: Listening) -> None:
    with db.transaction():
        add_guard(slug="online", kind="http", config={"url": place.url()})


def test_a_probe_is_made_outside_any_unit_and_what_it_saw_is_kept() -> None:
    with listening(http(b"", "503 Service Unavailable")) as place:
        watch(place)
        verdict = run("online")

    assert (verdict.verdict, verdict.reason_code, verdict.purpose) == ("fail", "wrong_status", "test")
    assert len(place.visits) == 1
    with db.reading():
        seen = session().scalars(select(Evidence)).one()
        assert (seen.kind, seen.data["status"]) == ("observation", 503)
        assert audit.of("guard", "online")[0].data == {"verdict": "fail"}


def test_an_attestation_is_judged_for_the_artifact_that_is_named() -> None:
    config = {"predicate": "staging-validated", "target": "data8/staging"}
    attestation = {
        "predicate": "staging-validated",
        "subject": {"digest": digest("1")},
        "service": "data8",
        "target": "staging",
        "result": "passed",
    }
    with db.transaction():
        add_guard(slug="validated", kind="attestation", config=config)
        operations.attest(attestation, actor=SYSTEM)

    assert run("validated", {"artifact": {"digest": digest("1")}}).verdict == "pass"
    assert run("validated", {"artifact": {"digest": digest("2")}}).reason_code == "missing"
    assert run("validated").reason_code == "no_artifact"


def test_a_kind_that_breaks_is_an_error_and_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    with db.transaction():
        add_guard()
    monkeypatch.setattr(type(KINDS["window"]), "judge", break_down)

    verdict = run("lab-hours")
    assert (verdict.verdict, verdict.reason_code) == ("error", "guard_failed")
    assert "ZeroDivisionError" in verdict.summary


def test_a_look_that_breaks_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("no network card")

    with listening(http()) as place:
        watch(place)
        monkeypatch.setattr(type(KINDS["http"]), "observe", break_down)
        assert run("online").reason_code == "not_observed"


def test_a_kind_that_is_gone_is_an_error() -> None:
    with db.transaction():
        add_guard()
        session().scalars(select(Guard)).one().kind = "abolished"

    assert run("lab-hours").reason_code == "unknown_kind"


def test_a_guard_deleted_while_it_looks_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def vanish(*_: object) -> dict[str, Any]:
        with db.transaction():
            operations.delete("online", actor=SYSTEM)
        return {"status": 200}

    with listening(http()) as place:
        watch(place)
        monkeypatch.setattr(type(KINDS["http"]), "observe", vanish)
        with pytest.raises(NotFound):
            run("online")


def test_too_many_tests_in_a_minute_have_to_wait(clock: Clock) -> None:
    with db.transaction():
        add_guard()
    for _ in range(trial.MOST_A_MINUTE):
        run("lab-hours")

    with pytest.raises(TooMany):
        run("lab-hours")
    with db.transaction():
        add_guard(slug="other-hours", targets=["biology/prod"])
    assert run("other-hours").verdict
    clock.advance(seconds=61)
    assert run("lab-hours").verdict


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"target": "data8/staging"}, "/target"),
        ({"target": "prod"}, "/target"),
        ({"artifact": digest("1")}, "/artifact"),
        ({"change_kind": "party"}, "/change_kind"),
        ({"at": "2018-01-25"}, "/at"),
    ],
)
def test_a_wrong_question_names_the_field(fields: dict[str, Any], pointer: str) -> None:
    with db.transaction():
        add_guard()
    with pytest.raises(Invalid) as told:
        run("lab-hours", fields)

    assert {problem.pointer for problem in told.value.problems} == {pointer}


def test_a_viewer_may_not_make_the_server_look() -> None:
    with listening(http()) as place:
        watch(place)
        with pytest.raises(NotAllowed):
            trial.run("online", {}, actor=VIEWER, egress=LOOPBACK)

    assert place.visits == []
