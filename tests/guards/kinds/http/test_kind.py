"""HTTP answers: what is kept of them, how that is judged, and a look at real servers on loopback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from postmortems.egress.client import Egress, Secret
from postmortems.errors import Invalid
from postmortems.guards.judgement import Artifact, EvidenceItem, Judgement
from postmortems.guards.kinds.http.kind import Http
from tests.artifacts import commit
from tests.authority import Authority
from tests.guards.asking import DIGEST, NOW, observed, question
from tests.loopback import Asked, Reply, answering, flood, http, listening

KIND = Http()
URL = "https://staging.example.org/hub/health"
LOOPBACK = Egress(("127.0.0.0/8",))
CERTIFICATE = {"tls_min_days": 14}
VERSION = {"version_in": "header:X-Version"}
OK, DOWN = {"body_contains": ["ok"]}, {"body_lacks": ["down"]}
UP = {"status": 200}


def judged(config: dict[str, Any], *evidence: EvidenceItem, **asked: Any) -> Judgement:
    return KIND.judge(KIND.configured({"url": URL, **config}), evidence, question(**asked))


def looked(answer: Any, config: dict[str, Any], **asked: Any) -> tuple[dict[str, Any], Judgement]:
    """What is kept of a real server's answer, and the judgement on it."""
    with listening(answer) as place:
        whole = KIND.configured({"url": place.url("/health"), **config})
        data = KIND.observe(whole, question(**asked), LOOPBACK)
    return data, KIND.judge(whole, [observed(**data)], question(**asked))


@pytest.mark.parametrize(
    "config, data, verdict, code",
    [
        ({}, {"status": 200}, "pass", "as_expected"),
        ({"expect_status": [200, 302]}, {"status": 302}, "pass", "as_expected"),
        (OK, {"status": 200, "contains": {"ok": True}}, "pass", "as_expected"),
        (DOWN, {"status": 200, "contains": {"down": False}}, "pass", "as_expected"),
        ({"expect_json": ["a == 1"]}, {"status": 200, "json": {"a == 1": True}}, "pass", "as_expected"),
        ({"expect_headers": ["X: y"]}, {"status": 200, "headers": {"X: y": True}}, "pass", "as_expected"),
        ({"max_latency_ms": 100}, {"status": 200, "latency_ms": 100}, "pass", "as_expected"),
        (CERTIFICATE, {"status": 200, "tls_days_left": 14}, "pass", "as_expected"),
        (
            VERSION,
            {**UP, **VERSION, "version": DIGEST},
            "pass",
            "as_expected",
        ),
        # Staging is down.
        ({}, {"status": 503}, "fail", "wrong_status"),
        ({}, {"unreachable": "connection refused"}, "fail", "unreachable"),
        ({}, {"unreachable": "no answer within 10 s"}, "fail", "unreachable"),
        ({}, {"status": 301}, "fail", "wrong_status"),
        (OK, {"status": 200, "contains": {"ok": False}}, "fail", "body_mismatch"),
        (DOWN, {"status": 200, "contains": {"down": True}}, "fail", "body_mismatch"),
        ({"expect_json": ["a == 1"]}, {"status": 200, "json": {"a == 1": False}}, "fail", "json_mismatch"),
        ({"expect_headers": ["X: y"]}, {"status": 200, "headers": {"X: y": False}}, "fail", "wrong_header"),
        ({"max_latency_ms": 100}, {"status": 200, "latency_ms": 101}, "fail", "too_slow"),
        (CERTIFICATE, {"status": 200, "tls_days_left": 13}, "fail", "certificate_ends"),
        (
            VERSION,
            {**UP, **VERSION, "version": "old"},
            "fail",
            "other_version",
        ),
        (
            VERSION,
            {**UP, **VERSION, "version": None},
            "fail",
            "other_version",
        ),
        # A broken expectation outweighs one that could not be looked at.
        (
            {"body_contains": ["ok", "new"]},
            {"status": 200, "contains": {"ok": None, "new": False}},
            "fail",
            "body_mismatch",
        ),
        ({}, {"refused": "this address is never allowed"}, "error", "egress_refused"),
        # Asked for after it was looked at, or cut off before: it must be looked at again.
        (OK, {"status": 200}, "inconclusive", "not_observed"),
        (
            {"body_contains": ["ok"]},
            {"status": 200, "contains": {"ok": None}},
            "inconclusive",
            "not_observed",
        ),
        (
            {"body_lacks": ["down"]},
            {"status": 200, "contains": {"down": None}},
            "inconclusive",
            "not_observed",
        ),
        ({"expect_json": ["a exists"]}, {"status": 200, "json": {}}, "inconclusive", "not_observed"),
        ({"expect_headers": ["X: y"]}, {"status": 200}, "inconclusive", "not_observed"),
        ({"max_latency_ms": 100}, {"status": 200}, "inconclusive", "not_observed"),
        (CERTIFICATE, {"status": 200}, "inconclusive", "not_observed"),
        (VERSION, {"status": 200, "version_in": "json:v", "version": DIGEST}, "inconclusive", "not_observed"),
        ({}, {"status": 200, "url": "https://elsewhere.example.org/"}, "inconclusive", "not_observed"),
        ({}, {"status": 200, "url": URL, "method": "HEAD"}, "inconclusive", "not_observed"),
    ],
)
def test_what_was_kept_is_judged(
    config: dict[str, Any], data: dict[str, Any], verdict: str, code: str
) -> None:
    judgement = judged(config, observed(**data))

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def test_without_a_look_it_is_inconclusive_and_in_a_replay_not_applicable() -> None:
    assert judged({}).verdict == "inconclusive"
    assert judged({}, is_replay=True).verdict == "not_applicable"


def test_a_recorded_look_is_judged_in_a_replay() -> None:
    judgement = judged({}, observed(status=503), is_replay=True)

    assert judgement.verdict == "fail"
    assert judgement.summary == f"GET {URL} → 503: expected 200"


def test_the_newest_look_decides() -> None:
    newest, older = observed(status=503), EvidenceItem("observation", NOW, data={"status": 200})

    assert judged({}, newest, older).verdict == "fail"


@pytest.mark.parametrize(
    "artifact, version, verdict",
    [
        (Artifact(digest=DIGEST), DIGEST, "pass"),
        (Artifact(sha=commit("abc")), commit("abc").upper(), "pass"),
        (Artifact(digest=DIGEST, sha=commit("abc")), commit("abc"), "pass"),
        (Artifact(digest=DIGEST), "abc", "fail"),
        (Artifact(), "", "fail"),
        (Artifact(), None, "fail"),
    ],
)
def test_the_version_that_runs_must_be_the_artifact(
    artifact: Artifact, version: str | None, verdict: str
) -> None:
    data = {**UP, **VERSION, "version": version}

    assert judged(VERSION, observed(**data), artifact=artifact).verdict == verdict


def test_a_healthy_server_passes_and_its_body_is_not_kept() -> None:
    body = json.dumps(
        {"checks": {"database": "ok"}, "build": {"digest": DIGEST}, "password": "hunter2"}
    ).encode()
    config = {
        "body_contains": ["database"],
        "body_lacks": ["error"],
        "expect_json": ['checks.database == "ok"'],
        "expect_headers": ["Content-Type: json"],
        "version_in": "json:build.digest",
    }
    data, judgement = looked(http(body, "200 OK", "Content-Type: application/json"), config)

    assert judgement.verdict == "pass"
    assert judgement.observed["version"] == DIGEST
    assert (data["status"], data["bytes"], data["peer"]) == (200, len(body), "127.0.0.1")
    assert "hunter2" not in json.dumps(data)


@pytest.mark.parametrize(
    "answer, config, verdict",
    [
        (http(b"", "503 Service Unavailable"), {}, "fail"),
        (http(b"", "302 Found", "Location: /login"), {}, "fail"),
        (http(b"fine"), {"body_contains": ["healthy"]}, "fail"),
        (http(b"not json"), {"expect_json": ["status exists"]}, "fail"),
        (http(b'{"v": 2}'), {"version_in": "json:v"}, "fail"),
        (http(b"", "200 OK", "X-Version: <script>"), VERSION, "fail"),
        (http(b"", "200 OK", f"X-Version: {DIGEST}"), VERSION, "pass"),
        (http(b"", "200 OK", f"X-Version: {DIGEST}"), {**VERSION, "method": "HEAD"}, "pass"),
        (http(b"y" * 65536), {"body_lacks": ["error"]}, "pass"),
        (flood, {}, "pass"),
        (flood, {"body_contains": ["yyy"]}, "pass"),
        (flood, {"body_contains": ["z"]}, "inconclusive"),
        (flood, {"body_lacks": ["z"]}, "inconclusive"),
        (flood, {"expect_json": ["a exists"]}, "inconclusive"),
        (http(b"release 2.1"), {"body_matches": ["release [0-9.]+"]}, "pass"),
        (http(b"release two"), {"body_matches": ["release [0-9.]+"]}, "fail"),
        (flood, {"body_matches": ["z"]}, "inconclusive"),
        (http(b'{"v": "2.1"}'), {"expect_json": ['v matches "^2[.]"']}, "pass"),
        (http(b'{"v": 2.1}'), {"expect_json": ['v matches "^2[.]"']}, "fail"),
        (http(b"y" * 100_000), {"body_lacks": ["z"], "max_body_bytes": 200_000}, "pass"),
        (http(b"y" * 100_000), {"body_lacks": ["z"], "max_body_bytes": 2000}, "inconclusive"),
        (b"not http\r\n\r\n", {}, "fail"),
        (b"", {}, "fail"),
    ],
)
def test_real_answers_are_judged(answer: Any, config: dict[str, Any], verdict: str) -> None:
    assert looked(answer, config)[1].verdict == verdict


def test_a_server_that_is_down_fails() -> None:
    with listening(http()) as place:
        pass
    config = KIND.configured({"url": place.url()})

    data = KIND.observe(config, question(), LOOPBACK)
    judgement = KIND.judge(config, [observed(**data)], question())

    assert (judgement.verdict, judgement.reason_code) == ("fail", "unreachable")
    assert judgement.summary.endswith("did not answer: it cannot be reached from here; an operator sees why")
    assert data["detail"] == "127.0.0.1: connection refused (allowed by 127.0.0.0/8)"


def test_a_server_that_the_operator_does_not_allow_is_an_error_and_hears_nothing() -> None:
    with listening(http()) as place:
        config = KIND.configured({"url": place.url()})
        data = KIND.observe(config, question(), Egress())

    assert KIND.judge(config, [observed(**data)], question()).verdict == "error"
    assert place.visits == []


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({}, "/config/url"),
        ({"url": "ftp://example.org"}, "/config/url"),
        ({"url": "https://ada:secret@example.org/"}, "/config/url"),
        ({"url": "https:///nowhere"}, "/config/url"),
        ({"url": "https://example.org/" + "x" * 2000}, "/config/url"),
        ({"url": URL, "method": "PUT"}, "/config/method"),
        ({"url": URL, "body": "x"}, "/config/body"),
        ({"url": URL, "method": "POST", "body": "x" * 8193}, "/config/body"),
        ({"url": URL, "method": "POST", "follow_redirects": 1}, "/config/follow_redirects"),
        ({"url": URL, "follow_redirects": 6}, "/config/follow_redirects"),
        ({"url": URL, "headers": ["no colon"]}, "/config/headers/0"),
        ({"url": URL, "headers": ["Host: metadata.internal"]}, "/config/headers/0"),
        ({"url": URL, "headers": ["X-Api-Key: abc"]}, "/config/headers/0"),
        ({"url": URL, "headers": ["X-Auth: abc"]}, "/config/headers/0"),
        ({"url": URL, "headers": ["X-Hub-Signature: abc"]}, "/config/headers/0"),
        ({"url": URL, "headers": ["X-Caller: Bearer ghp_" + "a1B2" * 9]}, "/config/headers/0"),
        (
            {"url": URL, "headers": ["Authorization: key=ghp_" + "a1B2" * 9 + " ${env:A}"]},
            "/config/headers/0",
        ),
        ({"url": f"{URL}/hooks/aB3dE5gHjK7mN9pQ2sT4vW6x"}, "/config/url"),
        ({"url": "https://ada:pw@example.org/"}, "/config/url"),
        ({"url": URL, "headers": ["X: ${env:A} ${env:B}"]}, "/config/headers/0"),
        ({"url": URL, "body_matches": ["("]}, "/config/body_matches/0"),
        ({"url": URL, "body_matches": ["(?=a)"]}, "/config/body_matches/0"),
        ({"url": URL, "expect_json": ["a matches 7"]}, "/config/expect_json/0"),
        ({"url": URL, "expect_json": ['a matches "("']}, "/config/expect_json/0"),
        ({"url": URL, "samples": 11}, "/config/samples"),
        ({"url": URL, "samples": 2, "samples_pass": 3}, "/config/samples_pass"),
        ({"url": URL, "max_body_bytes": 2_000_000}, "/config/max_body_bytes"),
        ({"url": URL, "method": "HEAD", "body_contains": ["x"]}, "/config/method"),
        ({"url": URL, "method": "HEAD", "version_in": "json:v"}, "/config/method"),
        ({"url": URL, "expect_status": []}, "/config/expect_status"),
        ({"url": URL, "expect_status": [200, 99]}, "/config/expect_status/1"),
        ({"url": URL, "expect_status": ["200"]}, "/config/expect_status/0"),
        ({"url": URL, "expect_headers": ["no colon"]}, "/config/expect_headers/0"),
        ({"url": URL, "body_contains": [""]}, "/config/body_contains/0"),
        ({"url": URL, "body_contains": ["x"] * 21}, "/config/body_contains"),
        ({"url": URL, "expect_json": ["status = ok"]}, "/config/expect_json/0"),
        ({"url": URL, "expect_json": ["status == ok"]}, "/config/expect_json/0"),
        ({"url": URL, "expect_json": ["status == NaN"]}, "/config/expect_json/0"),
        ({"url": URL, "version_in": "body"}, "/config/version_in"),
        ({"url": URL, "max_latency_ms": 0}, "/config/max_latency_ms"),
        ({"url": "http://example.org/", "tls_min_days": 14}, "/config/tls_min_days"),
        ({"url": URL, "timeout_s": 60}, "/config/timeout_s"),
        ({"url": URL, "follow_redirects": True}, "/config/follow_redirects"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert {problem.pointer for problem in told.value.problems} == {pointer}


# Several answers, bodies, headers and redirects.


@pytest.mark.parametrize(
    "statuses, samples_pass, verdict",
    [
        ([200, 200, 200], 3, "pass"),
        ([503, 200, 200], 2, "pass"),
        ([200, 503, 200], 3, "fail"),
        ([503, 503, 200], 2, "fail"),
    ],
)
def test_it_is_asked_so_often_and_enough_answers_must_be_right(
    statuses: list[int], samples_pass: int, verdict: str
) -> None:
    left = iter(statuses)
    with answering(lambda asked: (next(left), {}, b"")) as place:
        config = KIND.configured(
            {"url": place.url(), "samples": 3, "samples_pass": samples_pass, "interval_ms": 0}
        )
        data = KIND.observe(config, question(), LOOPBACK)
    judgement = KIND.judge(config, [observed(**data)], question())

    assert (judgement.verdict, len(place.asked)) == (verdict, 3)
    assert f"{statuses.count(200)} of 3 answers as expected" in judgement.summary


def test_all_answers_together_keep_the_time_limit() -> None:
    with listening(lambda connection, over: over.wait() and None) as place:
        config = KIND.configured({"url": place.url(), "samples": 10, "interval_ms": 0, "timeout_s": 1})
        data = KIND.observe(config, question(), LOOPBACK)

    assert KIND.judge(config, [observed(**data)], question()).verdict == "fail"
    assert len(place.visits) == 1


def test_what_is_not_allowed_is_not_asked_again() -> None:
    config = KIND.configured({"url": "http://127.0.0.1:9/", "samples": 3})

    assert "refused" in KIND.observe(config, question(), Egress())


def test_a_body_and_headers_are_sent_with_their_secret_which_is_not_kept() -> None:
    way_out = Egress(("127.0.0.0/8",), secrets=lambda reference, origin: Secret("tok-123456"))
    echo = {"X-Version": "tok-123456"}
    with answering(lambda asked: (200, echo, asked.headers["Authorization"].encode())) as place:
        config = KIND.configured(
            {
                "url": place.url(),
                "method": "POST",
                "body": '{"deep": true}',
                "headers": ["Content-Type: application/json", "Authorization: Bearer ${store:staging}"],
                **VERSION,
            }
        )
        data = KIND.observe(config, question(), way_out)

    asked = place.asked[0]
    assert (asked.method, asked.body) == ("POST", b'{"deep": true}')
    assert asked.headers["Authorization"] == "Bearer tok-123456"
    assert "tok-123456" not in json.dumps(data)
    assert list(KIND.sends(config)) == [("/config/headers/1", "store:staging", place.url())]


def test_a_missing_secret_is_an_error_and_nothing_is_asked() -> None:
    with answering(lambda asked: (200, {}, b"")) as place:
        config = KIND.configured({"url": place.url(), "headers": ["Authorization: ${store:staging}"]})
        data = KIND.observe(config, question(), LOOPBACK)
    judgement = KIND.judge(config, [observed(**data)], question())

    assert (judgement.verdict, judgement.reason_code, place.asked) == ("error", "no_secret", [])


def test_redirects_are_followed_where_asked_for() -> None:
    def reply(asked: Asked) -> Reply:
        return (200, {}, b"") if asked.path == "/new" else (302, {"Location": "/new"}, b"")

    with answering(reply) as place:
        for hops, verdict in ((0, "fail"), (1, "pass")):
            config = KIND.configured({"url": place.url(), "follow_redirects": hops})
            data = KIND.observe(config, question(), LOOPBACK)
            assert KIND.judge(config, [observed(**data)], question()).verdict == verdict


@pytest.mark.parametrize("days, verdict", [(40, "pass"), (13, "fail"), (-1, "fail")])
def test_a_certificate_that_ends_soon_fails(authority: Authority, days: int, verdict: str) -> None:
    with listening(http(), tls=authority.server("hub.internal", days=days)) as place:
        config = KIND.configured({"url": place.url(host="hub.internal", scheme="https"), **CERTIFICATE})
        way_out = Egress(
            ("127.0.0.0/8",),
            resolve=lambda host, port: ["127.0.0.1"],
            ca_file=str(authority.certificate),
        )
        data = KIND.observe(config, question(), way_out)

    assert KIND.judge(config, [observed(**data)], question()).verdict == verdict
