"""Parity: the newest deploy on the source target decides, with its components, its age and its neighbours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.guards.evidence.find import newest_first
from postmortems.guards.judgement import Artifact, EvidenceItem, Judgement
from postmortems.guards.kinds.parity.kind import Parity
from tests.artifacts import commit, digest
from tests.guards.asking import DIGEST, NOW, question

KIND = Parity()
MINE = {"digest": DIGEST}
OTHER = {"digest": digest("other")}


def deployed(minutes_ago: float, result: str = "succeeded", **changes: Any) -> EvidenceItem:
    """A deploy of this chart on staging."""
    seen = {"target": "data8/staging", "result": result, "issuer": "ci-data8", **MINE, **changes}
    return EvidenceItem("deploy", NOW - timedelta(minutes=minutes_ago), **seen)


def said(verdict: str, slug: str = "staging-online", **changes: Any) -> EvidenceItem:
    at = NOW - timedelta(minutes=90)
    return EvidenceItem("evaluation", at, "data8/staging", slug, result=verdict, **{**MINE, **changes})


def facts(target: str, minutes_ago: float = 5, **values: str) -> EvidenceItem:
    return EvidenceItem("facts", NOW - timedelta(minutes=minutes_ago), target, data={"facts": values})


def judged(config: dict[str, Any], *evidence: EvidenceItem, **asked: Any) -> Judgement:
    whole = KIND.configured({"source_target": "data8/staging", **config})
    return KIND.judge(whole, newest_first(evidence), question(**asked))


SOAK = {"min_soak_s": 3600}
GUARDED = {"require_guards": ["staging-online"]}
FACTS = {"facts": ["kubernetes"]}


@pytest.mark.parametrize(
    "config, evidence, verdict, code",
    [
        ({}, [deployed(90)], "pass", "runs_there"),
        ({}, [deployed(90), deployed(100, **OTHER), deployed(110, "failed")], "pass", "runs_there"),
        ({}, [deployed(90), deployed(95, "started")], "pass", "runs_there"),
        # What came late is placed by when it happened.
        ({}, [deployed(95, "started"), deployed(90)], "pass", "runs_there"),
        ({}, [], "fail", "never_deployed"),
        ({}, [deployed(90, target="data8/qa")], "fail", "never_deployed"),
        ({}, [deployed(90, **OTHER)], "fail", "never_deployed"),
        # The newest counts, not the best.
        ({}, [deployed(90), deployed(80, **OTHER)], "fail", "moved_on"),
        ({}, [deployed(90), deployed(80, "failed", **OTHER)], "fail", "moved_on"),
        ({}, [deployed(90), deployed(80, "started", **OTHER)], "fail", "moved_on"),
        ({}, [deployed(90), deployed(80, "failed")], "fail", "failed"),
        ({}, [deployed(90), deployed(80, "rolled_back")], "fail", "rolled_back"),
        ({}, [deployed(90), deployed(80, "")], "fail", "failed"),
        ({}, [deployed(90), deployed(1, "started")], "pending", "in_progress"),
        # Somebody's clock is ahead: two minutes are taken as now, more is not seen.
        ({}, [deployed(90), deployed(-1, "failed")], "fail", "failed"),
        ({}, [deployed(90), deployed(-3, "failed")], "pass", "runs_there"),
        ({"max_age_s": 3600}, [deployed(61)], "stale", "expired"),
        ({"max_age_s": 3600}, [deployed(59)], "pass", "runs_there"),
        (SOAK, [deployed(61)], "pass", "runs_there"),
        (SOAK, [deployed(59)], "pending", "soaking"),
        # Deployed again, it goes on soaking; a failure between begins anew.
        (SOAK, [deployed(90), deployed(10)], "pass", "runs_there"),
        (SOAK, [deployed(90), deployed(11, "started"), deployed(10)], "pass", "runs_there"),
        (SOAK, [deployed(90), deployed(20, "failed"), deployed(10)], "pending", "soaking"),
        (SOAK, [deployed(90), deployed(20, **OTHER), deployed(10)], "pending", "soaking"),
        (GUARDED, [deployed(90), said("pass")], "pass", "runs_there"),
        (GUARDED, [deployed(90)], "fail", "guard_not_passed"),
        (GUARDED, [deployed(90), said("fail")], "fail", "guard_not_passed"),
        (GUARDED, [deployed(90), said("waived")], "fail", "guard_not_passed"),
        (GUARDED, [deployed(90), said("pass", "another")], "fail", "guard_not_passed"),
        (
            FACTS,
            [deployed(90), facts("data8/staging", kubernetes="1.9"), facts("data8/prod", kubernetes="1.9")],
            "pass",
            "runs_there",
        ),
        (
            FACTS,
            [deployed(90), facts("data8/staging", kubernetes="1.9"), facts("data8/prod", kubernetes="1.8")],
            "fail",
            "facts_differ",
        ),
        (FACTS, [deployed(90), facts("data8/staging", kubernetes="1.9")], "inconclusive", "facts_unknown"),
        (
            FACTS,
            [deployed(90), facts("data8/staging", kubernetes="1.9"), facts("data8/prod", nodes="3")],
            "inconclusive",
            "facts_unknown",
        ),
        (
            FACTS,
            [deployed(9), facts("data8/staging", 1441, kubernetes="1"), facts("data8/prod", kubernetes="1")],
            "inconclusive",
            "facts_unknown",
        ),
    ],
)
def test_the_newest_deploy_on_the_source_decides(
    config: dict[str, Any], evidence: list[EvidenceItem], verdict: str, code: str
) -> None:
    judgement = judged(config, *evidence)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


@pytest.mark.parametrize(
    "match, asked, there, code",
    [
        ("digest", Artifact(DIGEST, commit("abc")), {"digest": DIGEST, "sha": ""}, "runs_there"),
        ("digest", Artifact(DIGEST, commit("abc")), {"digest": "", "sha": commit("abc")}, "runs_there"),
        (
            "digest",
            Artifact(DIGEST, commit("abc")),
            {"digest": digest("2"), "sha": commit("abc")},
            "never_deployed",
        ),
        ("sha", Artifact(DIGEST, commit("abc")), {"digest": digest("2"), "sha": commit("abc")}, "runs_there"),
        ("sha", Artifact(DIGEST, commit("abc")), {"digest": DIGEST, "sha": ""}, "never_deployed"),
        ("sha", Artifact(DIGEST), {"digest": DIGEST, "sha": ""}, "never_deployed"),
        ("digest", Artifact(), {"digest": "", "sha": ""}, "no_artifact"),
    ],
)
def test_it_says_what_counts_as_the_same(
    match: str, asked: Artifact, there: dict[str, str], code: str
) -> None:
    assert judged({"match": match}, deployed(90, **there), artifact=asked).reason_code == code


@pytest.mark.parametrize(
    "components, asked, there, code",
    [
        ([], {"chart": "1", "image": "a"}, {"chart": "1", "image": "a", "other": "x"}, "runs_there"),
        ([], {"chart": "1"}, {"chart": "2"}, "components_differ"),
        ([], {"chart": "1"}, {}, "components_differ"),
        (["chart"], {"chart": "1", "image": "a"}, {"chart": "1", "image": "b"}, "runs_there"),
        (["chart"], {}, {"chart": "1"}, "components_differ"),
        (["chart"], {}, {}, "components_differ"),
        ([], {}, {}, "runs_there"),
    ],
)
def test_every_part_has_to_be_the_same(
    components: list[str], asked: dict[str, str], there: dict[str, str], code: str
) -> None:
    artifact = Artifact(DIGEST, components=asked)
    evidence = deployed(90, data={"components": there})

    assert judged({"components": components}, evidence, artifact=artifact).reason_code == code


NEWER = {"match": "components", "components_match": "not_newer"}


@pytest.mark.parametrize(
    "config, asked, there, code",
    [
        ({"components_match": "minor"}, "1.2.4", "1.2.3", "runs_there"),
        ({"components_match": "minor"}, "1.3.0", "1.2.3", "components_differ"),
        ({"components_match": "major"}, "1.3.0", "1.2.3", "runs_there"),
        ({"components_match": "not_newer"}, "1.2.4", "1.2.3", "components_differ"),
        ({"components_match": "not_newer"}, "1.2.2", "1.2.3", "runs_there"),
        ({"components_match": "minor"}, "latest", "1.2.3", "components_differ"),
        ({"components_match": "minor"}, "latest", "latest", "runs_there"),
        # The build may be another where the components alone are compared.
        ({"match": "components"}, "1.2.3", "1.2.3", "runs_there"),
        ({"match": "components"}, "1.2.4", "1.2.3", "never_deployed"),
        (NEWER, "1.2.2", "1.2.3", "runs_there"),
        (NEWER, "1.2.4", "1.2.3", "never_deployed"),
        ({"match": "components"}, None, "1.2.3", "no_artifact"),
        ({"match": "components", "components": ["chart"]}, None, "1.2.3", "never_deployed"),
    ],
)
def test_components_compare_as_exactly_as_is_asked(
    config: dict[str, Any], asked: str | None, there: str, code: str
) -> None:
    artifact = Artifact(DIGEST, components={} if asked is None else {"chart": asked})
    other = OTHER if config.get("match") == "components" else {}
    evidence = deployed(90, data={"components": {"chart": there}}, **other)

    assert judged(config, evidence, artifact=artifact).reason_code == code


def test_a_refusal_says_how_the_components_differ() -> None:
    artifact = Artifact(DIGEST, components={"chart": "1.2.4"})
    evidence = deployed(90, data={"components": {"chart": "1.2.3"}}, **OTHER)

    assert judged(NEWER, evidence, artifact=artifact).summary == (
        "of the newest deploy on data8/staging at 2018-01-25 22:00 UTC, chart is 1.2.4 here, 1.2.3 on "
        "data8/staging: it may be no newer than there: deploy this artifact there first"
    )


def test_a_soak_says_when_it_is_over() -> None:
    judgement = judged(SOAK, deployed(50))

    assert judgement.next_possible_at == NOW + timedelta(minutes=10)
    assert judgement.summary == "it has to run on data8/staging for 60 minutes: until 2018-01-25 23:40 UTC"


def test_a_pass_ends_with_the_deploy_it_rests_on() -> None:
    assert judged({"max_age_s": 7200}, deployed(60)).valid_until == NOW + timedelta(minutes=60)


def test_a_refusal_names_both_artifacts() -> None:
    assert judged({}, deployed(90), deployed(80, **OTHER)).summary == (
        "the newest deploy on data8/staging at 2018-01-25 22:10 UTC was "
        f"{digest('other')[:19]}…, not {DIGEST[:19]}…: "
        "deploy this artifact there again"
    )


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({}, "/config/source_target"),
        ({"source_target": "staging"}, "/config/source_target"),
        ({"source_target": "data8/staging", "match": "tag"}, "/config/match"),
        ({"source_target": "data8/staging", "min_soak_s": "1 h"}, "/config/min_soak_s"),
        ({"source_target": "data8/staging", "min_soak_s": -1}, "/config/min_soak_s"),
        ({"source_target": "data8/staging", "max_age_s": 1.5}, "/config/max_age_s"),
        ({"source_target": "data8/staging", "require_guards": ["No Slug"]}, "/config/require_guards/0"),
        ({"source_target": "data8/staging", "components": "chart"}, "/config/components"),
        ({"source_target": "data8/staging", "components_match": "newer"}, "/config/components_match"),
        ({"source_target": "data8/staging", "min_soak_minutes": 5}, "/config/min_soak_minutes"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert [problem.pointer for problem in told.value.problems] == [pointer]
