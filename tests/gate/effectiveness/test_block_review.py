"""True and false blocks: by a person's word, by what followed an override, and never by a dry run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from postmortems.gate.decisions import ask
from postmortems.gate.effectiveness import block_review
from postmortems.gate.effectiveness.block_review import Blocks, Deployed, Passed
from postmortems.gate.enforcement import guard_changes
from postmortems.gate.exemptions import overrides
from postmortems.guards import queries as guards
from postmortems.guards.kinds.registry import KINDS
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BEN, CI, CY, NEW, OLD, change, only, request
from tests.runtimes import RUNTIME
from tests.world import World

WHY = "The labs of this week were cancelled, see the mail."


@pytest.fixture
def gate(any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The founding guards; staging answers, and two of them stop what is named wrongly and not attested."""
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    founding.tell(clock.now())
    only("target-confirmed", "staging-validated")


def block(**changes: Any) -> str:
    """A real decision that blocks; its id."""
    answer = ask.ask(request(declared_target="biology/prod", **changes), actor=CI, runtime=RUNTIME)
    assert answer["decision"] == "block"
    return str(answer["id"])


def said(decision_id: str, is_real: bool, *slugs: str, by: Actor = ADA) -> None:
    with db.transaction():
        block_review.confirm(decision_id, is_real, slugs, actor=by)


def counted(slug: str = "target-confirmed") -> Blocks:
    with db.reading():
        return block_review.of_guard(guards.by_slug(slug))


def passed_over(decision_id: str) -> str:
    """An override granted and used: the decision that it served."""
    fields = {"guards": ["target-confirmed", "staging-validated"], "reason": WHY}
    with db.transaction():
        override = overrides.request(decision_id, fields, actor=CI)
        number = override.id
    with db.transaction():
        overrides.grant(number, actor=BEN)
    answer = ask.ask(request(declared_target="biology/prod"), actor=CI, runtime=RUNTIME)
    assert answer["decision"] == "allow"
    return str(answer["id"])


def deployed(decision_id: str, outcome: str) -> None:
    event = {"service": "data8", "target": "prod", "artifact": {"digest": NEW}, "outcome": outcome}
    with db.transaction():
        guard_changes.record_deploy(event | {"decision_id": decision_id}, actor=ADA)


def test_a_block_is_undecided_until_a_person_has_spoken(gate: None) -> None:
    block()

    assert counted() == Blocks(1, 0, 0)
    assert (counted().undecided, counted().precision) == (1, None)


def test_one_word_counts_for_every_guard_that_stopped_it_and_is_in_the_log(gate: None) -> None:
    decision_id = block()

    said(decision_id, True)

    assert counted() == counted("staging-validated") == Blocks(1, 1, 0)
    assert counted().precision == 1.0
    with db.reading():
        event = next(one for one in audit.of("decision", decision_id) if one.verb == "decision.confirmed")
    assert (event.actor, event.data["is_real"]) == ("ada", True)
    assert set(event.data["guards"]) == {"target-confirmed", "staging-validated"}


def test_a_word_may_be_about_one_guard_alone(gate: None) -> None:
    said(block(), False, "staging-validated")

    assert counted("staging-validated") == Blocks(1, 0, 1)
    assert counted() == Blocks(1, 0, 0)


def test_the_last_word_counts(gate: None) -> None:
    decision_id = block()
    said(decision_id, True)

    said(decision_id, False, by=BEN)

    assert counted() == Blocks(1, 0, 1)


def test_precision_is_true_blocks_among_those_that_are_known(gate: None) -> None:
    for is_real in (True, True, True, False, None):
        decision_id = block(artifact={"digest": OLD})
        if is_real is not None:
            said(decision_id, is_real)

    assert counted() == Blocks(5, 3, 1)
    assert counted().precision == 0.75


def test_overridden_at_once_and_healthy_for_an_hour_it_was_a_false_block(gate: None, clock: Clock) -> None:
    deployed(passed_over(block()), "succeeded")
    assert counted() == Blocks(1, 0, 0)

    clock.advance(hours=1)

    assert counted() == Blocks(1, 0, 1)


@pytest.mark.parametrize("outcome", ["failed", "rolled_back"])
def test_what_went_wrong_after_an_override_was_no_false_block(gate: None, clock: Clock, outcome: str) -> None:
    used = passed_over(block())
    deployed(used, "succeeded")
    clock.advance(minutes=30)
    deployed(used, outcome)
    clock.advance(hours=2)

    assert counted() == Blocks(1, 0, 0)


def test_a_real_problem_that_was_passed_over_was_not_prevented(gate: None, clock: Clock) -> None:
    decision_id = block()
    deployed(passed_over(decision_id), "succeeded")
    clock.advance(hours=2)

    said(decision_id, True)

    assert counted() == Blocks(1, 0, 0)


START = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


def passed(granted_after_min: int = 10, is_real: bool | None = None) -> Passed:
    return Passed(
        "lab-hours", "dec_1", START, START + timedelta(minutes=granted_after_min), is_real, "data8/prod", NEW
    )


def later(minutes: int, outcome: str, target: str = "data8/prod", artifact: str = NEW) -> Deployed:
    return Deployed(target, frozenset({artifact}), outcome, START + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "one, deploys, needless",
    [
        (passed(), [later(20, "succeeded")], True),
        (passed(60), [later(70, "succeeded")], True),
        (passed(), [later(20, "started"), later(30, "succeeded")], True),
        (passed(), [], False),
        (passed(61), [later(70, "succeeded")], False),
        (passed(is_real=True), [later(20, "succeeded")], False),
        (passed(is_real=False), [later(20, "succeeded")], False),
        (passed(), [later(5, "succeeded")], False),
        (passed(), [later(20, "started")], False),
        (passed(), [later(20, "succeeded", target="data8/staging")], False),
        (passed(), [later(20, "succeeded", artifact=OLD)], False),
        (passed(), [later(121, "succeeded")], False),
        (passed(), [later(20, "succeeded"), later(30, "failed")], False),
        (passed(), [later(15, "failed"), later(20, "succeeded")], False),
    ],
)
def test_what_follows_an_override_shows_whether_there_was_need(
    one: Passed, deploys: list[Deployed], needless: bool
) -> None:
    assert block_review.was_needless(one, deploys, START + timedelta(hours=3)) is needless


def test_dry_runs_shadows_and_old_blocks_count_for_nothing(gate: None, clock: Clock) -> None:
    block(dry_run=True)
    assert counted() == Blocks()
    change("staging-validated", level="shadow")
    block()
    assert counted("staging-validated") == Blocks()
    clock.advance(days=91)

    assert counted() == Blocks()


TOKEN = Actor("token", "ben", role="admin", user_id=2, token_id=8, scopes=frozenset({"admin"}))


@pytest.mark.parametrize("by", [CY, CI, TOKEN, Actor.system("test"), Actor.nobody()])
def test_nobody_says_it_but_a_person_who_writes(gate: None, by: Actor) -> None:
    decision_id = block()
    with pytest.raises((NotAllowed, NotSignedIn)):
        said(decision_id, True, by=by)


def test_what_stopped_nothing_is_not_confirmed(gate: None, monkeypatch: pytest.MonkeyPatch) -> None:
    dry = block(dry_run=True)
    change("target-confirmed", config={"confirm": 5}, level="soft")
    change("staging-validated", is_enabled=False)
    monkeypatch.setattr(KINDS["target"], "judge", lambda *_: 1 / 0)
    for decision_id in (dry, block()):
        with pytest.raises(Conflict, match="no guard stopped this"):
            said(decision_id, True)
    with pytest.raises(NotFound):
        said("dec_none", True)


def test_a_guard_that_did_not_stop_it_is_refused_at_its_place(gate: None) -> None:
    with pytest.raises(Invalid) as refused:
        said(block(), True, "target-confirmed", "lab-hours")
    assert [problem.pointer for problem in refused.value.problems] == ["/guards/1"]


def test_many_blocks_are_counted_in_three_queries(gate: None, clock: Clock, count_queries: Any) -> None:
    def counts() -> int:
        with db.reading():
            guard = guards.by_slug("target-confirmed")
            with count_queries() as statements:
                block_review.of_guard(guard)
        return len(statements)

    deployed(passed_over(block()), "succeeded")
    few = counts()
    for _ in range(10):
        said(block(artifact={"digest": OLD}), True)

    assert counts() == few == 3


def test_one_press_on_the_decision_page(world: World, told: str) -> None:
    browser = world.browser("ada")
    decision_id = block()
    page = browser.get(f"/gate/{decision_id}").text
    assert "This stopped a real problem" in page

    done = browser.send(f"/gate/{decision_id}/confirmations", {"is_real": "yes"}, follow_redirects=True)

    assert "a real problem</b>" in done.text
    assert "100 %" in browser.get("/guards/target-confirmed").text
    assert "This stopped a real problem" not in world.browser("cy").get(f"/gate/{decision_id}").text


def test_over_http_a_person_says_it_and_anybody_reads_it(
    world: World, told: str, client: FlaskClient
) -> None:
    decision_id = block()
    path = f"/api/v1/gate/decisions/{decision_id}/confirmations"

    by_token = client.post(path, json={"is_real": True}, headers=world.headers("ben"))
    world.browser("ada").send(f"/gate/{decision_id}/confirmations", {"is_real": "no"})

    assert by_token.status_code == 403
    found = client.get(path, headers=world.headers("cy")).get_json()["confirmations"]
    assert [(one["guard"], one["is_real"], one["by"]) for one in found] == [
        ("staging-validated", False, "ada"),
        ("target-confirmed", False, "ada"),
    ]
    shown = client.get("/api/v1/guards/target-confirmed/blocks", headers=world.headers("cy")).get_json()
    assert (shown["blocks"], shown["false_blocks"], shown["precision"]) == (1, 1, 0.0)
    assert set(shown["definitions"]) == set(shown) - {"definitions"}


@pytest.mark.parametrize(
    "body", [{}, {"is_real": "yes"}, {"is_real": True, "guards": [""]}, {"is_real": None}]
)
def test_bad_words_are_refused(world: World, told: str, client: FlaskClient, body: dict[str, Any]) -> None:
    path = f"/api/v1/gate/decisions/{block()}/confirmations"
    assert client.post(path, json=body, headers=world.headers("ben")).status_code == 422
