"""Attestations: of this very artifact, by whom it counts, in time, with the tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.guards.judgement import Artifact, EvidenceItem, Judgement
from postmortems.guards.kinds.attestation import Attestation
from tests.artifacts import commit, digest
from tests.guards.asking import DIGEST, NOW, attested, question

KIND = Attestation()


def judged(config: dict[str, Any], *evidence: EvidenceItem, **asked: Any) -> Judgement:
    whole = KIND.configured({"predicate": "staging-validated", "target": "data8/staging", **config})
    return KIND.judge(
        whole, sorted(evidence, key=lambda seen: seen.observed_at, reverse=True), question(**asked)
    )


def ago(**span: float) -> dict[str, Any]:
    return {"observed_at": NOW - timedelta(**span)}


TESTS = {"kernel-starts": "passed", "kernel-runs": "passed", "login": "failed"}


@pytest.mark.parametrize(
    "config, evidence, verdict, code",
    [
        ({}, [attested()], "pass", "attested"),
        ({}, [attested(), attested(**ago(days=2), result="failed")], "pass", "attested"),
        ({"ttl_s": 86400}, [attested(**ago(hours=23, minutes=59))], "pass", "attested"),
        ({"target": ""}, [attested(target="data8/qa")], "pass", "attested"),
        ({"issuers": ["ci-data8"]}, [attested()], "pass", "attested"),
        (
            {"issuers": ["ci-data8"]},
            [attested(), attested(issuer="eve", **ago(seconds=1))],
            "pass",
            "attested",
        ),
        ({"allow_warned": True}, [attested(result="warned")], "pass", "attested"),
        ({"required_tests": ["kernel-*"]}, [attested(data={"tests": TESTS})], "pass", "attested"),
        ({}, [attested(observed_at=NOW + timedelta(seconds=60))], "pass", "attested"),
        ({"min_trust": "token"}, [attested(trust="token")], "pass", "attested"),
        ({"min_trust": "token"}, [attested(trust="oidc")], "pass", "attested"),
        ({"min_trust": "oidc"}, [attested(trust="person")], "fail", "not_trusted"),
        ({"min_trust": "token"}, [attested(trust="self_reported")], "fail", "not_trusted"),
        ({"min_trust": "token"}, [attested(trust="made-up")], "fail", "not_trusted"),
        (
            {"min_trust": "oidc"},
            [attested(trust="oidc"), attested(trust="token", result="failed", **ago(minutes=1))],
            "pass",
            "attested",
        ),
        # The founding incident: nobody had opened the hub.
        ({}, [], "fail", "missing"),
        ({}, [attested(digest=digest("other"))], "fail", "missing"),
        ({}, [attested(target="data8/prod")], "fail", "missing"),
        ({}, [attested(target="biology/staging")], "fail", "missing"),
        ({}, [attested(predicate="load-tested")], "fail", "missing"),
        ({}, [attested(kind="deploy")], "fail", "missing"),
        ({}, [attested(observed_at=NOW + timedelta(seconds=121))], "fail", "missing"),
        ({}, [attested(result="failed")], "fail", "failed"),
        ({}, [attested(result="")], "fail", "failed"),
        ({}, [attested(), attested(result="failed", **ago(minutes=1))], "fail", "failed"),
        ({}, [attested(result="failed", **ago(days=9))], "fail", "failed"),
        ({}, [attested(result="warned")], "fail", "warned"),
        ({"issuers": ["ci-data8"]}, [attested(issuer="eve")], "fail", "wrong_issuer"),
        ({"issuers": ["ci-data8"]}, [attested(issuer="CI-data8")], "fail", "wrong_issuer"),
        ({"issuers": ["ci-data8"]}, [attested(issuer="")], "fail", "wrong_issuer"),
        ({"required_tests": ["kernel-*"]}, [attested()], "fail", "test_not_passed"),
        ({"required_tests": ["kernel-*"]}, [attested(data={"tests": None})], "fail", "test_not_passed"),
        (
            {"required_tests": ["kernel-*"]},
            [attested(data={"tests": ["kernel-1"]})],
            "fail",
            "test_not_passed",
        ),
        ({"required_tests": ["*"]}, [attested(data={"tests": TESTS})], "fail", "test_not_passed"),
        ({"required_tests": ["login"]}, [attested(data={"tests": TESTS})], "fail", "test_not_passed"),
        ({"required_tests": ["a"]}, [attested(data={"tests": {"a": "skipped"}})], "fail", "test_not_passed"),
        ({"ttl_s": 86400}, [attested(**ago(days=1))], "stale", "expired"),
        ({"ttl_s": 60}, [attested()], "stale", "expired"),
    ],
)
def test_the_newest_that_counts_decides(
    config: dict[str, Any], evidence: list[EvidenceItem], verdict: str, code: str
) -> None:
    judgement = judged(config, *evidence)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


@pytest.mark.parametrize(
    "asked, seen, verdict",
    [
        (Artifact(digest=DIGEST), {"digest": DIGEST}, "pass"),
        (Artifact(sha=commit("abc")), {"digest": "", "sha": commit("abc")}, "pass"),
        (Artifact(digest=DIGEST, sha=commit("abc")), {"digest": "", "sha": commit("abc")}, "pass"),
        # The same commit, built again, is another artifact.
        (
            Artifact(digest=DIGEST, sha=commit("abc")),
            {"digest": digest("other"), "sha": commit("abc")},
            "fail",
        ),
        # Two algorithms say nothing of each other: then the commit does.
        (Artifact("sha512:" + "a" * 128, commit("abc")), {"digest": DIGEST, "sha": commit("abc")}, "pass"),
        (Artifact("sha512:" + "a" * 128, commit("abc")), {"digest": DIGEST, "sha": commit("d")}, "fail"),
        (Artifact("sha512:" + "a" * 128), {"digest": DIGEST, "sha": commit("abc")}, "fail"),
        (Artifact(sha=commit("abc")), {"digest": DIGEST, "sha": ""}, "fail"),
        (Artifact(), {"digest": "", "sha": ""}, "fail"),
    ],
)
def test_it_must_be_about_the_artifact_in_question(
    asked: Artifact, seen: dict[str, str], verdict: str
) -> None:
    assert judged({}, attested(**seen), artifact=asked).verdict == verdict


def test_no_artifact_in_question_cannot_be_vouched_for() -> None:
    assert judged({}, attested(), artifact=Artifact()).reason_code == "no_artifact"


def test_a_pass_says_when_it_expires() -> None:
    judgement = judged({"ttl_s": 3600}, attested())

    assert judgement.checked_at == NOW - timedelta(minutes=10)
    assert judgement.valid_until == NOW + timedelta(minutes=50)


def test_a_refusal_says_what_is_missing_where() -> None:
    assert judged({}).summary == "nobody has attested staging-validated for this artifact on data8/staging"


def test_a_stale_one_says_how_old_it_is() -> None:
    judgement = judged({}, attested(**ago(days=3)))

    assert judgement.summary == (
        "staging-validated on data8/staging was attested 3 days ago; it counts for 24 hours"
    )


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({}, "/config/predicate"),
        ({"predicate": ""}, "/config/predicate"),
        ({"predicate": "Staging Validated"}, "/config/predicate"),
        ({"predicate": "a\n"}, "/config/predicate"),
        ({"predicate": "a", "target": "staging"}, "/config/target"),
        ({"predicate": "a", "target": "data8/staging/x"}, "/config/target"),
        ({"predicate": "a", "ttl_s": 0}, "/config/ttl_s"),
        ({"predicate": "a", "ttl_s": "86400"}, "/config/ttl_s"),
        ({"predicate": "a", "ttl_s": 1.5}, "/config/ttl_s"),
        ({"predicate": "a", "required_tests": "kernel-*"}, "/config/required_tests"),
        ({"predicate": "a", "required_tests": ["ok", ""]}, "/config/required_tests/1"),
        ({"predicate": "a", "issuers": [None]}, "/config/issuers/0"),
        ({"predicate": "a", "issuers": ["x"] * 51}, "/config/issuers"),
        ({"predicate": "a", "allow_warned": "perhaps"}, "/config/allow_warned"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert [problem.pointer for problem in told.value.problems] == [pointer]
