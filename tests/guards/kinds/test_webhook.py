"""Another system: what it said is judged, and a real server is asked, which checks our signature."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook as Referee

from postmortems.egress.client import Egress, NoSecret, Secret
from postmortems.errors import Invalid
from postmortems.guards.judgement import Artifact, Judgement
from postmortems.guards.kinds.webhook import Webhook
from postmortems.signatures import webhooks
from tests.artifacts import digest
from tests.guards.asking import DIGEST, observed, question
from tests.loopback import Asked, Reply, answering, as_json

KIND = Webhook()
URL = "https://checks.example.org/deploy"
CHECKS = {"url": URL, "signed_with": "store:checks-signing"}
SECRET = webhooks.fresh_secret()
FLAGGER = {"flagger_compat": True}
ABOUT = {"target": "data8/prod", "digest": DIGEST, "sha": "", "change_kind": "feature"}


def kept(reference: str, origin: str) -> Secret:
    if reference != "store:checks-signing":
        raise NoSecret(f"there is no {reference}")
    return Secret(SECRET)


LOOPBACK = Egress(("127.0.0.0/8",), secrets=kept)


def judged(config: dict[str, Any], data: dict[str, Any]) -> Judgement:
    whole = KIND.configured({**CHECKS, **config})
    return KIND.judge(whole, [observed(url=URL, about=ABOUT, **data)], question())


@pytest.mark.parametrize(
    "config, data, verdict, code",
    [
        ({}, {"status": 200, "verdict": "pass"}, "pass", "says_pass"),
        ({}, {"status": 200, "verdict": "fail", "summary": "load test broke"}, "fail", "says_fail"),
        ({}, {"status": 200, "verdict": "inconclusive"}, "inconclusive", "says_inconclusive"),
        ({}, {"status": 200, "verdict": "pending"}, "pending", "says_pending"),
        ({}, {"status": 500}, "error", "no_verdict"),
        ({}, {"status": 302}, "error", "no_verdict"),
        ({}, {"status": 200, "trouble": "its answer is no JSON"}, "error", "no_verdict"),
        ({}, {"unreachable": "no answer within 10 s"}, "error", "unreachable"),
        ({}, {"refused": "it cannot be reached from here"}, "error", "egress_refused"),
        ({}, {"refused": "there is no such secret", "code": "no_secret"}, "error", "no_secret"),
        (FLAGGER, {"status": 200}, "pass", "by_status"),
        (FLAGGER, {"status": 202}, "pass", "by_status"),
        (FLAGGER, {"status": 204}, "fail", "by_status"),
        (FLAGGER, {"status": 500}, "fail", "by_status"),
    ],
)
def test_what_it_said_is_judged(
    config: dict[str, Any], data: dict[str, Any], verdict: str, code: str
) -> None:
    judgement = judged(config, data)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def test_an_answer_about_another_artifact_is_none() -> None:
    config = KIND.configured(CHECKS)
    data = {"url": URL, "about": ABOUT, "status": 200, "verdict": "pass"}
    other = question(artifact=Artifact(digest=digest("other")))

    assert KIND.answers(config, data, question())
    assert not KIND.answers(config, data, other)
    assert KIND.judge(config, [observed(**data)], other).verdict == "inconclusive"


def looked(reply: Reply, **config: Any) -> tuple[list[Asked], dict[str, Any], Judgement]:
    with answering(lambda asked: reply) as place:
        whole = KIND.configured({**CHECKS, "url": place.url("/deploy"), **config})
        asked = question(now=datetime.now(UTC))
        data = KIND.observe(whole, asked, LOOPBACK)
    return place.asked, data, KIND.judge(whole, [observed(**data)], asked)


def test_it_is_asked_with_a_signature_that_the_reference_implementation_takes() -> None:
    asked, _, judgement = looked(as_json({"verdict": "pass", "summary": "all  good\r\n<b>"}))

    content = Referee(SECRET).verify(asked[0].body, {k.lower(): v for k, v in asked[0].headers.items()})
    assert content["type"] == "gate.asked"
    assert content["data"]["artifact"]["digest"] == DIGEST
    assert (content["data"]["service"], content["data"]["target"]) == ("data8", "prod")
    assert judgement.summary.endswith("says pass: all good <b>")


@pytest.mark.parametrize(
    "reply, verdict",
    [
        (as_json({"verdict": "pass"}), "pass"),
        (as_json({"verdict": "fail"}, 201), "fail"),
        (as_json({"verdict": "pass"}, 500), "error"),
        (as_json({"verdict": "waived"}), "error"),
        (as_json({"verdict": True}), "error"),
        (as_json({"verdict": ["pass"]}), "error"),
        (as_json(["pass"]), "error"),
        (as_json({"verdict": "pass", "summary": {"a": 1}}), "pass"),
        ((200, {}, b"pass"), "error"),
        ((200, {}, b"[" * 60_000), "error"),
        ((200, {}, b'{"verdict": "pass", "summary": "' + b"x" * 70_000 + b'"}'), "error"),
        ((302, {"Location": "http://127.0.0.1/"}, b""), "error"),
    ],
)
def test_only_a_plain_verdict_is_one(reply: Reply, verdict: str) -> None:
    assert looked(reply)[2].verdict == verdict


def test_a_summary_is_short_and_never_repeats_a_secret() -> None:
    reply = as_json({"verdict": "fail", "summary": f"you sent {SECRET} " + "x" * 500})
    _, data, judgement = looked(reply, headers=["X-Key: ${store:checks-signing}"])

    assert SECRET not in json.dumps(data) + judgement.summary
    assert len(data["summary"]) == 256


@pytest.mark.parametrize("secret", ["store:other", "env:NOTHING"])
def test_a_missing_secret_is_an_error_and_nothing_is_asked(secret: str) -> None:
    asked, _, judgement = looked(as_json({"verdict": "pass"}), signed_with=secret)

    assert (judgement.verdict, judgement.reason_code, asked) == ("error", "no_secret", [])


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"url": "checks"}, "/config/url"),
        ({"signed_with": "whsec_abc"}, "/config/signed_with"),
        ({"signed_with": ""}, "/config/signed_with"),
        ({"headers": ["Authorization: Bearer abc"]}, "/config/headers/0"),
        ({"headers": ["Host: ${store:a}"]}, "/config/headers/0"),
        ({"timeout_s": 0}, "/config/timeout_s"),
        ({"secret": "whsec_abc"}, "/config/secret"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured({**CHECKS, **config})

    assert {problem.pointer for problem in told.value.problems} == {pointer}
