"""Checks of a commit: states are judged, and a server with documents of the published shape is asked."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.egress.client import Egress, Secret
from postmortems.errors import Invalid
from postmortems.guards.judgement import Artifact, Judgement
from postmortems.guards.kinds.scm_check.kind import ScmCheck
from tests.guards.asking import observed, question
from tests.loopback import Answering, Asked, Reply, answering, as_json

KIND = ScmCheck()
SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
HUB = {"provider": "github", "repo": "data8/hub", "contexts": ["build", "scan"]}
OF_SHA = Artifact(sha=SHA)
LOOPBACK = Egress(("127.0.0.0/8",), secrets=lambda reference, origin: Secret("tok-123456"))


def judged(config: dict[str, Any], states: dict[str, str], **data: Any) -> Judgement:
    whole = KIND.configured({**HUB, **config})
    asked = {
        "repo": "data8/hub",
        "api_url": "https://api.github.com",
        "contexts": HUB["contexts"],
        "sha": SHA,
    }
    return KIND.judge(whole, [observed(**asked, states=states, **data)], question(artifact=OF_SHA))


@pytest.mark.parametrize(
    "config, build, scan, verdict, code",
    [
        ({}, "success", "success", "pass", "all_successful"),
        ({}, "success", "neutral", "pass", "all_successful"),
        ({"skipped_is": "pass"}, "success", "skipped", "pass", "all_successful"),
        # Skipped is not success.
        ({}, "success", "skipped", "fail", "not_successful"),
        ({"neutral_is": "fail"}, "success", "neutral", "fail", "not_successful"),
        ({}, "success", "failure", "fail", "not_successful"),
        ({}, "success", "error", "fail", "not_successful"),
        ({}, "success", "cancelled", "fail", "not_successful"),
        ({}, "success", "timed_out", "fail", "not_successful"),
        ({}, "success", "action_required", "fail", "not_successful"),
        ({}, "success", "stale", "fail", "not_successful"),
        ({}, "success", "a word of tomorrow", "fail", "not_successful"),
        ({"missing_is": "fail"}, "success", "missing", "fail", "not_successful"),
        ({}, "failure", "pending", "fail", "not_successful"),
        ({}, "success", "pending", "pending", "not_finished"),
        ({}, "success", "missing", "pending", "not_finished"),
    ],
)
def test_states_are_judged(config: dict[str, Any], build: str, scan: str, verdict: str, code: str) -> None:
    judgement = judged(config, {"build": build, "scan": scan})

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


@pytest.mark.parametrize(
    "data, verdict",
    [
        ({"trouble": "the API answers with status 404"}, "error"),
        ({"refused": "it cannot be reached from here"}, "error"),
        ({"unreachable": "no answer within 10 s"}, "inconclusive"),
    ],
)
def test_what_was_not_told_is_no_pass(data: dict[str, Any], verdict: str) -> None:
    assert judged({}, {}, **data).verdict == verdict


def test_without_a_commit_nothing_can_be_said() -> None:
    config = KIND.configured(HUB)
    for sha in ("", "main", "../../x", "abc"):
        asked = question(artifact=Artifact(sha=sha))
        data = KIND.observe(config, asked, Egress())
        judgement = KIND.judge(config, [observed(**data)], asked)
        assert (judgement.verdict, judgement.reason_code) == ("inconclusive", "no_commit")


def test_the_states_of_another_commit_are_none() -> None:
    config = KIND.configured(HUB)
    data = {"repo": "data8/hub", "api_url": "https://api.github.com", "contexts": HUB["contexts"], "sha": SHA}

    assert KIND.answers(config, data, question(artifact=OF_SHA))
    assert not KIND.answers(config, data, question(artifact=Artifact(sha="0" * 40)))


# Documents of the published shapes, cut down to some of their members.


def status(context: str, state: str) -> dict[str, Any]:
    return {"id": 1, "state": state, "context": context, "description": "", "target_url": None}


def run(number: int, name: str, conclusion: str | None, app: int = 1) -> dict[str, Any]:
    done = "completed" if conclusion else "in_progress"
    app_of = {"id": app, "slug": "ci"}
    return {
        "id": number,
        "name": name,
        "status": done,
        "conclusion": conclusion,
        "app": app_of,
        "head_sha": SHA,
    }


def github(statuses: list[Any], runs: list[Any]) -> Any:
    def reply(asked: Asked) -> Reply:
        if asked.path == f"/repos/data8/hub/commits/{SHA}/status?per_page=100":
            return as_json(
                {"state": "success", "sha": SHA, "total_count": len(statuses), "statuses": statuses}
            )
        if asked.path == f"/repos/data8/hub/commits/{SHA}/check-runs?per_page=100":
            return as_json({"total_count": len(runs), "check_runs": runs})
        return as_json({"message": "Not Found"}, 404)

    return reply


def looked(reply: Any, **config: Any) -> tuple[Answering, Judgement]:
    with answering(reply) as place:
        whole = KIND.configured({**HUB, "api_url": place.url(""), **config})
        data = KIND.observe(whole, question(artifact=OF_SHA), LOOPBACK)
    return place, KIND.judge(whole, [observed(**data)], question(artifact=OF_SHA))


@pytest.mark.parametrize(
    "statuses, runs, config, verdict",
    [
        ([status("build", "success")], [run(1, "scan", "success")], {}, "pass"),
        ([], [run(1, "build", "success"), run(2, "scan", "neutral")], {}, "pass"),
        # The newest run of a name counts, wherever it stands.
        ([], [run(3, "build", "success"), run(1, "build", "failure"), run(2, "scan", "success")], {}, "pass"),
        ([], [run(1, "build", "success"), run(3, "build", "failure"), run(2, "scan", "success")], {}, "fail"),
        # Of a status and a run of the same name, the worse counts.
        ([status("build", "failure")], [run(1, "build", "success"), run(2, "scan", "success")], {}, "fail"),
        ([status("build", "success")], [run(1, "scan", None)], {}, "pending"),
        ([status("build", "success")], [], {}, "pending"),
        ([], [], {"missing_is": "fail"}, "fail"),
        # Anybody may set a status; only the app's runs count where one is named.
        ([status("build", "success")], [run(2, "scan", "success")], {"app_id": 1}, "pending"),
        ([], [run(1, "build", "success", 2), run(2, "scan", "success")], {"app_id": 1}, "pending"),
        ([], [run(1, "build", "success"), run(2, "scan", "success")], {"app_id": 1}, "pass"),
        ([{"state": "success"}], [], {}, "error"),
        ([], [{"name": "build"}], {}, "error"),
    ],
)
def test_github_is_asked(statuses: list[Any], runs: list[Any], config: dict[str, Any], verdict: str) -> None:
    assert looked(github(statuses, runs), **config)[1].verdict == verdict


@pytest.mark.parametrize(
    "states, verdict",
    [
        ([(1, "build", "success"), (2, "scan", "success")], "pass"),
        ([(1, "build", "failed"), (3, "build", "success"), (2, "scan", "success")], "pass"),
        ([(3, "build", "failed"), (1, "build", "success"), (2, "scan", "success")], "fail"),
        ([(1, "build", "success"), (2, "scan", "canceled")], "fail"),
        ([(1, "build", "success"), (2, "scan", "running")], "pending"),
        ([(1, "build", "success"), (2, "scan", "skipped")], "fail"),
        ([(1, "build", "success")], "pending"),
    ],
)
def test_gitlab_is_asked(states: list[tuple[int, str, str]], verdict: str) -> None:
    rows = [{"id": number, "sha": SHA, "name": name, "status": said} for number, name, said in states]
    place, judgement = looked(
        lambda asked: as_json(rows), provider="gitlab", headers=["PRIVATE-TOKEN: ${store:gitlab}"]
    )

    assert judgement.verdict == verdict
    asked = place.asked[0]
    assert asked.path == f"/projects/data8%2Fhub/repository/commits/{SHA}/statuses?per_page=100"
    assert asked.headers["PRIVATE-TOKEN"] == "tok-123456"


@pytest.mark.parametrize(
    "reply",
    [
        as_json({"message": "Bad credentials"}, 401),
        as_json({"message": "Not Found"}, 404),
        as_json({}, 500),
        as_json([]),
        as_json({}),
        (200, {}, b"<html>"),
        (200, {}, b"x" * 1_100_000),
        (302, {"Location": "http://169.254.169.254/"}, b""),
    ],
)
def test_an_api_that_tells_nothing_is_an_error(reply: Reply) -> None:
    assert looked(lambda asked: reply)[1].verdict == "error"


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"provider": "bitbucket"}, "/config/provider"),
        ({"repo": "hub"}, "/config/repo"),
        ({"repo": "a/b/c"}, "/config/repo"),
        ({"repo": "a/b?x"}, "/config/repo"),
        ({"contexts": []}, "/config/contexts"),
        ({"contexts": [""]}, "/config/contexts/0"),
        ({"contexts": ["a"] * 31}, "/config/contexts"),
        ({"api_url": "api.github.com"}, "/config/api_url"),
        ({"api_url": "https://api.github.com?a=b"}, "/config/api_url"),
        ({"provider": "gitlab", "app_id": 1}, "/config/app_id"),
        ({"missing_is": "pass"}, "/config/missing_is"),
        ({"headers": ["Authorization: Bearer ghp_abc"]}, "/config/headers/0"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured({**HUB, **config})

    assert {problem.pointer for problem in told.value.problems} == {pointer}
