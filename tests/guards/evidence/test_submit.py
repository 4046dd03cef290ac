"""Evidence is taken in as it is sent, with who sent it; what cannot be placed is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Invalid, NotAllowed
from postmortems.guards import operations
from postmortems.guards.evidence import refusals
from postmortems.guards.models import Evidence
from tests.artifacts import commit, digest
from tests.conftest import Clock
from tests.guards.conftest import AUTHOR, SYSTEM, VIEWER
from tests.runtimes import VAULT

pytestmark = pytest.mark.usefixtures("data8")

CI = Actor(kind="token", name="ci-data8", role="author", token_id=1, scopes=frozenset({"evidence:write"}))
JOB = replace(CI, kind="ci", bound_target="data8/prod")
ATTESTATION = {
    "predicate": "staging-validated",
    "subject": {"digest": digest("51f1")},
    "service": "data8",
    "target": "staging",
    "result": "passed",
    "tests": {"kernel-starts": "passed"},
}
DEPLOY = {"service": "data8", "target": "prod", "artifact": {"sha": commit("abc")}, "outcome": "succeeded"}


def test_an_attestation_is_kept_with_its_issuer() -> None:
    with db.transaction():
        operations.attest(ATTESTATION, actor=CI)

    with db.reading():
        kept = session().scalars(select(Evidence)).one()
        assert (kept.kind, kept.predicate, kept.subject, kept.result) == (
            "attestation",
            "staging-validated",
            digest("51f1"),
            "passed",
        )
        assert (kept.issuer, kept.trust) == ("ci-data8", "token")
        assert kept.target is not None
        assert kept.target.full_name == "data8/staging"
        assert kept.data["tests"] == {"kernel-starts": "passed"}
        assert audit.of("target", "data8/staging")[0].verb == "evidence.received"


def test_a_deploy_is_kept_with_its_outcome() -> None:
    with db.transaction():
        operations.record_deploy({**DEPLOY, "decision_id": "dec_1"}, actor=CI)

    with db.reading():
        kept = session().scalars(select(Evidence)).one()
        assert (kept.kind, kept.result, kept.sha, kept.decision_id) == (
            "deploy",
            "succeeded",
            commit("abc"),
            "dec_1",
        )


@pytest.mark.parametrize("ahead_s, is_taken", [(-86_400 * 3000, True), (0, True), (120, True), (121, False)])
def test_evidence_may_be_old_but_not_from_the_future(ahead_s: int, is_taken: bool, clock: Clock) -> None:
    observed_at = (clock.now() + timedelta(seconds=ahead_s)).isoformat()
    with db.transaction():
        if is_taken:
            assert operations.attest({**ATTESTATION, "observed_at": observed_at}, actor=CI).id
            return
        with pytest.raises(Invalid) as told:
            operations.attest({**ATTESTATION, "observed_at": observed_at}, actor=CI)
    assert [problem.pointer for problem in told.value.problems] == ["/observed_at"]


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"service": "unknown"}, "/service"),
        ({"service": "DATA8"}, "/service"),
        ({"target": "qa"}, "/target"),
        ({"target": "data8/staging"}, "/target"),
        ({"target": None}, "/target"),
        ({"predicate": "Staging Validated"}, "/predicate"),
        ({"subject": {}}, "/subject"),
        ({"subject": digest("51f1")}, "/subject"),
        ({"subject": {"name": "hub"}}, "/subject/name"),
        ({"result": "PASSED"}, "/result"),
        ({"tests": {"kernel": "perhaps"}}, "/tests/kernel/value"),
        ({"tests": ["kernel"]}, "/tests"),
        ({"observed_at": "yesterday"}, "/observed_at"),
        ({"observed_at": "2018-01-25T15:30:00"}, "/observed_at"),
        ({"issuer": "ci-data8"}, "/issuer"),
    ],
)
def test_a_wrong_attestation_names_the_field(fields: dict[str, Any], pointer: str) -> None:
    with db.transaction(), pytest.raises(Invalid) as told:
        operations.attest({**ATTESTATION, **fields}, actor=CI)

    assert pointer in {problem.pointer for problem in told.value.problems}


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"service": "unknown"}, "/service"),
        ({"target": "qa"}, "/target"),
        ({"artifact": {}}, "/artifact"),
        ({"artifact": None}, "/artifact"),
        ({"outcome": "deployed"}, "/outcome"),
        ({"decision_id": "x" * 41}, "/decision_id"),
    ],
)
def test_a_wrong_deploy_names_the_field(fields: dict[str, Any], pointer: str) -> None:
    with db.transaction(), pytest.raises(Invalid) as told:
        operations.record_deploy({**DEPLOY, **fields}, actor=CI)

    assert {problem.pointer for problem in told.value.problems} == {pointer}


def test_facts_and_a_persons_word_are_kept() -> None:
    place = {"service": "data8", "target": "staging"}
    with db.transaction():
        operations.record_facts({**place, "facts": {"kubernetes": "1.9"}}, actor=CI)
        operations.resolve({**place, "note": "the disk was full"}, actor=AUTHOR)

    with db.reading():
        facts, word = session().scalars(select(Evidence).order_by(Evidence.id)).all()
        assert (facts.kind, facts.trust, facts.data["facts"]) == ("facts", "token", {"kubernetes": "1.9"})
        assert (word.kind, word.issuer, word.trust, word.data) == (
            "resolution",
            "ada",
            "person",
            {"note": "the disk was full"},
        )


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"facts": {}}, "/facts"),
        ({}, "/facts"),
        ({"facts": ["kubernetes"]}, "/facts"),
        ({"facts": {"kubernetes": 1.9}}, "/facts/kubernetes/value"),
        ({"facts": {"": "x"}}, "/facts//key"),
        ({"facts": {f"f{number}": "x" for number in range(101)}}, "/facts"),
        ({"facts": {"kubernetes": "x" * 201}}, "/facts/kubernetes/value"),
        ({"facts": {"a": "b"}, "service": "unknown"}, "/service"),
        ({"facts": {"a": "b"}, "target": "qa"}, "/target"),
    ],
)
def test_wrong_facts_name_the_field(fields: dict[str, Any], pointer: str) -> None:
    with db.transaction(), pytest.raises(Invalid) as told:
        operations.record_facts({"service": "data8", "target": "staging", **fields}, actor=CI)

    assert {problem.pointer for problem in told.value.problems} == {pointer}


def test_a_pipelines_token_cannot_call_a_failure_resolved() -> None:
    with db.transaction(), pytest.raises(NotAllowed, match="scope sign"):
        operations.resolve({"service": "data8", "target": "staging"}, actor=CI)


def test_the_same_event_sent_twice_is_kept_once() -> None:
    with db.transaction():
        first = operations.record_deploy({**DEPLOY, "event_id": "run-1"}, actor=CI).id
        again = operations.record_deploy({**DEPLOY, "event_id": "run-1"}, actor=CI).id
        other = operations.record_deploy({**DEPLOY, "event_id": "run-2"}, actor=CI).id
        theirs = operations.record_deploy({**DEPLOY, "event_id": "run-1"}, actor=SYSTEM).id
        attested = operations.attest({**ATTESTATION, "event_id": "run-1"}, actor=CI).id

    assert first == again
    assert len({first, other, theirs, attested}) == 4


# What looks like an attack: it is refused with the field, and the event stream tells of it.
SUSPICIOUS = [
    ({"observed_at": "2999-01-01T00:00:00Z"}, CI, "/observed_at", "evidence.from_the_future"),
    ({"event_id": "run-1", "outcome": "failed"}, CI, "/event_id", "evidence.id_reused"),
    ({"event_id": "run-1", "artifact": {"sha": commit("def")}}, CI, "/event_id", "evidence.id_reused"),
    ({"event_id": "run-1", "target": "staging"}, CI, "/event_id", "evidence.id_reused"),
    (
        {"target": "staging"},
        JOB,
        "/target",
        "evidence.wrong_target",
    ),
]


@pytest.mark.parametrize("fields, actor, pointer, verb", SUSPICIOUS)
def test_what_looks_forged_is_refused_and_told_of(
    fields: dict[str, Any], actor: Actor, pointer: str, verb: str
) -> None:
    with db.transaction():
        operations.record_deploy({**DEPLOY, "event_id": "run-1"}, actor=CI)

    with pytest.raises(Invalid) as told, refusals.telling(actor):
        operations.record_deploy({**DEPLOY, **fields}, actor=actor)

    assert [problem.pointer for problem in told.value.problems] == [pointer]
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Evidence)) == 1
        assert audit.latest(limit=1)[0].verb == verb


def test_a_signed_ci_identity_is_trusted_more_than_a_token() -> None:
    with db.transaction():
        assert operations.record_deploy(DEPLOY, actor=JOB).trust == "oidc"


def test_only_those_who_may_write_evidence_do() -> None:
    reader = Actor(kind="token", name="ci", role="author", token_id=2, scopes=frozenset({"gate:read"}))
    with db.transaction():
        for actor in (VIEWER, reader):
            with pytest.raises(NotAllowed):
                operations.attest(ATTESTATION, actor=actor)
            with pytest.raises(NotAllowed):
                operations.record_deploy(DEPLOY, actor=actor)


def test_an_attestation_by_somebody_else_is_noted_on_the_guard_that_refuses_it() -> None:
    config = {"predicate": "staging-validated", "issuers": ["ci-data8"]}
    guard = {"slug": "validated", "kind": "attestation", "config": config, "targets": ["data8/prod"]}
    with db.transaction():
        operations.create(guard, actor=SYSTEM, vault=VAULT)
        operations.attest(ATTESTATION, actor=CI)
        operations.attest(ATTESTATION, actor=AUTHOR)

    with db.reading():
        noted = [event for event in audit.of("guard", "validated") if event.verb == "evidence.wrong_issuer"]
        assert [event.actor for event in noted] == ["ada"]
