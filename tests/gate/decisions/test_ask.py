"""May I deploy? The answer, what is stored of it, and that there always is one."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Egress
from postmortems.errors import Invalid, NotAllowed, NotSignedIn
from postmortems.gate import deploy_request
from postmortems.gate.decisions import ask, queries, store
from postmortems.gate.models import Decision
from postmortems.guards import operations as guard_operations
from postmortems.guards.judgement import Judgement
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Evidence, Guard
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CI, CY, NEW, attest, change, guards, only, request
from tests.runtimes import RUNTIME, VAULT, with_egress

PROBED = {"status": 200}


class NoEgress(Egress):
    """Nothing may go out: a test that looks is wrong."""

    def get(self, url: str, **options: Any) -> Any:
        raise AssertionError(f"{url} was looked at")


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the http kind would see: put `data` or `raises` in."""
    world: dict[str, Any] = {"data": PROBED, "looks": 0}

    def observe(config: Any, question: Any, egress: Egress) -> Any:
        assert not db.is_open()
        world["looks"] += 1
        if "raises" in world:
            raise world["raises"]
        return world["data"]

    monkeypatch.setattr(KINDS["http"], "observe", observe)
    return world


def test_a_deploy_at_the_wrong_time_to_the_wrong_place_is_blocked_with_every_reason(
    story: str, clock: Clock, outside: dict[str, Any]
) -> None:
    asked = request(at=founding.LAB_TIME, dry_run=True, declared_target="biology/prod")
    answer = ask.ask(asked, actor=CI, runtime=with_egress(NoEgress()))

    assert answer["decision"] == "block"
    assert guards(answer) == {
        "lab-hours": "fail",
        "target-confirmed": "fail",
        "staging-validated": "fail",
        "staging-online": "not_applicable",
    }
    assert answer["evaluated_at"] == "2018-01-25T15:30:00-08:00"
    assert outside["looks"] == 0


def test_each_failing_guard_says_why_it_is_there_and_what_to_do(story: str) -> None:
    answer = ask.ask(request(at=founding.LAB_TIME, dry_run=True), actor=CI, runtime=RUNTIME)

    window = next(one for one in answer["guards"] if one["guard"] == "lab-hours")
    assert window["because"][0]["incident"]["slug"] == story
    assert window["because"][0]["action_item"]["id"] == "AI-1"
    assert window["remedy"] == "what helps with lab-hours"
    assert window["next_possible_at"].startswith("2018-01-25T19:00:00") or window["next_possible_at"]
    assert window["effective"] == "block"
    assert window["expected"] is not None
    assert answer["incidents"] == 1


def test_failing_guards_come_first(story: str, clock: Clock, outside: dict[str, Any]) -> None:
    attest(clock)
    clock.advance(hours=5)
    change("target-confirmed", level="advisory")
    answer = ask.ask(request(declared_target="biology/prod"), actor=CI, runtime=RUNTIME)

    effects = [one["effective"] for one in answer["guards"]]
    assert effects == sorted(effects, key=["block", "wait", "allow_with_warnings", "allow"].index)


def test_a_deploy_with_everything_in_order_is_allowed(
    story: str, clock: Clock, outside: dict[str, Any]
) -> None:
    attest(clock)
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)

    assert answer["decision"] == "allow"
    assert set(guards(answer).values()) == {"pass"}
    assert answer["valid_until"] == (clock.now() + timedelta(seconds=600)).isoformat()
    assert outside["looks"] == 1


def test_a_pass_that_is_said_again_tells_the_instant_it_is_asked_at(
    story: str, clock: Clock, outside: dict[str, Any]
) -> None:
    attest(clock)
    answers = []
    for _ in range(3):
        answers.append(ask.ask(request(), actor=CI, runtime=RUNTIME))
        clock.advance(seconds=7)

    told = [{one["guard"]: one for one in answer["guards"]} for answer in answers]
    at = [datetime.fromisoformat(answer["evaluated_at"]) for answer in answers]
    assert [datetime.fromisoformat(one["lab-hours"]["observed"]["now"]) for one in told] == at
    assert [datetime.fromisoformat(one["lab-hours"]["checked_at"]) for one in told] == at
    assert [datetime.fromisoformat(one["target-confirmed"]["checked_at"]) for one in told] == at
    # Not when it was asked, but when it was seen.
    assert len({one["staging-validated"]["checked_at"] for one in told}) == 1


def test_what_a_request_says_is_not_taken_for_what_guards_say(
    story: str, clock: Clock, outside: dict[str, Any]
) -> None:
    attest(clock)
    components = {"guards": '"guards":[]', '"guards":[]': "[]"}
    answer = ask.ask(request(artifact={"digest": NEW, "components": components}), actor=CI, runtime=RUNTIME)

    assert answer["artifact"]["components"] == components
    assert set(guards(answer)) == {"lab-hours", "staging-online", "staging-validated", "target-confirmed"}


def test_an_answer_ends_with_the_evidence_it_rests_on(
    story: str, clock: Clock, outside: dict[str, Any]
) -> None:
    attest(clock)
    clock.advance(hours=7, minutes=55)
    only("staging-validated")
    change(
        "staging-validated",
        config=KINDS["attestation"].configured({"predicate": "staging-validated", "ttl_s": 8 * 3600}),
    )
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)

    assert answer["decision"] == "allow"
    assert answer["valid_until"] == (clock.now() + timedelta(minutes=5)).isoformat()


def test_the_answer_is_stored_exactly_as_it_was_given(
    story: str, clock: Clock, outside: dict[str, Any]
) -> None:
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)
    with db.reading():
        stored = queries.decision(answer["id"])
        evaluations = (
            session().scalars(select(Evaluation).where(Evaluation.decision_id == answer["id"])).all()
        )

    assert stored.answer == answer
    assert (stored.target, stored.artifact, stored.asked_by) == ("data8/prod", NEW, "ada")
    assert {one.guard_slug: one.verdict for one in evaluations} == guards(answer)
    assert {one.purpose for one in evaluations} == {"decision"}


def test_a_dry_run_leaves_no_evaluation_that_counts(story: str, outside: dict[str, Any]) -> None:
    ask.ask(request(dry_run=True), actor=CI, runtime=RUNTIME)
    with db.reading():
        assert set(session().scalars(select(Evaluation.purpose))) == {"dry_run"}


@pytest.mark.parametrize(
    "changes", [{"target": "moon"}, {"service": "moon"}, {"target": "Prod"}, {"target": "data8/prod"}]
)
def test_a_target_nobody_registered_is_blocked_and_kept(story: str, changes: dict[str, Any]) -> None:
    answer = ask.ask(request(**changes), actor=CI, runtime=RUNTIME)
    with db.reading():
        stored = queries.decision(answer["id"])

    assert answer["decision"] == "block"
    assert [reason["reason_code"] for reason in answer["reasons"]] == ["unknown_target"]
    assert answer["guards"] == []
    assert stored.decision == "block"


def test_a_target_that_no_guard_covers_is_allowed_with_a_warning(story: str) -> None:
    answer = ask.ask(request(service="biology", declared_target="biology/prod"), actor=CI, runtime=RUNTIME)

    assert answer["decision"] == "allow_with_warnings"
    assert [reason["reason_code"] for reason in answer["reasons"]] == ["uncovered"]
    assert [warning["reason_code"] for warning in answer["warnings"]] == ["uncovered"]


def test_a_target_whose_guards_are_all_disabled_is_not_covered(story: str) -> None:
    only()
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)
    assert [reason["reason_code"] for reason in answer["reasons"]] == ["uncovered"]


def test_what_was_seen_is_kept_and_used_again_while_it_is_fresh(
    story: str, clock: Clock, outside: dict[str, Any]
) -> None:
    only("staging-online")
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "allow"
    clock.advance(seconds=30)
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "allow"
    assert outside["looks"] == 1

    clock.advance(seconds=1)
    outside["data"] = {"status": 503}
    assert ask.ask(request(), actor=CI, runtime=RUNTIME)["decision"] == "block"
    assert outside["looks"] == 2


@pytest.mark.parametrize(
    "level,on_error,decision",
    [
        ("hard", "block", "block"),
        ("soft", "block", "block"),
        ("soft", "warn", "allow_with_warnings"),
        ("advisory", "block", "allow_with_warnings"),
    ],
)
def test_a_kind_that_fails_to_look_is_an_error_and_never_an_exception(
    story: str, outside: dict[str, Any], level: str, on_error: str, decision: str
) -> None:
    only("staging-online")
    change("staging-online", level=level, on_error=on_error)
    outside["raises"] = ZeroDivisionError("on purpose")
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)

    assert guards(answer) == {"staging-online": "error"}
    assert answer["decision"] == decision
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Evidence)) == 0


def test_a_guard_that_only_watches_is_judged_after_the_answer(
    story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, stored = threading.Event(), threading.Event()

    def look(*_: Any) -> dict[str, Any]:
        # It would wait for ever, if the answer waited for it.
        answered.wait(60)
        return {}

    only("staging-online")
    change("staging-online", level="shadow")
    monkeypatch.setattr(KINDS["http"], "observe", look)
    keep = store.evaluations

    def note(judged: Any, *words: Any, **named: Any) -> None:
        keep(judged, *words, **named)
        if answered.is_set():
            stored.set()

    monkeypatch.setattr(store, "evaluations", note)
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)
    answered.set()

    assert (guards(answer), answer["decision"]) == ({"staging-online": "inconclusive"}, "allow")
    assert answer["guards"][0]["reason_code"] == "judged_later"
    assert stored.wait(60)


def test_a_kind_that_fails_to_judge_hides_no_other_guard(
    story: str, monkeypatch: pytest.MonkeyPatch, outside: dict[str, Any]
) -> None:
    def broken(*_: Any) -> Judgement:
        raise KeyError("on purpose")

    monkeypatch.setattr(KINDS["window"], "judge", broken)
    answer = ask.ask(request(declared_target="x"), actor=CI, runtime=RUNTIME)

    assert guards(answer)["lab-hours"] == "error"
    assert guards(answer)["target-confirmed"] == "fail"
    assert answer["decision"] == "block"


def test_a_guard_of_an_unknown_kind_is_an_error(story: str) -> None:
    only("lab-hours")
    change("lab-hours", kind="crystal-ball")
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)
    assert guards(answer) == {"lab-hours": "error"}
    assert answer["decision"] == "block"


def test_a_guard_that_hangs_is_an_error_when_the_deadline_is_over(
    story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    only("staging-online", "target-confirmed")
    monkeypatch.setattr(ask, "PROBED_WITHIN_S", 0.05)
    released = threading.Event()
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200} if released.wait(60) else {})
    try:
        answer = ask.ask(request(), actor=CI, runtime=RUNTIME)
    finally:
        released.set()

    assert guards(answer) == {"staging-online": "error", "target-confirmed": "pass"}


def test_waiting_ends_in_a_block_when_nobody_answers(story: str, clock: Clock) -> None:
    only("target-confirmed")
    change("target-confirmed", config={"confirm": "typed"})
    asked = request(run={"provider": "ci", "id": "17"})

    first = ask.ask(asked, actor=CI, runtime=RUNTIME)
    clock.advance(seconds=899)
    second = ask.ask(asked, actor=CI, runtime=RUNTIME)
    clock.advance(seconds=1)
    third = ask.ask(asked, actor=CI, runtime=RUNTIME)

    assert [one["decision"] for one in (first, second, third)] == ["wait", "wait", "block"]
    assert first["wait_deadline"] == second["wait_deadline"] == third["wait_deadline"]
    assert third["reasons"][0]["reason_code"] == "wait_deadline_passed"
    assert guards(third) == {"target-confirmed": "pending"}


def test_a_new_run_waits_anew(story: str, clock: Clock) -> None:
    only("target-confirmed")
    change("target-confirmed", config={"confirm": "typed"})
    ask.ask(request(run={"id": "17"}, wait_s=60), actor=CI, runtime=RUNTIME)
    clock.advance(seconds=60)

    assert ask.ask(request(run={"id": "17"}, wait_s=60), actor=CI, runtime=RUNTIME)["decision"] == "block"
    assert ask.ask(request(run={"id": "18"}, wait_s=60), actor=CI, runtime=RUNTIME)["decision"] == "wait"


def test_trouble_with_an_item_keeps_no_pipeline_from_its_answer(
    story: str, monkeypatch: pytest.MonkeyPatch, outside: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(ask.protection_operations, "restate", broken)
    answer = ask.ask(request(), actor=CI, runtime=RUNTIME)
    with db.reading():
        assert queries.decision(answer["id"]).answer == answer
    assert "could not be restated" in caplog.text


@pytest.mark.parametrize("change_kind", ["rollback", "fix"])
def test_a_kind_that_would_block_the_cure_lets_it_pass(
    story: str, monkeypatch: pytest.MonkeyPatch, change_kind: str
) -> None:
    only("lab-hours", "target-confirmed")
    monkeypatch.setattr(KINDS["target"], "applies_to_rollback", False)
    answer = ask.ask(request(declared_target="x", change_kind=change_kind), actor=CI, runtime=RUNTIME)
    assert guards(answer)["target-confirmed"] == "not_applicable"
    answer = ask.ask(request(declared_target="x"), actor=CI, runtime=RUNTIME)
    assert guards(answer)["target-confirmed"] == "fail"


def test_the_same_key_and_body_get_the_same_decision(
    story: str, clock: Clock, outside: dict[str, Any]
) -> None:
    asked = deploy_request.load(request())
    first = ask.ask_once(asked, actor=CI, idempotency_key="run-17", runtime=RUNTIME)
    clock.advance(minutes=5)
    again = ask.ask_once(asked, actor=CI, idempotency_key="run-17", runtime=RUNTIME)

    assert (first.is_replayed, again.is_replayed) == (False, True)
    assert again.body == first.body


def test_the_same_key_with_another_body_is_refused(story: str, outside: dict[str, Any]) -> None:
    ask.ask(request(), actor=CI, idempotency_key="run-17", runtime=RUNTIME)
    with pytest.raises(Invalid, match="another request"):
        ask.ask(request(declared_target="biology/prod"), actor=CI, idempotency_key="run-17", runtime=RUNTIME)


def test_a_key_belongs_to_its_caller(story: str, outside: dict[str, Any]) -> None:
    mine = ask.ask(request(), actor=CI, idempotency_key="run-17", runtime=RUNTIME)
    theirs = ask.ask(request(), actor=CY, idempotency_key="run-17", runtime=RUNTIME)
    assert mine["id"] != theirs["id"]


def test_two_at_once_with_one_key_get_one_decision(any_database: str, clock: Clock) -> None:
    founding.tell(clock.now())
    only("target-confirmed", "lab-hours")
    start = threading.Barrier(6)
    answers: list[dict[str, Any]] = []
    failures: list[Exception] = []

    def one() -> None:
        start.wait()
        try:
            answers.append(ask.ask(request(), actor=CI, idempotency_key="run-17", runtime=RUNTIME))
        except Exception as failed:
            failures.append(failed)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len({answer["id"] for answer in answers}) == 1
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Decision)) == 1


WRONG = [
    ("/service", {"service": ""}),
    ("/service", {"service": None}),
    ("/service", {"service": "x" * 101}),
    ("/target", {"target": 5}),
    ("/declared_target", {"declared_target": ["data8/prod"]}),
    ("/artifact", {"artifact": NEW}),
    ("/artifact/digest", {"artifact": {"digest": 5}}),
    ("/artifact/sha", {"artifact": {"sha": "a" * 65}}),
    ("/artifact/tag", {"artifact": {"tag": "latest"}}),
    ("/artifact/components/image/value", {"artifact": {"components": {"image": 5}}}),
    ("/change_kind", {"change_kind": "hotfix"}),
    ("/resolves/1", {"resolves": ["AI-2", "two"]}),
    ("/resolves/0", {"resolves": ["AI-2\n"]}),
    ("/run/attempt", {"run": {"attempt": 0}}),
    ("/run/id", {"run": {"id": True}}),
    ("/run/colour", {"run": {"colour": "red"}}),
    ("/at", {"at": founding.LAB_TIME}),
    ("/at", {"at": "2018-01-25T15:30:00", "dry_run": True}),
    ("/at", {"at": "tomorrow", "dry_run": True}),
    ("/at", {"at": "0001-01-01T00:00:00+14:00", "dry_run": True}),
    ("/at", {"at": "9999-12-31T23:59:59-14:00", "dry_run": True}),
    ("/at", {"at": 1516923000, "dry_run": True}),
    ("/dry_run", {"dry_run": "yes"}),
    ("/wait_s", {"wait_s": -1}),
    ("/wait_s", {"wait_s": 901}),
    ("/wait_s", {"wait_s": 1.5}),
    ("/guards", {"guards": []}),
]


@pytest.mark.parametrize("pointer,changes", WRONG)
def test_a_wrong_request_is_refused_at_the_wrong_place(
    services: None, pointer: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        ask.ask(request(**changes), actor=CI, runtime=RUNTIME)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Decision)) == 0


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(services: None, key: str) -> None:
    with pytest.raises(Invalid):
        ask.ask(request(), actor=CI, idempotency_key=key, runtime=RUNTIME)


def test_nobody_and_narrow_tokens_get_no_answer(services: None) -> None:
    with pytest.raises(NotSignedIn):
        ask.ask(request(), actor=Actor.nobody(), runtime=RUNTIME)
    narrow = Actor("token", "ada", role="author", scopes=frozenset({"evidence:write"}))
    with pytest.raises(NotAllowed):
        ask.ask(request(), actor=narrow, runtime=RUNTIME)
    assert ask.ask(request(), actor=CY, runtime=RUNTIME)["decision"] == "allow_with_warnings"


def test_the_number_of_queries_does_not_grow_with_the_guards(story: str, clock: Clock) -> None:
    counts = []
    for total in (10, 200):
        with db.transaction():
            present = session().scalar(select(func.count()).select_from(Guard)) or 0
            for number in range(present, total):
                copy_of_target_guard(number, clock)
        seen: list[str] = []

        def count(_c: Any, _cursor: Any, statement: str, *_: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(db.engine(), "before_cursor_execute", count)
        try:
            answer = ask.ask(request(dry_run=True, at=founding.LAB_TIME), actor=CI, runtime=RUNTIME)
        finally:
            event.remove(db.engine(), "before_cursor_execute", count)
        assert len(answer["guards"]) == total
        counts.append(len(seen))
    assert counts[0] == counts[1]


def copy_of_target_guard(number: int, clock: Clock) -> None:
    """Another guard over data8/prod."""
    targets = session().scalars(select(Guard).where(Guard.slug == "target-confirmed")).one().targets
    session().add(
        Guard(
            slug=f"copy-{number}",
            kind="target",
            config={},
            created_at=clock.now(),
            edited_at=clock.now(),
            targets=list(targets),
        )
    )
    session().flush()


def test_each_of_two_allow_windows_has_to_be_open(clock: Clock, services: None) -> None:
    """One guard does not open what another keeps shut: their times belong into one calendar."""
    for slug, starts, ends in (("mornings", "08:00", "12:00"), ("evenings", "18:00", "22:00")):
        config = {"mode": "allow", "tz": "UTC", "rrule": "FREQ=DAILY", "starts": starts, "ends": ends}
        with db.transaction():
            fields = {
                "slug": slug,
                "title": slug,
                "kind": "window",
                "config": config,
                "targets": ["data8/prod"],
            }
            guard_operations.create(fields, actor=founding.ADA, vault=VAULT)
    at = clock.now().replace(hour=9).isoformat()

    assert guards(ask.ask(request(at=at, dry_run=True), actor=CI, runtime=with_egress(NoEgress()))) == {
        "mornings": "pass",
        "evenings": "fail",
    }
