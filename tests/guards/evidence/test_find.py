"""Evidence: narrowed to what a guard wants, newest first, for many guards in one query."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.guards import operations, queries
from postmortems.guards.judgement import Artifact, EvidenceNeed, Question
from tests.artifacts import commit, digest
from tests.conftest import Clock
from tests.guards.conftest import SYSTEM, add_guard
from tests.runtimes import VAULT

pytestmark = pytest.mark.usefixtures("data8")


def question(now: datetime, **changes: Any) -> Question:
    return Question(
        **({"now": now, "target": "data8/prod", "artifact": Artifact(digest=digest("1"))} | changes)
    )


def attest(clock: Clock, ago_s: int = 0, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "predicate": "staging-validated",
        "subject": {"digest": digest("1")},
        "service": "data8",
        "target": "staging",
        "result": "passed",
        "observed_at": (clock.now() - timedelta(seconds=ago_s)).isoformat(),
    }
    operations.attest({**fields, **changes}, actor=SYSTEM)


def test_evidence_is_narrowed_to_what_is_wanted(clock: Clock) -> None:
    with db.transaction():
        attest(clock, 60)
        attest(clock, 30, result="failed")
        attest(clock, predicate="load-tested")
        attest(clock, target="prod")
        attest(clock, service="biology")
        attest(clock, subject={"digest": digest("2")})
        attest(clock, subject={"sha": commit("abc")})

    wanted = EvidenceNeed("attestation", "staging-validated", "data8/staging", of_artifact=True)
    with db.reading():
        found = queries.evidence([wanted], question(clock.now()))
        assert [seen.result for seen in found] == ["failed", "passed"]
        assert {seen.target for seen in found} == {"data8/staging"}

        by_sha = question(clock.now(), artifact=Artifact(sha=commit("abc")))
        assert len(queries.evidence([wanted], by_sha)) == 1
        nothing = question(clock.now(), artifact=Artifact())
        assert queries.evidence([wanted], nothing) == []
        anywhere = EvidenceNeed("attestation", "staging-validated", of_artifact=True)
        assert len(queries.evidence([anywhere], question(clock.now()))) == 4


def test_evidence_from_after_the_moment_in_question_is_left_out(clock: Clock) -> None:
    with db.transaction():
        attest(clock)

    wanted = EvidenceNeed("attestation", "staging-validated", of_artifact=True)
    with db.reading():
        assert queries.evidence([wanted], question(clock.now() - timedelta(seconds=121))) == []
        assert len(queries.evidence([wanted], question(clock.now() - timedelta(seconds=119)))) == 1


def test_many_guards_are_served_by_two_queries_and_each_gets_its_own(
    clock: Clock, count_queries: Any
) -> None:
    with db.transaction():
        attest(clock)
        attest(clock, predicate="load-tested", result="failed")
        ids = [add_guard(slug=f"guard-{number}").id for number in range(60)]
        operations.record_observation(ids[2], {"status": 503}, clock.now())

    wants = {guard_id: [EvidenceNeed("observation")] for guard_id in ids}
    wants[ids[0]] = [EvidenceNeed("attestation", "staging-validated", of_artifact=True)]
    wants[ids[1]] = [EvidenceNeed("attestation", "load-tested", of_artifact=True)]
    with db.reading(), count_queries() as statements:
        found = queries.evidence_for(queries.EvidencePlan.of(wants), question(clock.now()))
    assert len([text for text in statements if text.startswith("SELECT")]) == 2
    assert [seen.result for seen in found[ids[0]]] == ["passed"]
    assert [seen.result for seen in found[ids[1]]] == ["failed"]
    assert found[ids[2]][0].data == {"status": 503}
    assert found[ids[3]] == []


def test_a_guard_may_want_several_things_and_many_guards_cost_no_more(
    clock: Clock, count_queries: Any
) -> None:
    def deploy(target: str, outcome: str, ago_s: int) -> None:
        at = (clock.now() - timedelta(seconds=ago_s)).isoformat()
        fields = {
            "service": "data8",
            "target": target,
            "artifact": {"sha": commit("abc")},
            "outcome": outcome,
        }
        operations.record_deploy({**fields, "observed_at": at}, actor=SYSTEM)

    with db.transaction():
        attest(clock, 30)
        deploy("staging", "failed", 40)
        deploy("staging", "succeeded", 20)
        deploy("prod", "started", 10)

    failed = EvidenceNeed("deploy", target="data8/staging", result="failed", newest=1)
    both = [
        EvidenceNeed("deploy", target="data8/prod"),
        failed,
        EvidenceNeed("attestation", of_artifact=True),
    ]
    wants = {
        number: both if number % 2 else [EvidenceNeed("deploy", target="data8/staging")]
        for number in range(9)
    }
    with db.reading(), count_queries() as statements:
        found = queries.evidence_for(queries.EvidencePlan.of(wants), question(clock.now()))
    assert len([text for text in statements if text.startswith("SELECT")]) == 2
    assert [(seen.kind, seen.result) for seen in found[1]] == [
        ("deploy", "started"),
        ("attestation", "passed"),
        ("deploy", "failed"),
    ]
    assert [seen.result for seen in found[2]] == ["succeeded", "failed"]


def test_what_is_of_the_same_instant_stands_in_the_order_of_kinds(clock: Clock) -> None:
    with db.transaction():
        attest(clock, 0)
        ids = [add_guard(slug=f"guard-{number}").id for number in range(2)]
        for guard_id in ids:
            operations.record_observation(guard_id, {"status": 200}, clock.now())

    both = [EvidenceNeed("observation"), EvidenceNeed("attestation", of_artifact=True)]
    plan = queries.EvidencePlan.of({ids[0]: both, ids[1]: both[::-1]})
    with db.reading():
        found = queries.evidence_for(plan, question(clock.now()))
    assert [[seen.kind for seen in found[one]] for one in ids] == 2 * [["attestation", "observation"]]


def test_more_guards_than_one_statement_holds_are_served_too(clock: Clock) -> None:
    with db.transaction():
        attest(clock)

    wanted = [EvidenceNeed("attestation", "staging-validated", of_artifact=True)]
    wants = dict.fromkeys(range(450), wanted)
    with db.reading():
        found = queries.evidence_for(queries.EvidencePlan.of(wants), question(clock.now()))
    assert all(len(seen) == 1 for seen in found.values())


def test_what_was_seen_before_an_edit_is_looked_at_again(clock: Clock) -> None:
    with db.transaction():
        guard = add_guard()
        operations.record_observation(guard.id, {"status": 200}, clock.now())
    with db.reading():
        assert len(queries.evidence([EvidenceNeed("observation")], question(clock.now()), guard.id)) == 1

    clock.advance(seconds=5)
    with db.transaction():
        operations.edit("lab-hours", {"title": "Other"}, 1, actor=SYSTEM, vault=VAULT)
    with db.reading():
        assert queries.evidence([EvidenceNeed("observation")], question(clock.now()), guard.id) == []


@pytest.mark.parametrize("ago_s, count", [(0, 1), (30, 1), (31, 0)])
def test_a_replay_uses_what_was_recorded_at_its_moment(ago_s: int, count: int, clock: Clock) -> None:
    with db.transaction():
        guard = add_guard(max_age_s=30)
        operations.record_observation(guard.id, {"status": 200}, clock.now() - timedelta(seconds=ago_s))

    replay = question(clock.now(), is_replay=True)
    with db.reading():
        assert len(queries.evidence([EvidenceNeed("observation")], replay, guard.id)) == count


def test_the_newest_deploy_of_each_target_is_found(clock: Clock) -> None:
    def deploy(target: str, outcome: str, ago_s: int) -> None:
        at = (clock.now() - timedelta(seconds=ago_s)).isoformat()
        fields = {
            "service": "data8",
            "target": target,
            "artifact": {"sha": commit("abc")},
            "outcome": outcome,
        }
        operations.record_deploy({**fields, "observed_at": at}, actor=SYSTEM)

    with db.transaction():
        deploy("prod", "failed", 10)
        deploy("prod", "succeeded", 100)
        deploy("staging", "started", 5)
        targets = queries.service("data8").targets
        found = queries.deploys([target.id for target in targets])
    assert {seen.target: seen.result for seen in found.values()} == {
        "data8/staging": "started",
        "data8/prod": "failed",
    }


def test_each_sort_of_evidence_is_found_by_an_index_of_its_own(clock: Clock, count_queries: Any) -> None:
    with db.transaction() as current:
        guard = add_guard()
        if current.connection().dialect.name == "postgresql":
            # By rows of other tests, and the room they took, one index may seem as good as another.
            forget = "DELETE FROM pg_statistic WHERE starelid = 'evidence'::regclass"
            for statement in (forget, "TRUNCATE evidence CASCADE"):
                current.connection().exec_driver_sql(statement)
    about = Artifact(digest=digest("1"), sha=commit("abc"))
    wants = {
        guard.id: [EvidenceNeed("observation")],
        0: [
            EvidenceNeed("attestation", "staging-validated", of_artifact=True),
            EvidenceNeed("deploy", target="data8/prod"),
        ],
    }

    with db.reading():
        with count_queries() as statements:
            queries.evidence_for(queries.EvidencePlan.of(wants), question(clock.now(), artifact=about))
            queries.deploys([1])
        plan = " ".join(_plan(text) for text in statements if text.startswith("SELECT"))
    for index in (
        "subject_kind_predicate",
        "sha_kind_predicate",
        "guard_id_observed_at",
        "kind_target_id_observed_at",
    ):
        assert f"ix_evidence_{index}" in plan


def _plan(statement: str) -> str:
    """How the database goes about it; on a table this small only if it may not just read it all."""
    connection = session().connection()
    if connection.dialect.name == "sqlite":
        filled = statement.replace("?", "1")
        return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {filled}").all())
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    filled = re.sub(r"%\(\w+\)s::TIMESTAMP WITH TIME ZONE", "now()", statement)
    filled = re.sub(r"%\(\w+\)s", "'1'", filled)
    return str(connection.exec_driver_sql(f"EXPLAIN {filled}").all())
