"""Guards are passed over once: who may ask, who may grant, what it leaves behind, and what it never does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Refusal
from postmortems.gate.decisions import ask
from postmortems.gate.exemptions import overrides
from postmortems.gate.models import Waiver
from postmortems.gate.verdicts import active_waivers
from postmortems.guards.kinds.registry import KINDS
from postmortems.incidents.models import ActionItem
from tests.artifacts import commit
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BEN, CI, CY, WHY, change, only, request, result_of
from tests.kept_rows import kept
from tests.runtimes import RUNTIME

EVA = Actor("person", "eva", role="admin", user_id=4)
BENS_TOKEN = Actor("token", "ben", role="admin", user_id=2, token_id=8, scopes=frozenset({"admin"}))


@pytest.fixture
def stopped(any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    """A real decision that two soft guards block; the value is its id."""
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    founding.tell(clock.now())
    return kept("stopped", stop)


def stop() -> str:
    only("target-confirmed", "staging-validated")
    return str(decided()["id"])


def decided(**changes: Any) -> dict[str, Any]:
    return ask.ask(request(declared_target="biology/prod", **changes), actor=CI, runtime=RUNTIME)


def fields(*slugs: str, **changes: Any) -> dict[str, Any]:
    return {"guards": list(slugs or ("target-confirmed", "staging-validated")), "reason": WHY} | changes


def requested(decision_id: str, *slugs: str, by: Actor = CI, **changes: Any) -> int:
    with db.transaction():
        return overrides.request(decision_id, fields(*slugs, **changes), actor=by).id


def granted(override_id: int, by: Actor = BEN) -> None:
    with db.transaction():
        overrides.grant(override_id, actor=by)


def verbs() -> list[str]:
    with db.reading():
        return list(session().scalars(select(Event.verb).order_by(Event.id)))


def test_a_token_of_a_pipeline_requests_and_a_person_grants(stopped: str, clock: Clock) -> None:
    number = requested(stopped)

    granted(number)

    with db.reading():
        override = active_waivers.override(number)
        assert (override.state, override.requested_by, override.settled_by) == ("granted", "ada", "ben")
        assert override.expires_at == clock.now() + timedelta(seconds=3600)
        assert active_waivers.overrides_granted(["target-confirmed", "lab-hours"], clock.now()) == {
            "target-confirmed": 1,
            "lab-hours": 0,
        }
    assert {"decision.override_requested", "decision.override_granted", "guard.overridden"} <= set(verbs())


@pytest.mark.parametrize("by", [CI, BENS_TOKEN, Actor.system("test"), ADA, CY, Actor.nobody()])
def test_nobody_grants_but_a_person_with_the_role(stopped: str, by: Actor) -> None:
    number = requested(stopped)
    with pytest.raises((NotAllowed, NotSignedIn)), db.transaction():
        overrides.grant(number, actor=by)
    with db.reading():
        assert active_waivers.override(number).state == "requested"
        assert session().scalars(select(Waiver)).all() == []


def test_nobody_who_may_not_ask_the_gate_requests(stopped: str) -> None:
    narrow = Actor("token", "ada", role="author", user_id=1, token_id=7, scopes=frozenset({"read"}))
    for actor in (narrow, Actor.nobody()):
        with pytest.raises((NotAllowed, NotSignedIn)):
            requested(stopped, by=actor)


@pytest.mark.parametrize(
    "changes, pointer",
    [
        ({"guards": []}, "/guards"),
        ({"guards": None}, "/guards"),
        ({"guards": "all"}, "/guards"),
        ({"guards": ["all"]}, "/guards/0"),
        ({"guards": ["target-confirmed", "lab-hours"]}, "/guards/1"),
        ({"guards": ["target-confirmed", "target-confirmed"]}, "/guards"),
        ({"guards": ["x"] * 51}, "/guards"),
        ({"reason": "because I say so"}, "/reason"),
        ({"reason": "x" + " " * 30}, "/reason"),
        ({"reason": "x" * 2001}, "/reason"),
        ({"expires_s": 59}, "/expires_s"),
        ({"expires_s": 14_401}, "/expires_s"),
        ({"expires_s": "3600"}, "/expires_s"),
        ({"ticket": 5}, "/ticket"),
        ({"approver": "ada"}, "/approver"),
    ],
)
def test_a_wrong_request_is_refused_at_its_place(stopped: str, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        requested(stopped, **changes)
    assert pointer in {problem.pointer for problem in refused.value.problems}


@pytest.mark.parametrize(
    "values, told",
    [({"level": "hard"}, "is hard"), ({"override": "none"}, "not be overridden by anybody")],
)
def test_a_guard_that_nobody_passes_is_not_passed(stopped: str, values: dict[str, Any], told: str) -> None:
    number = requested(stopped, "staging-validated")
    change("staging-validated", **values)

    with pytest.raises(Invalid, match=told):
        requested(stopped, "staging-validated")
    with pytest.raises(Conflict, match=told):
        granted(number)


def test_two_people_are_two_people(stopped: str) -> None:
    change("staging-validated", override="two")
    mine = requested(stopped, by=BEN)

    with pytest.raises(NotAllowed, match="two people"):
        granted(mine, by=BEN)

    granted(mine, by=EVA)


def test_a_job_is_none_of_the_two_people(stopped: str) -> None:
    change("staging-validated", override="two")
    job = Actor("ci", "deploys", role="author", scopes=frozenset({"gate:read"}), bound_target="data8/prod")

    with pytest.raises(Invalid, match="a job is none of them") as refused:
        requested(stopped, by=job)

    assert [problem.pointer for problem in refused.value.problems] == ["/guards/1"]
    assert requested(stopped, "target-confirmed", by=job)


@pytest.mark.parametrize("by", [BEN, BENS_TOKEN])
@pytest.mark.parametrize(
    "eva, told",
    [
        ({"role": "admin"}, "another admin has to grant it"),
        ({"role": "admin", "is_active": False}, ""),
        ({"role": "author"}, ""),
        (None, ""),
    ],
)
def test_who_asks_grants_only_where_there_is_no_other_admin(
    stopped: str, clock: Clock, by: Actor, eva: dict[str, Any] | None, told: str
) -> None:
    with db.transaction():
        session().add(User(name="ben", role="admin", created_at=clock.now()))
        if eva is not None:
            session().add(User(name="eva", created_at=clock.now(), **eva))
    number = requested(stopped, by=by)

    if told:
        with pytest.raises(NotAllowed, match=told):
            granted(number, by=BEN)
        granted(number, by=EVA)
    else:
        granted(number, by=BEN)

    with db.reading():
        assert active_waivers.override(number).is_self_granted is not bool(told)
        event = session().scalars(select(Event).where(Event.verb == "decision.override_granted")).one()
        assert event.data["is_self_granted"] is not bool(told)


def test_an_override_is_settled_once(stopped: str) -> None:
    number = requested(stopped)
    with db.transaction():
        overrides.refuse(number, actor=BEN)
    for settle in (overrides.grant, overrides.refuse):
        with pytest.raises(Conflict, match="ben has refused"), db.transaction():
            settle(number, actor=EVA)
        with pytest.raises(NotFound), db.transaction():
            settle(number + 1, actor=EVA)


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"dry_run": True}, "dry run"),
        ({"artifact": {}}, "no artifact"),
        ({"declared_target": "data8/prod", "change_kind": "feature"}, "nothing to override"),
    ],
)
def test_what_stopped_nothing_or_is_bound_to_nothing_is_not_overridden(
    stopped: str, changes: dict[str, Any], told: str
) -> None:
    if "change_kind" in changes:
        only("target-confirmed")
    answer = ask.ask(request(**{"declared_target": "biology/prod"} | changes), actor=CI, runtime=RUNTIME)
    with pytest.raises(Refusal, match=told):
        requested(answer["id"], "target-confirmed")


def test_each_override_leaves_an_item_in_the_incident_of_its_guard(stopped: str, clock: Clock) -> None:
    number = requested(stopped, ticket="https://tickets.example.org/7")
    granted(number)

    with db.reading():
        override = active_waivers.override(number)
        item = session().scalars(select(ActionItem).order_by(ActionItem.number.desc())).first()
        assert item is not None
        assert override.items == [item.ref]
        assert item.incident.slug == "2018-01-25-accidental-merge"
        assert item.text.startswith(
            "Follow up the override of target-confirmed, staging-validated for data8/prod on 2026-03-02"
        )
        assert (item.owner, item.status, item.due) == (
            "ada",
            "open",
            (clock.now() + timedelta(days=14)).date(),
        )
        assert item.text.endswith(WHY)


def test_granted_the_same_request_is_let_past_once_and_the_guards_own_verdicts_stay(stopped: str) -> None:
    granted(requested(stopped))

    answer = decided()

    assert answer["decision"] == "allow"
    assert answer["single_use"]
    waived = result_of(answer, "target-confirmed")
    assert (waived["verdict"], waived["effective"], waived["reason_code"]) == ("waived", "allow", "override")
    assert waived["waiver"]["verdict"] == "fail"
    assert waived["waiver"]["reason"] == WHY
    assert waived["observed"] is not None
    assert "decision.override_used" in verbs()
    assert decided()["decision"] == "block"


@pytest.mark.parametrize(
    "changes",
    [{"artifact": {"digest": founding.OLD}}, {"artifact": {"digest": founding.NEW, "sha": commit("ab")}}],
)
def test_an_override_serves_no_other_artifact_and_no_other_target(
    stopped: str, changes: dict[str, Any]
) -> None:
    granted(requested(stopped))
    assert decided(**changes)["decision"] == "block"
    assert decided()["decision"] == "allow"


def test_an_override_ends_by_itself(stopped: str, clock: Clock) -> None:
    granted(requested(stopped, expires_s=60))
    clock.advance(seconds=60)
    assert decided()["decision"] == "block"


def test_an_override_of_one_guard_hides_no_other_and_is_not_used_up_by_a_block(stopped: str) -> None:
    granted(requested(stopped, "target-confirmed"))
    for _ in range(2):
        answer = decided()
        assert answer["decision"] == "block"
        assert result_of(answer, "target-confirmed")["verdict"] == "waived"
        assert result_of(answer, "staging-validated")["verdict"] == "fail"


def test_an_override_does_not_pass_a_guard_that_became_hard(stopped: str) -> None:
    granted(requested(stopped))
    change("target-confirmed", level="hard")
    assert decided()["decision"] == "block"


def test_a_dry_run_uses_nothing_up(stopped: str) -> None:
    granted(requested(stopped))
    assert decided(dry_run=True)["decision"] == "allow"
    assert decided()["decision"] == "allow"


def test_an_answer_holds_no_longer_than_what_it_rests_on(stopped: str, clock: Clock) -> None:
    granted(requested(stopped, expires_s=60))
    assert decided()["valid_until"] == (clock.now() + timedelta(seconds=60)).isoformat()


def test_a_blocked_answer_says_who_may_pass_over_what(stopped: str) -> None:
    change("staging-validated", override="two")
    assert decided()["override"] == {
        "allowed": True,
        "roles": ["admin"],
        "guards": ["staging-validated", "target-confirmed"],
        "people": 2,
    }
    change("staging-validated", level="hard")
    answer = decided()
    assert (answer["override"]["allowed"], answer["override"]["guards"]) == (False, ["target-confirmed"])
    spent = [result_of(answer, slug)["override"] for slug in ("staging-validated", "target-confirmed")]
    assert spent == [0, 1]


def test_the_key_of_an_overridden_decision_asks_anew(stopped: str) -> None:
    asked = request(declared_target="biology/prod")
    first = ask.ask(asked, actor=CI, idempotency_key="run-17", runtime=RUNTIME)
    granted(requested(first["id"]))
    assert ask.ask(asked, actor=CI, idempotency_key="run-17", runtime=RUNTIME)["decision"] == "allow"
