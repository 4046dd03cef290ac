"""`attestation`: the artifact has been attested recently enough, with the tests that count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from marshmallow import Schema

from postmortems.guards.config_fields import (
    FULL_NAME,
    PREDICATE,
    choice,
    flag,
    lines,
    or_nothing,
    seconds,
    span,
    text,
)
from postmortems.guards.judgement import (
    SKEW,
    TRUST,
    Evidence,
    EvidenceItem,
    EvidenceNeed,
    Judgement,
    PassTerms,
    Question,
)
from postmortems.guards.kind import Configuration, Kind


class AttestationConfig(Schema):
    predicate = text(
        "What is attested",
        "The name that the pipeline sends with its attestation.",
        PREDICATE,
        required=True,
        example="staging-validated",
    )
    target = text(
        "Seen on",
        "The target on which it must have been seen, by its full name; empty for any.",
        or_nothing(FULL_NAME),
        example="data8/staging",
    )
    ttl_s = seconds(
        "Valid for, in seconds", "An older attestation is stale: 86400 is a day.", 86_400, least=60
    )
    required_tests = lines(
        "Required tests",
        "Tests that must have passed, one per line; * stands for any letters. "
        "Each line must match a test, and every test that it matches must have passed.",
        example=["kernel-*"],
    )
    allow_warned = flag("Warnings are good enough", "Whether the result warned passes too.")
    min_trust = choice(
        "Least trust",
        "How far its sender must be trusted, the least first: self_reported, token, "
        "person, oidc (a signed CI identity), system.",
        "self_reported",
        TRUST,
    )
    issuers = lines(
        "Issuers", "The accounts whose attestations count, one per line. Empty: all.", example=["ci-data8"]
    )


class Attestation(Kind):
    slug = "attestation"
    label = "Attestation"
    passes_when = "an allowed issuer has attested this very artifact, in time, with the required tests"
    by_clock = (
        "If this server's clock runs ahead, an attestation counts for less long and is stale too "
        "soon; if it lags, for longer."
    )
    Config = AttestationConfig
    sample = {"predicate": "staging-validated", "target": "data8/staging", "required_tests": ["kernel-*"]}

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        config = self.filled(config)
        return (EvidenceNeed("attestation", config["predicate"], config["target"], of_artifact=True),)

    def terms(self, config: Configuration, passed: Judgement, question: Question) -> PassTerms | None:
        return PassTerms(passed.valid_until) if passed.valid_until else None

    def depends_on(self, question: Question) -> object:
        return question.artifact

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        where = f" on {config['target']}" if config["target"] else ""
        expected = _expected(config)
        if not (question.artifact.digest or question.artifact.sha):
            return Judgement(
                "fail", "no_artifact", "no artifact was named, so none can be vouched for", None, expected
            )
        about = [seen for seen in evidence if _is_about(seen, config, question)]
        known = [seen for seen in about if not config["issuers"] or seen.issuer in config["issuers"]]
        if not about:
            told = f"nobody has attested {config['predicate']} for this artifact{where}"
            return Judgement("fail", "missing", told, None, expected, question.now)
        if not known:
            seen = about[0]
            told = f"{config['predicate']} comes from {seen.issuer or 'nobody'}, who is not an allowed issuer"
            return Judgement("fail", "wrong_issuer", told, _observed(seen), expected, seen.observed_at)
        trusted = [seen for seen in known if _trust(seen) >= TRUST.index(config["min_trust"])]
        if not trusted:
            trust, least = known[0].trust or "nothing", config["min_trust"]
            told = f"{config['predicate']} is vouched for by {trust}; it takes {least}"
            return Judgement("fail", "not_trusted", told, _observed(known[0]), expected, known[0].observed_at)
        newest = max(trusted, key=lambda seen: seen.observed_at)
        return _judge_newest(newest, config, question, f"{config['predicate']}{where}", expected)


def _judge_newest(
    seen: EvidenceItem, config: Configuration, question: Question, what: str, expected: dict[str, Any]
) -> Judgement:
    def answer(verdict: str, code: str, summary: str) -> Judgement:
        until = seen.observed_at + timedelta(seconds=config["ttl_s"]) if verdict == "pass" else None
        return Judgement(verdict, code, summary, _observed(seen), expected, seen.observed_at, until)

    if seen.result == "warned" and not config["allow_warned"]:
        return answer("fail", "warned", f"{what} ended with warnings, which are not enough here")
    if seen.result not in {"passed", "warned"}:
        return answer("fail", "failed", f"{what} failed for this artifact")
    wrong = _first_wrong_test(seen.data.get("tests"), config["required_tests"])
    if wrong:
        return answer("fail", "test_not_passed", f"{what} does not show that {wrong} passed")
    age = question.now - seen.observed_at
    if age >= timedelta(seconds=config["ttl_s"]):
        return answer(
            "stale",
            "expired",
            f"{what} was attested {span(age)} ago; it counts for {span(config['ttl_s'])}",
        )
    return answer("pass", "attested", f"{what} was attested by {seen.issuer or 'the pipeline'}")


def _trust(seen: EvidenceItem) -> int:
    return TRUST.index(seen.trust) if seen.trust in TRUST else 0


def _is_about(seen: EvidenceItem, config: Configuration, question: Question) -> bool:
    """Whether this is the attestation asked for, about the artifact, and not from the question's future."""
    return (
        seen.kind == "attestation"
        and seen.predicate == config["predicate"]
        and (not config["target"] or seen.target == config["target"])
        and question.artifact.is_same_as(seen.digest, seen.sha)
        and seen.observed_at <= question.now + SKEW
    )


def _first_wrong_test(tests: object, required: list[str]) -> str:
    """The first required pattern that no test matches, or the first test it matches that did not pass."""
    results: Mapping[str, Any] = tests if isinstance(tests, Mapping) else {}
    for pattern in required:
        matched = {name: result for name, result in results.items() if fnmatchcase(name, pattern)}
        if not matched:
            return pattern
        failed = [name for name, result in matched.items() if result != "passed"]
        if failed:
            return failed[0]
    return ""


def _expected(config: Configuration) -> dict[str, Any]:
    wanted = {"predicate": config["predicate"], "target": config["target"], "within_s": config["ttl_s"]}
    wanted |= {"tests": config["required_tests"], "issuers": config["issuers"]}
    return {name: value for name, value in wanted.items() if value}


def _observed(seen: EvidenceItem) -> dict[str, Any]:
    return {
        "result": seen.result,
        "observed_at": seen.observed_at.isoformat(),
        "issuer": seen.issuer,
        "target": seen.target,
    }
