"""Queries: figures are judged, and a real Prometheus on loopback is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from postmortems.egress.client import Egress
from postmortems.errors import Invalid
from postmortems.guards.judgement import Judgement
from postmortems.guards.kinds.prometheus import series
from postmortems.guards.kinds.prometheus.kind import Prometheus
from tests import prometheus as real
from tests import system_packages
from tests.guards.asking import observed, question
from tests.loopback import Reply, answering, as_json

KIND = Prometheus()
LOOPBACK = Egress(("127.0.0.0/8",))
NODES = {"url": "https://prometheus.example.org", "query": "core_nodes", "op": ">=", "threshold": 2}


def one(last: Any, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """A series: its last value, its lowest and its highest."""
    return {"last": last, "min": last if low is None else low, "max": last if high is None else high}


def gap(last: float) -> dict[str, Any]:
    """A series that has no value at half of the moments asked for."""
    return {**one(last), "missing": 30, "asked": 61}


def judged(config: dict[str, Any], data: dict[str, Any]) -> Judgement:
    whole = KIND.configured({**NODES, **config})
    looked_at = {name: whole[name] for name in ("url", "query", "for_s")}
    return KIND.judge(whole, [observed(**looked_at, **data)], question())


TWO = {"series": [one(3), one(1)]}
NAN = {"series": [{"nan": True, "last": "NaN"}]}
# As looks were kept before.
SOME_NAN = {"series": [one(3), {"nan": True, "last": None}]}
SOME_BAD = {"series": [one(1), {"nan": True, "last": None}]}
FAILS_AT = {"fail_op": "<", "fail_threshold": 1}


@pytest.mark.parametrize(
    "config, data, verdict, code",
    [
        ({}, {"series": [one(2)]}, "pass", "as_expected"),
        ({}, {"series": [one(3), one(2)]}, "pass", "as_expected"),
        ({"reduce": "any"}, TWO, "pass", "as_expected"),
        ({"reduce": "max"}, TWO, "pass", "as_expected"),
        ({"reduce": "avg"}, TWO, "pass", "as_expected"),
        ({"op": "=="}, {"series": [one(2)]}, "pass", "as_expected"),
        ({"op": "!="}, {"series": [one(3)]}, "pass", "as_expected"),
        ({"op": "<"}, {"series": [one(1.5)]}, "pass", "as_expected"),
        ({"for_s": 60}, {"series": [one(3, 2, 5)]}, "pass", "as_expected"),
        ({"for_s": 60, "op": "!="}, {"series": [one(3, 2.5, 5)]}, "pass", "as_expected"),
        ({"empty": "pass"}, {"series": []}, "pass", "no_series"),
        # Not only the first series counts.
        ({}, TWO, "fail", "threshold_missed"),
        ({"reduce": "min"}, TWO, "fail", "threshold_missed"),
        ({"reduce": "any"}, {"series": [one(1), one(0)]}, "fail", "threshold_missed"),
        ({"op": "!="}, {"series": [one(2)]}, "fail", "threshold_missed"),
        ({"for_s": 60}, {"series": [one(3, 1, 5)]}, "fail", "threshold_missed"),
        ({"for_s": 60, "op": "!="}, {"series": [one(3, 1, 5)]}, "fail", "threshold_missed"),
        (FAILS_AT, {"series": [one(0)]}, "fail", "fails_at"),
        ({"empty": "fail"}, {"series": []}, "fail", "no_series"),
        ({"nan": "fail"}, NAN, "fail", "not_a_number"),
        (FAILS_AT, {"series": [one(1)]}, "inconclusive", "in_between"),
        ({}, {"series": []}, "inconclusive", "no_series"),
        ({}, NAN, "inconclusive", "not_a_number"),
        # What is not a number hides no series that is one.
        ({}, SOME_NAN, "inconclusive", "not_a_number"),
        ({}, SOME_BAD, "fail", "threshold_missed"),
        ({"nan": "pass"}, SOME_NAN, "pass", "as_expected"),
        ({"nan": "pass"}, SOME_BAD, "fail", "threshold_missed"),
        ({"nan": "fail"}, SOME_NAN, "fail", "threshold_missed"),
        ({"reduce": "any"}, SOME_NAN, "pass", "as_expected"),
        ({"reduce": "max"}, SOME_NAN, "inconclusive", "not_a_number"),
        # Infinity is one, and compares.
        ({}, {"series": [one("+Inf")]}, "pass", "as_expected"),
        ({"op": "<"}, {"series": [one("+Inf")]}, "fail", "threshold_missed"),
        ({}, {"series": [one("-Inf")]}, "fail", "threshold_missed"),
        ({"reduce": "avg"}, {"series": [one("+Inf"), one("-Inf")]}, "inconclusive", "not_a_number"),
        # Over a time, a gap leaves it open, unless what is there decides.
        ({"for_s": 60}, {"series": [gap(3)]}, "inconclusive", "not_covered"),
        ({"for_s": 60}, {"series": [one(3), gap(3)]}, "inconclusive", "not_covered"),
        ({"for_s": 60}, {"series": [one(1), gap(3)]}, "fail", "threshold_missed"),
        ({"for_s": 60}, {"series": [gap(1)]}, "fail", "threshold_missed"),
        ({"for_s": 60, "reduce": "any"}, {"series": [one(3), gap(3)]}, "pass", "as_expected"),
        ({"for_s": 60, "reduce": "any"}, {"series": [one(1), gap(3)]}, "inconclusive", "not_covered"),
        ({"for_s": 60, "reduce": "any"}, {"series": [one(1), gap(1)]}, "fail", "threshold_missed"),
        ({"for_s": 60, **FAILS_AT}, {"series": [gap(0)]}, "inconclusive", "not_covered"),
        ({"for_s": 60, "empty": "pass"}, {"series": [gap(3)]}, "inconclusive", "not_covered"),
        ({}, {"warned": "a store is down", "series": [one(3)]}, "inconclusive", "warned"),
        ({}, {"truncated": True}, "inconclusive", "too_many"),
        ({}, {"unreachable": "no answer within 10 s"}, "inconclusive", "unreachable"),
        ({}, {"trouble": "parse error"}, "error", "bad_query"),
        ({}, {"refused": "it cannot be reached from here"}, "error", "egress_refused"),
        ({}, {"refused": "there is no stored secret a", "code": "no_secret"}, "error", "no_secret"),
    ],
)
def test_figures_are_judged(config: dict[str, Any], data: dict[str, Any], verdict: str, code: str) -> None:
    judgement = judged(config, data)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def looked(config: dict[str, Any]) -> Judgement:
    whole = KIND.configured({"op": ">=", "threshold": 2, **config})
    asked = question(now=datetime.now(UTC))
    return KIND.judge(whole, [observed(**KIND.observe(whole, asked, LOOPBACK))], asked)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    system_packages.require(real.why_missing())
    with real.running(tmp_path_factory.mktemp("prometheus")) as url:
        yield url


@pytest.mark.parametrize(
    "config, verdict",
    [
        ({"query": 'core_nodes{pool="core"}'}, "pass"),
        ({"query": "core_nodes", "reduce": "any"}, "pass"),
        ({"query": "scalar(sum(core_nodes))", "op": "==", "threshold": 4}, "pass"),
        ({"query": 'core_nodes{pool="core"}', "for_s": 1}, "pass"),
        ({"query": "core_nodes"}, "fail"),
        ({"query": 'core_nodes{pool="users"}', "for_s": 1}, "fail"),
        ({"query": "1 / 0", "op": "<", "threshold": 10}, "fail"),
        ({"query": "there_is_no_such_metric"}, "inconclusive"),
        ({"query": "broken"}, "inconclusive"),
        ({"query": "core_nodes[1m]"}, "fail"),
        ({"query": "infinite"}, "pass"),
        ({"query": "infinite", "op": "<"}, "fail"),
        ({"query": "histogram_count(durations)"}, "pass"),
        # It is seconds old: what it did not see cannot have held.
        ({"query": 'core_nodes{pool="core"}', "for_s": 86_400}, "inconclusive"),
        ({"query": 'core_nodes{pool="core"}', "for_s": 600}, "inconclusive"),
        ({"query": "vector(3)", "for_s": 86_400}, "pass"),
        ({"query": 'core_nodes{pool="users"}', "for_s": 86_400}, "fail"),
        ({"query": "durations"}, "error"),
        ({"query": "durations", "for_s": 1}, "error"),
        ({"query": "core_nodes{"}, "error"),
        ({"query": '"text"'}, "error"),
    ],
)
def test_a_real_prometheus_is_asked(prometheus: str, config: dict[str, Any], verdict: str) -> None:
    assert looked({"url": prometheus, **config}).verdict == verdict


def test_infinity_and_native_histograms_are_called_what_they_are(prometheus: str) -> None:
    assert looked({"url": prometheus, "query": "infinite"}).summary == "+Inf: >= 2, as expected"
    assert looked({"url": prometheus, "query": "-infinite"}).summary == "-Inf: expected >= 2"
    assert "native histogram" in looked({"url": prometheus, "query": "durations"}).summary


def test_how_much_of_the_time_is_missing_is_said(prometheus: str) -> None:
    judgement = looked({"url": prometheus, "query": 'core_nodes{pool="core"}', "for_s": 86_400})

    assert judgement.reason_code == "not_covered"
    assert "no value at 60 of 61 moments" in judgement.summary


def vector(*results: dict[str, Any]) -> Reply:
    return as_json({"status": "success", "data": {"resultType": "vector", "result": results}})


@pytest.mark.parametrize(
    "reply, verdict",
    [
        (as_json({"status": "success"}), "error"),
        (as_json([]), "error"),
        (vector({}), "error"),
        (vector({"value": [0, "x"]}), "error"),
        (vector(*[{"value": [0, "1"]}] * 101), "inconclusive"),
        ((200, {}, b"<html>"), "error"),
        ((200, {}, b"[" * 100_000), "error"),
        ((200, {}, b"x" * 1_100_000), "inconclusive"),
        ((503, {}, b""), "error"),
    ],
)
def test_what_is_no_prometheus_is_no_pass(reply: Reply, verdict: str) -> None:
    with answering(lambda asked: reply) as place:
        assert looked({"url": place.url(""), "query": "up"}).verdict == verdict


def test_a_prometheus_that_is_down_tells_nothing() -> None:
    with answering(lambda asked: as_json({})) as place:
        pass
    assert looked({"url": place.url(""), "query": "up"}).verdict == "inconclusive"


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"url": "prometheus"}, "/config/url"),
        ({"url": "https://prometheus.example.org/?a=b"}, "/config/url"),
        ({"query": ""}, "/config/query"),
        ({"query": "x" * 2001}, "/config/query"),
        ({"op": "=~"}, "/config/op"),
        ({"threshold": "many"}, "/config/threshold"),
        ({"threshold": float("nan")}, "/config/threshold"),
        ({"reduce": "sum"}, "/config/reduce"),
        ({"reduce": "max", "for_s": 60}, "/config/reduce"),
        ({"fail_op": "<"}, "/config/fail_threshold"),
        ({"fail_threshold": 1}, "/config/fail_threshold"),
        ({"for_s": 86_401}, "/config/for_s"),
        ({"empty": "error"}, "/config/empty"),
        ({"headers": ["Authorization: Bearer abc"]}, "/config/headers/0"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured({**NODES, **config})

    assert {problem.pointer for problem in told.value.problems} == {pointer}


@pytest.mark.parametrize(
    "value, said", [("1.5", "1.5"), ("+Inf", "+Inf"), ("-Inf", "-Inf"), ("NaN", "NaN"), ("1e300", "1e+300")]
)
def test_a_value_is_said_as_prometheus_says_it(value: str, said: str) -> None:
    found = series.read(
        {"status": "success", "data": {"resultType": "vector", "result": [{"value": [1, value]}]}}
    )["series"]

    assert series.few(found) == said
    assert series.few([one(3), *found, {"nan": True, "last": None}]) == f"3, {said}, NaN"
    json.dumps(found, allow_nan=False)
