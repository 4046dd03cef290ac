"""Sign-offs: enough people, in time, for this artifact on this target; or a policy that is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.guards.evidence.find import newest_first
from postmortems.guards.judgement import Artifact, EvidenceItem, Judgement, Run
from postmortems.guards.kinds.signoff.kind import Signoff
from tests.artifacts import digest
from tests.guards.asking import DIGEST, NOW, question

KIND = Signoff()
LINE = "I have opened the hub"


def signed(name: str, result: str = "approved", minutes_ago: float = 10, **changes: Any) -> EvidenceItem:
    """That person's word about this chart on data8's production."""
    data = {
        "role": changes.pop("role", "admin"),
        "checklist": changes.pop("checklist", []),
        "note": "too late",
    }
    seen = {
        "target": "data8/prod",
        "digest": DIGEST,
        "issuer": name,
        "result": result,
        "data": data,
        **changes,
    }
    return EvidenceItem("signoff", NOW - timedelta(minutes=minutes_ago), **seen)


def judged(config: dict[str, Any], *evidence: EvidenceItem, **asked: Any) -> Judgement:
    return KIND.judge(KIND.configured(config), newest_first(evidence), question(**{"actor": "ada", **asked}))


TWO, LISTED = {"min_approvers": 2}, {"checklist": [LINE]}
BARRED = {"bar_committers": True}
WRITTEN_BY = {"run": Run(committers=("@dan", "eve"))}


@pytest.mark.parametrize(
    "config, evidence, asked, verdict, code",
    [
        ({}, [signed("ben")], {}, "pass", "approved"),
        ({}, [], {}, "pending", "awaiting_approval"),
        ({}, [signed("ben", digest=digest("other"))], {}, "pending", "awaiting_approval"),
        ({}, [signed("ben", target="data8/staging")], {}, "pending", "awaiting_approval"),
        ({}, [signed("ben", minutes_ago=-3)], {}, "pending", "awaiting_approval"),
        (TWO, [signed("ben")], {}, "pending", "awaiting_approval"),
        (TWO, [signed("ben"), signed("ben", minutes_ago=5)], {}, "pending", "awaiting_approval"),
        (TWO, [signed("ben"), signed("dan")], {}, "pass", "approved"),
        # Nobody lets their own deploy through, however they write their name.
        ({}, [signed("ada")], {}, "pending", "awaiting_approval"),
        ({}, [signed("ada")], {"actor": "@Ada"}, "pending", "awaiting_approval"),
        ({"bar_requester": False}, [signed("ada")], {}, "pass", "approved"),
        ({}, [signed("ben")], {"actor": ""}, "fail", "no_requester"),
        ({"bar_requester": False}, [signed("ben")], {"actor": ""}, "pass", "approved"),
        (BARRED, [signed("dan")], WRITTEN_BY, "pending", "awaiting_approval"),
        (BARRED, [signed("ben")], WRITTEN_BY, "pass", "approved"),
        (BARRED, [signed("ben")], {}, "fail", "no_committers"),
        ({"from_roles": ["admin"]}, [signed("ben", role="author")], {}, "pending", "awaiting_approval"),
        ({"from_roles": ["admin", "author"]}, [signed("ben", role="author")], {}, "pass", "approved"),
        ({"from_roles": ["reviewer"]}, [signed("ben", role="reviewer")], {}, "pass", "approved"),
        ({"from_roles": ["author"]}, [signed("ben", role="reviewer")], {}, "pending", "awaiting_approval"),
        ({"people": ["@ben"]}, [signed("ben")], {}, "pass", "approved"),
        ({"people": ["dan"]}, [signed("ben")], {}, "pending", "awaiting_approval"),
        (LISTED, [signed("ben", checklist=[LINE])], {}, "pass", "approved"),
        (LISTED, [signed("ben", checklist=["something else"])], {}, "pending", "awaiting_approval"),
        ({"valid_s": 601}, [signed("ben")], {}, "pass", "approved"),
        ({"valid_s": 600}, [signed("ben")], {}, "stale", "expired"),
        ({"valid_s": 600, **TWO}, [signed("ben"), signed("dan", minutes_ago=1)], {}, "stale", "expired"),
        ({"valid_s": 600, **TWO}, [signed("dan", minutes_ago=1)], {}, "pending", "awaiting_approval"),
        ({}, [signed("ben"), signed("dan", "rejected")], {}, "fail", "rejected"),
        ({}, [signed("ben", "rejected"), signed("ben", minutes_ago=1)], {}, "fail", "rejected"),
        (
            {"reject_is_final": False},
            [signed("ben", "rejected"), signed("ben", minutes_ago=1)],
            {},
            "pass",
            "approved",
        ),
        ({"reject_is_final": False}, [signed("ben", "rejected"), signed("dan")], {}, "fail", "rejected"),
        # Who may not approve may still say that something is wrong.
        ({}, [signed("ben"), signed("ada", "rejected")], {}, "fail", "rejected"),
        ({}, [signed("ben")], {"artifact": Artifact()}, "fail", "no_artifact"),
    ],
)
def test_people_have_to_say_yes(
    config: dict[str, Any], evidence: list[EvidenceItem], asked: dict[str, Any], verdict: str, code: str
) -> None:
    judgement = judged(config, *evidence, **asked)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def test_a_pass_ends_when_one_approval_too_few_is_left() -> None:
    evidence = [signed("ben", minutes_ago=30), signed("dan", minutes_ago=20), signed("eve", minutes_ago=10)]

    assert judged({"valid_s": 3600, **TWO}, *evidence).valid_until == NOW + timedelta(minutes=40)


def test_who_does_not_count_is_said_with_the_reason() -> None:
    judgement = judged({}, signed("ada"))

    assert judgement.observed == {"approved_by": [], "not_counted": {"ada": "asks for this deploy"}}


def test_a_rejection_says_whose_and_why() -> None:
    assert (
        judged({}, signed("ben", "rejected")).summary == "ben rejected it at 2018-01-25 23:20 UTC: too late"
    )


KNOWN = {"mode": "policy", "policy": "deploys", "valid_s": 3600}


def policy(version: int = 2) -> EvidenceItem:
    data = {"version": version, "title": "Deployment policy"}
    return EvidenceItem("policy", NOW - timedelta(days=9), predicate="deploys", data=data)


def acknowledged(
    version: int = 2, minutes_ago: float = 10, name: str = "ada", slug: str = "deploys"
) -> EvidenceItem:
    at = NOW - timedelta(minutes=minutes_ago)
    return EvidenceItem("acknowledgement", at, predicate=slug, issuer=name, data={"version": version})


@pytest.mark.parametrize(
    "config, evidence, asked, verdict, code",
    [
        ({}, [policy(), acknowledged()], {}, "pass", "acknowledged"),
        ({}, [policy(), acknowledged()], {"actor": "@ada"}, "pass", "acknowledged"),
        ({}, [policy()], {}, "pending", "not_acknowledged"),
        ({}, [policy(), acknowledged(name="ben")], {}, "pending", "not_acknowledged"),
        ({}, [policy(), acknowledged(slug="other")], {}, "pending", "not_acknowledged"),
        ({}, [policy(3), acknowledged(2)], {}, "pending", "older_version"),
        ({"policy_version": 2}, [policy(3), acknowledged(2)], {}, "pass", "acknowledged"),
        ({}, [policy(), acknowledged(minutes_ago=60)], {}, "stale", "expired"),
        (
            {},
            [policy(), acknowledged(minutes_ago=60), acknowledged(minutes_ago=1)],
            {},
            "pass",
            "acknowledged",
        ),
        ({}, [acknowledged()], {}, "error", "unknown_policy"),
        ({}, [policy(), acknowledged()], {"actor": ""}, "fail", "no_requester"),
    ],
)
def test_who_asks_has_to_know_the_policy(
    config: dict[str, Any], evidence: list[EvidenceItem], asked: dict[str, Any], verdict: str, code: str
) -> None:
    judgement = judged({**KNOWN, **config}, *evidence, **asked)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"min_approvers": 0}, "/config/min_approvers"),
        ({"min_approvers": "two"}, "/config/min_approvers"),
        ({"from_roles": ["boss"]}, "/config/from_roles/0"),
        ({"mode": "policy"}, "/config/policy"),
        ({"policy": "Deploys!"}, "/config/policy"),
        ({"policy_version": -1}, "/config/policy_version"),
        ({"valid_s": "4h"}, "/config/valid_s"),
        ({"checklist": [""]}, "/config/checklist/0"),
        ({"checklist": ["x"] * 21}, "/config/checklist"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert [problem.pointer for problem in told.value.problems] == [pointer]
