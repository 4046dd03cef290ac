"""Waivers and pauses: dated, owned, shown in every answer, and over when they are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotSignedIn
from postmortems.gate.decisions import ask
from postmortems.gate.exemptions import waivers
from postmortems.gate.verdicts import active_waivers
from postmortems.guards.kinds.registry import KINDS
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BEN, CI, CY, change, only, request, result_of
from tests.runtimes import RUNTIME

WHY = "Staging moves to other machines this week."


@pytest.fixture
def looks(any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often somebody looked at staging, which is down."""
    seen: list[int] = []

    def observe(*_: Any) -> dict[str, Any]:
        seen.append(1)
        return {"status": 503}

    monkeypatch.setattr(KINDS["http"], "observe", observe)
    founding.tell(clock.now())
    only("staging-online")
    return seen


def add(clock: Clock, *, by: Actor = BEN, **changes: Any) -> int:
    fields = {"kind": "waiver", "guard": "staging-online", "owner": "@sam", "reason": WHY}
    fields["until"] = (clock.now() + timedelta(days=30)).isoformat()
    if changes.get("kind") == "pause":
        fields["until"] = (clock.now() + timedelta(hours=2)).isoformat()
    with db.transaction():
        return waivers.add(fields | changes, actor=by).id


def verbs() -> list[str]:
    with db.reading():
        return [verb for verb in session().scalars(select(Event.verb).order_by(Event.id)) if "waiver" in verb]


def test_a_waived_guard_is_asked_and_its_verdict_shown(looks: list[int], clock: Clock) -> None:
    add(clock)

    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)

    one = result_of(answer, "staging-online")
    assert (answer["decision"], one["verdict"], len(looks)) == ("allow", "waived", 1)
    assert (one["waiver"]["owner"], one["waiver"]["made_by"], one["waiver"]["verdict"]) == (
        "@sam",
        "ben",
        "fail",
    )
    assert WHY in one["summary"]
    assert not answer["single_use"]
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "allow"


def test_a_guard_that_passes_needs_no_waiver(
    looks: list[int], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    add(clock)
    assert result_of(ask.ask(request(), actor=CI, runtime=RUNTIME), "staging-online")["verdict"] == "pass"


def test_an_ended_waiver_counts_no_longer_and_the_message_names_its_owner(
    looks: list[int], clock: Clock
) -> None:
    add(clock)
    clock.advance(days=30)

    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)

    one = result_of(answer, "staging-online")
    assert (answer["decision"], one["verdict"]) == ("block", "fail")
    assert "(the waiver of @sam ended 2026-04-01 09:00 UTC)" in one["summary"]
    assert one["waiver"]["counts"] is False
    clock.advance(days=31)
    assert result_of(ask.ask(request(), actor=CI, runtime=RUNTIME), "staging-online")["waiver"] is None


def test_answers_warn_in_the_last_fourteen_days(looks: list[int], clock: Clock) -> None:
    add(clock)
    clock.advance(days=15, hours=23)
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["warnings"] == []
    clock.advance(hours=1)
    assert [one["reason_code"] for one in ask.ask(request(), actor=CI, runtime=RUNTIME)["warnings"]] == [
        "waiver_ends"
    ]


def test_a_waiver_is_for_its_target_alone(looks: list[int], clock: Clock) -> None:
    add(clock, target="data8/prod")
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "allow"
    with pytest.raises(Invalid, match="does not cover"):
        add(clock, target="data8/staging")


def test_a_paused_guard_does_not_look(looks: list[int], clock: Clock) -> None:
    number = add(clock, kind="pause")

    one = result_of(ask.ask(request(), actor=CI, runtime=RUNTIME), "staging-online")
    assert (one["verdict"], one["reason_code"], one["waiver"]["verdict"], looks) == (
        "waived",
        "pause",
        None,
        [],
    )
    with db.transaction():
        waivers.end(number, actor=BEN)
        waivers.end(number, actor=BEN)
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "block"


def test_where_probes_are_paused_nobody_looks_and_the_deploy_waits(looks: list[int], clock: Clock) -> None:
    until = (clock.now() + timedelta(hours=2)).isoformat()
    add(clock, kind="probe_pause", guard="", target="data8/prod", until=until)

    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)

    one = result_of(answer, "staging-online")
    assert (answer["decision"], one["verdict"], one["reason_code"]) == (
        "wait",
        "inconclusive",
        "probes_paused",
    )
    assert one["next_possible_at"] == until
    assert looks == []


def test_a_hard_guard_is_never_waived(looks: list[int], clock: Clock) -> None:
    add(clock)
    change("staging-online", level="hard")
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "block"
    with pytest.raises(Invalid, match="is hard"):
        add(clock)


def test_owners_are_told_once_before_the_end_and_once_at_it(looks: list[int], clock: Clock) -> None:
    add(clock)
    add(clock, until=(clock.now() + timedelta(days=2)).isoformat())
    counts = []
    for days in (0, 2, 14, 0, 14, 0):
        clock.advance(days=days)
        counts.append(waivers.tell_all(clock.now()))
    assert counts == [0, 1, 1, 0, 1, 0]
    assert verbs()[2:] == ["guard.waiver_expired", "guard.waiver_expires", "guard.waiver_expired"]


@pytest.mark.parametrize("by", [ADA, CY, CI, Actor.nobody()])
def test_only_admins_waive(looks: list[int], clock: Clock, by: Actor) -> None:
    with pytest.raises((NotAllowed, NotSignedIn)):
        add(clock, by=by)
    number = add(clock)
    with pytest.raises((NotAllowed, NotSignedIn)), db.transaction():
        waivers.end(number, actor=by)
    with db.reading():
        assert active_waivers.waiver(number).ended_by == ""


@pytest.mark.parametrize(
    "changes, pointer",
    [
        ({"kind": "vacation"}, "/kind"),
        ({"kind": "override"}, "/kind"),
        ({"guard": ""}, "/guard"),
        ({"guard": "nobody"}, "/guard"),
        ({"kind": "probe_pause"}, "/guard"),
        ({"kind": "probe_pause", "guard": ""}, "/target"),
        ({"kind": "probe_pause", "guard": "", "target": "data8/moon"}, "/target"),
        ({"target": "moon"}, "/target"),
        ({"reason": "too short"}, "/reason"),
        ({"until": "2026-04-01"}, "/until"),
        ({"until": "2026-04-01T00:00:00"}, "/until"),
        ({"until": "2026-03-02T09:00:00Z"}, "/until"),
        ({"until": "2027-04-01T00:00:00Z"}, "/until"),
        ({"kind": "pause", "until": "2026-04-02T00:00:00Z"}, "/until"),
        ({"zone": "Mars/Olympus"}, "/zone"),
        ({"owner": "x" * 201}, "/owner"),
        ({"forever": True}, "/forever"),
    ],
)
def test_a_wrong_waiver_is_refused_at_its_place(
    looks: list[int], clock: Clock, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(clock, **changes)
    assert pointer in {problem.pointer for problem in refused.value.problems}


@pytest.mark.parametrize(
    "now, until",
    [
        # The night in which Berlin's clocks go back, and the one in which they go forward.
        ("2026-10-24T18:00:00+02:00", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
        ("2027-03-28T01:00:00+01:00", "2027-03-28T03:00:00+02:00"),
    ],
)
@pytest.mark.parametrize("kind", ["waiver", "pause"])
def test_it_ends_at_its_instant_whatever_the_clocks_do(
    looks: list[int], clock: Clock, kind: str, now: str, until: str
) -> None:
    ends = datetime.fromisoformat(until)
    clock.set(datetime.fromisoformat(now))
    add(clock, kind=kind, until=until, zone="Europe/Berlin")

    clock.set(ends - timedelta(microseconds=1))
    before = ask.ask(request(), actor=CI, runtime=RUNTIME)
    clock.set(ends)
    at_it = ask.ask(request(), actor=CI, runtime=RUNTIME)

    assert (before["decision"], at_it["decision"]) == ("allow", "block")
    assert datetime.fromisoformat(before["valid_until"]) == ends


@pytest.fixture
def dee(looks: list[int], clock: Clock) -> Actor:
    """Another admin beside ben."""
    with db.transaction():
        for one in ("ben", "dee"):
            session().add(User(name=one, role="admin", created_at=clock.now()))
    return Actor("person", "dee", role="admin", user_id=4)


@pytest.mark.parametrize("kind", ["waiver", "pause"])
def test_what_one_admin_makes_counts_when_another_grants_it(
    looks: list[int], dee: Actor, clock: Clock, kind: str
) -> None:
    made = add(clock, kind=kind)
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "block"

    with db.transaction(), pytest.raises(NotAllowed, match="ben made this; another admin"):
        waivers.grant(made, actor=BEN)
    with db.transaction(), pytest.raises(NotAllowed, match="a person who is signed in"):
        waivers.grant(made, actor=replace(dee, kind="token", scopes=frozenset({"admin"})))
    with db.transaction():
        assert waivers.grant(made, actor=dee).granted_by == "dee"

    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "allow"


def test_nobody_waits_for_another_to_pause_probes(looks: list[int], dee: Actor, clock: Clock) -> None:
    until = (clock.now() + timedelta(hours=2)).isoformat()
    made = add(clock, kind="probe_pause", guard="", target="data8/prod", until=until)

    with db.reading():
        assert active_waivers.waiver(made).granted_by == "ben"


def test_what_ended_before_it_was_granted_is_made_anew(looks: list[int], dee: Actor, clock: Clock) -> None:
    made = add(clock)
    with db.transaction():
        waivers.end(made, actor=BEN)

    with db.transaction(), pytest.raises(Conflict, match="it has ended"):
        waivers.grant(made, actor=dee)


def test_who_is_left_alone_as_admin_grants_their_own(looks: list[int], dee: Actor, clock: Clock) -> None:
    made = add(clock)
    with db.transaction():
        session().execute(delete(User).where(User.name == "dee"))

    with db.transaction():
        assert waivers.grant(made, actor=BEN).granted_by == "ben"


@pytest.mark.parametrize(
    "override, told", [("two", "needs two people"), ("none", "not be overridden by anybody")]
)
def test_what_takes_two_or_nobody_to_pass_is_not_waived_by_one(
    looks: list[int], clock: Clock, override: str, told: str
) -> None:
    change("staging-online", override=override)

    def alone() -> None:
        made = add(clock)
        with db.transaction():
            waivers.grant(made, actor=BEN)

    with pytest.raises((Invalid, NotAllowed), match=told):
        alone()
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "block"
