"""Halt: a failure stops what comes next until something later ends it; order of arrival does not matter."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.guards.evidence.find import newest_first
from postmortems.guards.judgement import EvidenceItem, Judgement
from postmortems.guards.kinds.halt import Halt
from tests.artifacts import digest
from tests.guards.asking import NOW, question

KIND = Halt()


def seen(
    kind: str, minutes_ago: float, result: str = "", target: str = "data8/staging", **more: Any
) -> EvidenceItem:
    return EvidenceItem(kind, NOW - timedelta(minutes=minutes_ago), target, result=result, **more)


FAILED = seen("deploy", 60, "failed", digest=digest("0bad"), issuer="ci-data8")
SUCCEEDED = seen("deploy", 30, "succeeded")
ROLLED_BACK = seen("deploy", 20, "rolled_back")
RESOLVED = seen("resolution", 10, issuer="ada")
ROLLBACK, PERSON = {"clear_by": "rollback"}, {"clear_by": "resolution"}
OPENS, OPEN = {"incident_open": True}, seen("incident", 45, "open")
CHECK = {"post_check": "smoke-tested"}


def checked(minutes_ago: float, result: str, predicate: str = "smoke-tested") -> EvidenceItem:
    return seen("attestation", minutes_ago, result, predicate=predicate)


def judged(config: dict[str, Any], *evidence: EvidenceItem, **asked: Any) -> Judgement:
    whole = KIND.configured({"watch_targets": ["data8/staging", "data8/prod"], **config})
    return KIND.judge(whole, newest_first(evidence), question(**asked))


@pytest.mark.parametrize(
    "config, evidence, verdict, code",
    [
        ({}, [], "pass", "calm"),
        ({}, [seen("deploy", 90, "succeeded")], "pass", "calm"),
        ({}, [seen("deploy", 9, "started")], "pass", "calm"),
        ({}, [FAILED], "fail", "deploy_failed"),
        ({}, [FAILED, seen("deploy", 90, "succeeded")], "fail", "deploy_failed"),
        ({}, [FAILED, seen("deploy", 9, "started")], "fail", "deploy_failed"),
        ({}, [FAILED, SUCCEEDED], "pass", "calm"),
        ({}, [FAILED, ROLLED_BACK], "pass", "calm"),
        ({}, [FAILED, RESOLVED], "pass", "calm"),
        # At the same instant, the failure counts.
        ({}, [FAILED, seen("deploy", 60, "succeeded")], "fail", "deploy_failed"),
        ({}, [FAILED, SUCCEEDED, seen("deploy", 5, "failed")], "fail", "deploy_failed"),
        # What helps on one target does not help on another.
        ({}, [FAILED, seen("deploy", 5, "succeeded", "data8/prod")], "fail", "deploy_failed"),
        ({}, [seen("deploy", 5, "failed", "biology/prod")], "pass", "calm"),
        (ROLLBACK, [FAILED, SUCCEEDED], "fail", "deploy_failed"),
        (ROLLBACK, [FAILED, SUCCEEDED, ROLLED_BACK], "pass", "calm"),
        (ROLLBACK, [FAILED, RESOLVED], "pass", "calm"),
        (PERSON, [FAILED, SUCCEEDED, ROLLED_BACK], "fail", "deploy_failed"),
        (PERSON, [FAILED, RESOLVED], "pass", "calm"),
        (PERSON, [RESOLVED, seen("deploy", 5, "failed")], "fail", "deploy_failed"),
        ({"max_age_s": 3600}, [FAILED], "pass", "calm"),
        ({"max_age_s": 3601}, [FAILED], "fail", "deploy_failed"),
        (CHECK, [checked(9, "failed")], "fail", "post_check_failed"),
        # The newest check counts: one that passed later says that all is well again.
        (CHECK, [checked(9, "failed"), checked(5, "passed")], "pass", "calm"),
        (CHECK, [checked(9, "failed", "load-tested")], "pass", "calm"),
        (CHECK, [checked(9, "passed")], "pass", "calm"),
        (CHECK, [checked(90, "failed"), SUCCEEDED], "pass", "calm"),
        ({}, [checked(9, "failed")], "pass", "calm"),
        ({}, [seen("deploy", -1, "failed")], "fail", "deploy_failed"),
        ({}, [OPEN], "pass", "calm"),
        (OPENS, [OPEN], "fail", "incident_open"),
        (OPENS, [seen("incident", 9, "open", "biology/prod")], "pass", "calm"),
        # What a deploy did there does not end it.
        (OPENS, [OPEN, SUCCEEDED, ROLLED_BACK], "fail", "incident_open"),
        (OPENS, [OPEN, RESOLVED], "pass", "calm"),
        (OPENS, [RESOLVED, seen("incident", 5, "open")], "fail", "incident_open"),
        (OPENS | PERSON, [OPEN, RESOLVED], "pass", "calm"),
        (OPENS | {"max_age_s": 2700}, [OPEN], "pass", "calm"),
        (OPENS | {"max_age_s": 2701}, [OPEN], "fail", "incident_open"),
        # A deploy that failed says more.
        (OPENS, [FAILED, OPEN], "fail", "deploy_failed"),
        ({}, [seen("deploy", -3, "failed")], "pass", "calm"),
    ],
)
def test_a_failure_halts_until_something_later_ends_it(
    config: dict[str, Any], evidence: list[EvidenceItem], verdict: str, code: str
) -> None:
    judgement = judged(config, *evidence)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


@pytest.mark.parametrize(
    "change_kind, config, verdict",
    [
        ("feature", {}, "fail"),
        ("security", {}, "fail"),
        ("fix", {}, "not_applicable"),
        ("rollback", {}, "not_applicable"),
        ("fix", {"exempt_change_kinds": ["rollback"]}, "fail"),
        ("security", {"exempt_change_kinds": ["security"]}, "not_applicable"),
    ],
)
def test_the_cure_is_let_pass(change_kind: str, config: dict[str, Any], verdict: str) -> None:
    assert judged(config, FAILED, change_kind=change_kind).verdict == verdict


def test_it_does_not_matter_in_which_order_events_came() -> None:
    for evidence in permutations([FAILED, SUCCEEDED, seen("deploy", 61, "started"), ROLLED_BACK]):
        assert judged({}, *evidence).verdict == "pass"


def test_it_names_the_deploy_that_tripped_it_and_what_to_do() -> None:
    judgement = judged({}, FAILED)

    assert judgement.summary == (
        f"the deploy of {digest('0bad')[:19]}… on data8/staging failed at 2018-01-25 22:30 UTC, "
        "reported by ci-data8: "
        "deploy a fix there, roll it back, or have a person say that it is resolved"
    )
    assert judgement.observed[0]["artifact"] == f"{digest('0bad')[:19]}…"
    assert judgement.next_possible_at is None


def test_of_an_incident_it_says_that_it_is_open_and_neither_which_nor_since_when() -> None:
    judgement = judged(OPENS, OPEN, seen("incident", 46, "open", "data8/prod"))

    assert judgement.summary == (
        "an incident on data8/staging is open (and 1 more) (those you may see: /incidents?service=data8): "
        "write its recovery into the timeline, publish it, or have a person say that it is resolved"
    )
    assert judgement.observed == [
        {"target": "data8/staging", "incident": "open"},
        {"target": "data8/prod", "incident": "open"},
    ]
    assert judgement.checked_at == NOW


def test_one_that_ends_by_itself_says_when() -> None:
    assert judged({"max_age_s": 7200}, FAILED).next_possible_at == NOW + timedelta(hours=1)


def test_without_watched_targets_it_watches_the_one_in_question() -> None:
    failed = seen("deploy", 5, "failed", "data8/prod")

    assert judged({"watch_targets": []}, failed).verdict == "fail"
    assert judged({"watch_targets": []}, FAILED).verdict == "pass"


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"watch_targets": ["staging"]}, "/config/watch_targets/0"),
        ({"watch_targets": ["data8/x"] * 21}, "/config/watch_targets"),
        ({"clear_by": "time"}, "/config/clear_by"),
        ({"post_check": "Smoke Tested"}, "/config/post_check"),
        ({"incident_open": "yes"}, "/config/incident_open"),
        ({"incident_open": 1}, "/config/incident_open"),
        ({"max_age_s": "1d"}, "/config/max_age_s"),
        ({"exempt_change_kinds": ["hotfix"]}, "/config/exempt_change_kinds/0"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert [problem.pointer for problem in told.value.problems] == [pointer]
