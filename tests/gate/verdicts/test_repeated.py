"""Verdicts that say what was said within the hour: told as if each was stored, and stored once."""

from __future__ import annotations

import json
import random
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.gate import purge
from postmortems.gate.decisions import answer as decisions_answer
from postmortems.gate.decisions import ask, store
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.guards import answers, operations, queries, red_guards, trial
from postmortems.guards.evidence.sources import evaluations
from postmortems.guards.judgement import Artifact, EvidenceNeed, Judgement, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evaluation, Guard, LastSaid
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BEN, CI, NEW, OLD, attest, change, request
from tests.runtimes import RUNTIME

SLUGS = ("lab-hours", "target-confirmed", "staging-validated")
STAGING = {"target": "staging", "declared_target": "data8/staging"}
WRONG = {"declared_target": "biology/prod"}


@pytest.fixture
def guarded(any_database: str, clock: Clock) -> None:
    """Two guards over production alone, one over staging too; it passes by the target's name."""
    founding.tell_services()
    with db.transaction():
        for slug in SLUGS:
            targets = ("prod", "staging") if slug == "target-confirmed" else ("prod",)
            founding.add_guard(slug, clock.now(), level="soft", targets=targets)


def asked(**changes: Any) -> dict[str, Any]:
    return ask.ask(request(**changes), actor=CI, runtime=RUNTIME)


def stored(slug: str = "target-confirmed") -> list[str]:
    """What is stored of the guard, the first one first."""
    with db.reading():
        own = select(Evaluation.verdict).where(Evaluation.guard_slug == slug)
        return list(session().scalars(own.order_by(Evaluation.id)))


def told(slug: str = "target-confirmed", limit: int = 50) -> list[Evaluation]:
    """All that the guard said by its list, page after page."""
    found, after = list[Evaluation](), ""
    with db.reading():
        guard = queries.by_slug(slug)
        while True:
            page = queries.evaluations(guard, after, limit)
            found += page.rows
            if not (after := page.after):
                return found


def newest(slug: str = "target-confirmed") -> Evaluation:
    with db.reading():
        guard = queries.by_slug(slug)
        return queries.newest_evaluations([guard.id])[guard.id]


def red() -> set[str]:
    with db.reading():
        return {guard.slug for guard, _ in red_guards.all_red(10)}


def is_red(slug: str = "target-confirmed") -> bool:
    return slug in red()


def plain(verdict: tuple[Any, ...]) -> str:
    """To compare by: PostgreSQL orders the members of JSON its own way."""
    return json.dumps(verdict, sort_keys=True, default=str)


def test_what_guards_said_reads_as_if_each_verdict_was_stored(guarded: None, clock: Clock) -> None:
    said, given = defaultdict[str, list[Any]](list), list[dict[str, Any]]()
    drawn = random.Random(20261130)
    for _ in range(90):
        clock.advance(minutes=drawn.choice((0, 1, 1, 7, 25, 61)))
        if drawn.random() < 0.1:
            attest(clock, drawn.choice((OLD, NEW)))
        if drawn.random() < 0.05:
            change(drawn.choice(SLUGS), level=drawn.choice(("soft", "shadow")))
        changes = drawn.choice(({}, {}, {}, STAGING, WRONG, {"artifact": {"digest": OLD}}))
        given.append(asked(dry_run=drawn.random() < 0.2, **changes))
        for one in given[-1]["guards"]:
            place = given[-1]["id"], "dry_run" if given[-1]["dry_run"] else "decision"
            target, at = given[-1]["target"], clock.now()
            what = tuple(one[name] for name in ("revision", "level", "verdict", "summary", "observed"))
            said[one["guard"]].append((at, *place, target, *what))

    for slug in SLUGS:
        for limit in (1, 7, 200):
            found = [
                (one.at, one.decision_id, one.purpose, one.target, one.guard_revision, one.level,
                 one.verdict, one.summary, one.observed)
                for one in told(slug, limit)
            ]  # fmt: skip
            assert [one[0] for one in found] == [one[0] for one in reversed(said[slug])]
            assert sorted(map(plain, found)) == sorted(map(plain, said[slug]))
        real = [one for one in said[slug] if one[2] == "decision"]
        assert (newest(slug).at, newest(slug).verdict) == (real[-1][0], real[-1][6])
        with db.reading():
            which = decisions_queries.decisions(decisions_queries.Filters(guard=slug), limit=200)
            assert {one.id for one in which.rows} == {one[1] for one in said[slug]}
        assert len(stored(slug)) < len(said[slug])
    reds = {slug for slug in SLUGS if newest(slug).verdict in red_guards.RED}
    assert red() == reds


def test_a_pass_is_stored_once_an_hour(guarded: None, clock: Clock) -> None:
    for _ in range(5):
        asked()
        clock.advance(minutes=10)
    assert stored() == ["pass"]
    clock.advance(minutes=60)
    asked()
    assert stored() == ["pass", "pass"]
    assert len(told()) == 6


def test_what_stops_a_deploy_is_stored_each_time_and_the_first_pass_after_it(
    guarded: None, clock: Clock
) -> None:
    for changes in ({}, {}, WRONG, WRONG, {}, {}):
        asked(**changes)
        clock.advance(seconds=1)
        assert is_red() == bool(changes)
    assert stored() == ["pass", "fail", "fail", "pass"]


def test_dry_runs_and_real_decisions_say_nothing_of_each_other(guarded: None, clock: Clock) -> None:
    for dry_run in (True, False, True, False):
        asked(dry_run=dry_run)
        clock.advance(seconds=1)
    assert [one.purpose for one in told()] == ["decision", "dry_run"] * 2
    assert len(stored()) == 2


def test_an_edited_guard_says_it_anew(guarded: None, clock: Clock) -> None:
    asked()
    change("target-confirmed", level="hard")
    asked()
    asked()
    assert stored() == ["pass", "pass"]


def test_after_a_test_that_failed_the_next_pass_is_stored(guarded: None, clock: Clock) -> None:
    asked()
    clock.advance(seconds=1)
    trial.run("target-confirmed", {"declared_target": "biology/prod"}, actor=ADA, egress=RUNTIME.egress)
    assert is_red()
    clock.advance(seconds=1)
    asked()
    assert not is_red()
    assert stored() == ["pass", "fail", "pass"]


def test_a_pass_on_another_target_counts_as_the_newest(guarded: None, clock: Clock) -> None:
    for changes, expected in ((STAGING, "pass"), (WRONG, "fail"), (STAGING, "pass"), (WRONG, "fail")):
        asked(**changes)
        assert newest().verdict == expected
        assert is_red() == (expected == "fail")
        clock.advance(seconds=1)
    assert stored() == ["pass", "fail", "fail"]


def test_a_pass_after_a_warning_of_a_decision_that_waited_counts_as_the_newest(
    guarded: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    change("target-confirmed", level="advisory")
    asked()
    clock.advance(seconds=1)
    with monkeypatch.context() as patched:
        somebody = Judgement("pending", "asked", "somebody has still to say")
        patched.setattr(KINDS["window"], "judge", lambda *_: somebody)
        patched.setattr(KINDS["attestation"], "judge", lambda *_: somebody)
        assert asked(**WRONG)["decision"] == "wait"
    assert is_red()
    clock.advance(seconds=1)
    asked()
    assert newest().verdict == "pass"
    assert not is_red()
    assert [one.verdict for one in told()] == ["pass", "fail", "pass"]


def test_a_pass_after_what_another_version_stored_counts_as_the_newest(guarded: None, clock: Clock) -> None:
    asked()
    clock.advance(seconds=1)
    with db.reading():
        known = session().execute(select(LastSaid.__table__)).all()
    asked(**WRONG)
    # The version before stores each verdict, and notes nothing of what it stored.
    with db.transaction():
        session().execute(update(LastSaid).values(said=known[0].said))
    clock.advance(seconds=1)
    asked()
    assert newest().verdict == "pass"
    assert not is_red()


def test_red_guards_are_as_many_as_are_wanted_where_others_have_passed_since(
    guarded: None, clock: Clock
) -> None:
    with db.transaction():
        queries.by_slug("staging-validated").slug = "z-validated"
    asked(**STAGING)
    clock.advance(seconds=1)
    asked(**WRONG)
    clock.advance(seconds=1)
    asked(**STAGING)
    with db.reading():
        assert [guard.slug for guard, _ in red_guards.all_red(1)] == ["z-validated"]


def test_a_guard_with_the_number_of_one_that_is_gone_says_it_anew(guarded: None, clock: Clock) -> None:
    asked()
    with db.reading():
        last = session().scalars(select(Guard.slug).order_by(Guard.id.desc())).first()
    assert last == "staging-validated"
    attest(clock)
    asked()
    assert stored("staging-validated") == ["fail", "pass"]
    for slug in ("staging-validated", "anew"):
        with db.transaction():
            session().execute(delete(Guard).where(Guard.slug == last))
        clock.advance(seconds=1)
        with db.transaction():
            founding.add_guard("staging-validated", clock.now(), level="soft").slug = slug
        # As if nobody had edited it: setting the slug is this test's alone.
        with db.transaction():
            session().execute(update(Guard).where(Guard.slug == slug).values(revision=1))
        clock.advance(seconds=1)
        asked()
        asked()
        assert stored(slug)[-1] == "pass"
        assert len(told(slug)) == 2
        assert newest(slug).verdict == "pass"
        last = slug


def test_decisions_that_asked_another_guard_of_that_name_are_found_and_are_not_its_own(
    guarded: None, clock: Clock
) -> None:
    ids = {asked()["id"] for _ in range(3)}
    with db.transaction():
        operations.delete("lab-hours", actor=BEN)
    clock.advance(seconds=1)
    with db.transaction():
        founding.add_guard("lab-hours", clock.now(), level="soft")
    assert told("lab-hours") == []
    clock.advance(seconds=1)
    ids |= {asked()["id"] for _ in range(2)}
    assert len(told("lab-hours")) == 2
    with db.reading():
        of = decisions_queries.Filters(guard="lab-hours")
        assert {one.id for one in decisions_queries.decisions(of).rows} == ids


@pytest.mark.parametrize("minutes", [-61, -5, 62])
def test_a_decision_whose_id_is_of_another_time_is_stored_whole(
    guarded: None, clock: Clock, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(seconds=(answers.hour_of(clock.now()) - clock.now()).total_seconds() % 3600 + 60)
    asked()
    made = decisions_answer.new_id
    monkeypatch.setattr(decisions_answer, "new_id", lambda now: made(now + timedelta(minutes=minutes)))
    clock.advance(seconds=1)
    asked()
    assert len(told()) == 2


@pytest.mark.parametrize("minutes", [-5, -60, -61, -125])
def test_a_clock_that_is_put_back_loses_no_verdict(guarded: None, clock: Clock, minutes: int) -> None:
    said = list[tuple[datetime, str]]()
    for changes in ({}, {}, WRONG, {}, {}):
        said.append((clock.now(), asked(**changes)["decision"]))
        clock.advance(minutes=40)
    clock.advance(minutes=minutes)
    for changes in ({}, {}, WRONG, {}, {}, {}):
        said.append((clock.now(), asked(**changes)["decision"]))
        clock.advance(minutes=17)
    assert [one.at for one in told()] == sorted((at for at, _ in said), reverse=True)
    assert [one.verdict for one in told()].count("fail") == 2
    for limit in (1, 3):
        assert len({one.decision_id for one in told(limit=limit)}) == len(said)


def test_what_other_guards_ask_for_is_stored_each_time(guarded: None, clock: Clock) -> None:
    asked()
    with db.transaction():
        config = {"source_target": "data8/prod", "require_guards": ["target-confirmed"]}
        at = clock.now()
        session().add(Guard(slug="p", title="p", kind="parity", config=config, created_at=at, edited_at=at))
    asked()
    asked()
    assert stored() == ["pass"] * 3
    assert stored("staging-validated") == ["fail"] * 3


def test_a_guard_that_comes_later_finds_what_was_said_of_an_artifact(guarded: None, clock: Clock) -> None:
    asked(artifact={"digest": OLD})
    clock.advance(seconds=1)
    asked(artifact={"digest": NEW})
    clock.advance(seconds=1)
    asked(artifact={"digest": NEW}, dry_run=True, **WRONG)
    assert stored() == ["pass", "fail"]
    want = EvidenceNeed("evaluation", "target-confirmed", "data8/prod", of_artifact=True, newest=1)
    for digest, known in ((NEW, ["pass"]), (OLD, ["pass"]), ("sha256:" + "00" * 32, [])):
        question = Question(now=clock.now(), target="data8/lab", artifact=Artifact(digest))
        with db.reading():
            found = evaluations.find([want], question)[want]
        assert [one.result for one in found] == known
    before = Question(now=clock.now() - timedelta(minutes=3), target="data8/lab", artifact=Artifact(NEW))
    with db.reading():
        assert evaluations.find([want], before)[want] == []


def test_decisions_are_found_by_a_guard_that_is_gone(guarded: None, clock: Clock) -> None:
    ids = {asked()["id"] for _ in range(3)}
    asked(**STAGING)
    with db.transaction():
        session().execute(delete(Guard).where(Guard.slug == "staging-validated"))
    with db.reading():
        of = decisions_queries.Filters(guard="staging-validated")
        assert {one.id for one in decisions_queries.decisions(of).rows} == ids


@pytest.mark.parametrize("size", [1, 10_000_000])
def test_an_answer_that_is_cut_short_holds_no_verdict_alone(
    guarded: None, clock: Clock, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions_answer, "LARGEST_ANSWER", size)
    monkeypatch.setattr(decisions_answer, "FEW", 0)
    asked()
    asked()
    assert stored() == ["pass"] * (2 if size == 1 else 1)


def test_a_replay_is_stored_whole_for_it_is_of_another_hour(guarded: None, clock: Clock) -> None:
    for _ in range(2):
        asked(dry_run=True, at=founding.AFTER_LABS)
    assert stored() == ["pass", "pass"]
    assert len(told()) == 2


def test_a_decision_that_waits_keeps_what_was_said_before(
    guarded: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    attest(clock)
    somebody = Judgement("pending", "asked", "somebody has still to say")
    monkeypatch.setattr(KINDS["window"], "judge", lambda *_: somebody)
    waits = asked()
    clock.advance(seconds=1)
    again = ask.poll(waits["id"], actor=CI, runtime=RUNTIME)
    assert (waits["decision"], again.decision) == ("wait", "wait")
    assert [(one.decision_id, one.verdict) for one in told()] == [(waits["id"], "pass")] * 2


def test_of_two_that_say_something_else_at_once_neither_is_believed(
    guarded: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked()
    keep = store.decision

    def overtaken(*words: Any) -> str | None:
        found = keep(*words)
        monkeypatch.setattr(store, "decision", keep)
        # As another decision would have it by now: its transaction was quicker.
        db.connection().execute(text("UPDATE last_said SET said = 'else'"))
        return found

    monkeypatch.setattr(store, "decision", overtaken)
    asked(**WRONG)
    with db.reading():
        assert session().scalars(select(LastSaid.said)).all() == [""]
    clock.advance(seconds=1)
    asked()
    asked()
    assert stored() == ["pass", "fail", "pass"]
    assert not is_red()


def test_many_who_ask_at_once_are_all_answered(guarded: None, clock: Clock) -> None:
    given, failures = list[str](), list[BaseException]()
    begin = threading.Barrier(6)

    def many(number: int) -> None:
        try:
            begin.wait(60)
            for turn in range(5):
                changes: dict[str, Any] = WRONG if (number + turn) % 3 == 0 else {}
                given.append(asked(**changes)["decision"])
        except BaseException as broken:
            failures.append(broken)

    threads = [threading.Thread(target=many, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(given) == len(told()) == 30
    assert stored().count("fail") == 10


def test_a_place_in_the_list_that_nobody_gave_is_refused(guarded: None) -> None:
    with db.reading():
        guard = queries.by_slug("lab-hours")
        for nonsense in ("1", "1~2", "x~~1", "1~~x", f"{'9' * 18}~~1", "~~", "-1~~1"):
            with pytest.raises(Invalid):
                queries.evaluations(guard, nonsense)


def test_what_was_said_last_is_forgotten_with_its_day(guarded: None, clock: Clock) -> None:
    asked()
    clock.advance(days=2)
    purge.remove(clock.now(), keep_days=0)
    with db.reading():
        assert session().scalar(select(func.count()).select_from(LastSaid)) == 0


def test_a_decision_that_repeats_writes_one_row_however_many_guards_there_are(
    guarded: None, clock: Clock, count_queries: Callable[[], Any]
) -> None:
    asked(**STAGING)
    with count_queries() as statements:
        asked(**STAGING)
    written = [said for said in statements if said.split(None, 1)[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert [said.split(None, 3)[2] for said in written] == ["decisions"]
    clock.advance(seconds=timedelta(hours=2).total_seconds())
    with count_queries() as statements:
        asked(**STAGING)
    assert len([said for said in statements if said.startswith("INSERT")]) == 2
