"""What the guard page says happens when something is wrong does happen: each fault is made."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.gate.decisions import ask, context, probes
from postmortems.gate.verdicts import decision_table, fail_modes, judge
from postmortems.gate.verdicts.fail_modes import FailMode
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards.judgement import Artifact, EvidenceItem, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Guard
from tests.conftest import Clock
from tests.gate.founding import CI, NEW, attest, change, guards, only, request
from tests.loopback import listening
from tests.runtimes import RUNTIME, with_egress
from tests.world import World

LOOPBACK = ("127.0.0.0/8",)
SHA = "8c" * 20


def value(kind: str, **changes: Any) -> GuardValue:
    """A soft guard of that kind with its sample configuration."""
    config = KINDS[kind].configured(KINDS[kind].sample)
    guard = GuardValue("g", kind, config, "soft", targets=frozenset({"data8/prod"}))
    return replace(guard, **changes)


def mode(guard: GuardValue, wrong: str) -> FailMode:
    return next(one for one in fail_modes.modes(guard) if one.wrong == wrong)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("level, on_error", [("hard", "block"), ("soft", "warn"), ("shadow", "block")])
def test_every_guard_says_what_happens_whatever_is_wrong(kind: str, level: str, on_error: str) -> None:
    said = fail_modes.modes(value(kind, level=level, on_error=on_error))

    assert [one.wrong for one in said] == ["guard", "network", "gate", "clock"]
    assert all(one.happens for one in said)
    assert said[0].effective == decision_table.effective(level, "error", on_error)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_guard_that_raises_does_what_is_said(kind: str, clock: Clock, monkeypatch: Any) -> None:
    guard = value(kind)
    said = mode(guard, "guard")
    monkeypatch.setattr(KINDS[kind], "judge", lambda *_: 1 / 0)

    judged = judge.judge(guard, [], Question(clock.now(), "data8/prod"))

    assert (
        (judged.judgement.verdict, judged.effective) == (said.verdict, said.effective) == ("error", "block")
    )


def aimed(kind: str, url: str, port: int) -> GuardValue:
    """A guard of that kind that looks at a closed port here."""
    changed: dict[str, dict[str, Any]] = {
        "tcp": {"host": "127.0.0.1", "port": port},
        "dns": {"resolver": f"127.0.0.1#{port}"},
        "window": {"ics_url": url},
        "scm_check": {"api_url": url},
    }
    guard = value(kind)
    return replace(guard, config={**guard.config, **changed.get(kind, {"url": url})})


LOOKING = ["http", "prometheus", "tcp", "webhook", "window", "dns", "scm_check"]


@pytest.mark.parametrize("kind", LOOKING)
def test_where_nothing_answers_a_guard_that_looks_says_what_is_said(
    kind: str, clock: Clock, database: str
) -> None:
    with ExitStack() as stack:
        closed = stack.enter_context(listening(b""))
        url, port = closed.url(), closed.port
    guard = aimed(kind, url, port)
    question = Question(clock.now(), "data8/prod", "data8/prod", Artifact(NEW, SHA))

    look = probes.run([guard], question, Allowing())[guard.slug]
    judged = judge.judge(guard, [look.as_evidence(question)], question)

    said = mode(guard, "network")
    assert (judged.judgement.verdict, judged.effective) == (said.verdict, said.effective)
    assert said.verdict in {"fail", "inconclusive", "error"}
    assert said.verdict.replace("_", " ") in said.happens


class Allowing(Egress):
    """Lets everything on loopback be asked, and has every secret."""

    def __init__(self) -> None:
        super().__init__(LOOPBACK, secrets=lambda *_: fail_modes.Dark().secret("", ""))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(LOOKING)))
def test_where_nothing_is_reported_the_others_say_what_is_said(kind: str, clock: Clock) -> None:
    guard = value(kind)
    question = Question(clock.now(), "data8/prod", "data8/prod", Artifact(NEW, SHA))

    judged = judge.judge(guard, [], question)

    said = mode(guard, "network")
    if said.verdict:
        assert (judged.judgement.verdict, judged.effective) == (said.verdict, said.effective)
    else:
        assert "needs no network" in said.happens
        assert judged.judgement.verdict == "pass"


def test_an_address_that_is_not_allowed_is_what_is_said_of_the_guard(story: str, clock: Clock) -> None:
    only("staging-online")
    for on_error in ("block", "warn"):
        change("staging-online", on_error=on_error)
        answer = ask.ask(request(), actor=CI, runtime=with_egress(Egress()))
        with db.reading():
            row = session().scalars(select(Guard).where(Guard.slug == "staging-online")).one()
            said = mode(GuardValue.of(row), "guard")
        assert guards(answer) == {"staging-online": said.verdict}
        assert answer["decision"] == said.effective
        assert ("finding" in said.happens) == (on_error == "warn")


def test_a_hub_that_is_down_is_what_is_said_of_the_network(story: str, clock: Clock) -> None:
    only("staging-online")
    answer = ask.ask(request(), actor=CI, runtime=with_egress(Egress(LOOPBACK)))

    with db.reading():
        row = session().scalars(select(Guard).where(Guard.slug == "staging-online")).one()
        said = mode(GuardValue.of(row), "network")
    assert guards(answer) == {"staging-online": said.verdict} == {"staging-online": "fail"}
    assert answer["decision"] == said.effective == "block"
    assert "30 seconds" in said.happens


def test_a_gate_that_fails_blocks_as_is_said(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the database is away"))

    change("staging-validated", level="shadow")
    only("staging-validated")
    monkeypatch.setattr(context, "read", broken)

    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)

    assert answer["decision"] == mode(value("http", level="shadow"), "gate").effective == "block"
    assert answer["reasons"][0]["reason_code"] == "gate_failed"


def test_a_clock_that_runs_ahead_ends_attestations_too_soon(story: str, clock: Clock) -> None:
    only("staging-validated")
    attest(clock)
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "allow"
    said = mode(value("attestation"), "clock").happens

    clock.advance(days=365)

    assert guards(ask.ask(request(), actor=CI, runtime=RUNTIME)) == {"staging-validated": "stale"}
    assert "stale too soon" in said


def test_a_clock_that_is_wrong_moves_the_windows(clock: Clock) -> None:
    hours = {"tz": "UTC", "starts": "09:00", "ends": "19:00", "rrule": "FREQ=DAILY"}
    config = KINDS["window"].configured(hours)
    guard = value("window", config=config)
    at = clock.now().replace(hour=8, minute=30)

    right, ahead = (
        judge.judge(guard, [], Question(moment, "data8/prod")).judgement.verdict
        for moment in (at, at + timedelta(hours=1))
    )

    assert (right, ahead) == ("pass", "fail")
    assert "moves every window by an hour" in mode(guard, "clock").happens


def test_a_clock_that_lags_hides_failures_from_a_halt(clock: Clock) -> None:
    guard = value("halt", config=KINDS["halt"].configured({"watch_targets": ["data8/prod"]}))
    failed = EvidenceItem("deploy", clock.now(), "data8/prod", digest=NEW, result="failed")

    right, lagging = (
        judge.judge(guard, [failed], Question(moment, "data8/prod")).judgement.verdict
        for moment in (clock.now(), clock.now() - timedelta(minutes=10))
    )

    assert (right, lagging) == ("fail", "pass")
    assert "not seen: it passes" in mode(guard, "clock").happens


def test_a_clock_that_runs_ahead_makes_a_job_late(clock: Clock) -> None:
    guard = value("heartbeat")
    ping = EvidenceItem("ping", clock.now(), result="success")

    right, ahead = (
        judge.judge(guard, [ping], Question(moment, "data8/prod")).judgement.verdict
        for moment in (clock.now(), clock.now() + timedelta(days=30))
    )

    assert (right, ahead) == ("pass", "stale")
    assert "is stale too soon" in mode(guard, "clock").happens


def test_a_guard_that_is_switched_off_says_so() -> None:
    assert [one.happens for one in fail_modes.modes(value("http", is_enabled=False))] == [
        "It is disabled: no decision asks it."
    ]
    assert "unknown" in fail_modes.modes(replace(value("http"), kind="divination"))[0].happens


def test_the_page_and_the_api_say_it(world: World, told: str, client: FlaskClient) -> None:
    shown = client.get("/api/v1/guards/staging-validated/fail-modes", headers=world.headers("cy")).get_json()
    page = world.browser("cy").get("/guards/staging-validated").text

    assert [one["wrong"] for one in shown["fail_modes"]] == ["guard", "network", "gate", "clock"]
    assert "If what it judges cannot be reported here, it says fail, and the deploy is blocked." in page
