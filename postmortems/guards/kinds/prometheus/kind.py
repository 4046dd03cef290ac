"""`prometheus`: a query holds. No series, NaN or missing data are inconclusive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.egress.client import Egress
from postmortems.guards.config_fields import choice, field, is_url, seconds, text, time_limit
from postmortems.guards.judgement import Evidence, Judgement, Question
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.kinds.prometheus import series
from postmortems.guards.probing import request_headers, result

MOST_BYTES, STEPS = 1024 * 1024, 60


def _is_bare_url(text: str) -> None:
    is_url(text)
    if "?" in text:
        raise ValidationError("write the address alone; the query has a field of its own")


class PrometheusConfig(Schema):
    url = text(
        "Prometheus",
        "Its address without /api. A private one needs the operator's allowance.",
        validate.Length(max=500),
        _is_bare_url,
        required=True,
        example="https://prometheus.example.org",
    )
    headers = request_headers.field()
    query = text(
        "Query",
        "In PromQL; its result is a number or series of numbers.",
        validate.Length(1, 2000),
        required=True,
        example='min(kube_node_status_ready{pool="core"})',
    )
    op = choice("Comparison", "How the value is compared with the threshold.", ">=", series.COMPARISONS)
    threshold = field(
        fields.Float, "Threshold", "It passes when the comparison with this holds.", None, required=True
    )
    reduce = choice(
        "Of several series",
        "all: each must hold. any: one must. max, min, avg: that of their values must.",
        "all",
        ("all", "any", "max", "min", "avg"),
    )
    for_s = seconds(
        "Held for, in seconds",
        "It must have held all the time since then, without a gap; 0: now.",
        0,
        most=86_400,
    )
    fail_op = choice(
        "Fails by",
        "With the next field: only then it fails, and between the two nothing is told. "
        "Empty: whatever does not pass fails.",
        None,
        series.COMPARISONS,
    )
    fail_threshold = field(fields.Float, "Fails at", "The threshold of failing.", None)
    empty = choice(
        "No series",
        "What it means when the query finds nothing.",
        "inconclusive",
        ("inconclusive", "pass", "fail"),
    )
    nan = choice(
        "Not a number", "What it means when a value is NaN.", "inconclusive", ("inconclusive", "pass", "fail")
    )
    timeout_s = time_limit("For the whole answer.")

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        if (config["fail_op"] is None) is not (config["fail_threshold"] is None):
            raise ValidationError("failing needs a comparison and a threshold", "fail_threshold")
        if config["for_s"] and config["reduce"] in {"max", "min", "avg"}:
            raise ValidationError("over a time, each series is judged for itself: all or any", "reduce")


class PrometheusObserved(result.Observed):
    series = fields.Raw(
        metadata={
            "label": "Series",
            "description": "A list with last, min and max of each series, and missing: gaps in the time.",
            "example": [{"last": 0.0, "min": 0.0, "max": 0.0}],
        }
    )
    trouble = result.words("Trouble", "Why the query has no answer. Empty: it has one.")


class Prometheus(Kind):
    slug = "prometheus"
    label = "Prometheus query"
    passes_when = "the query's value compares with the threshold as it should"
    by_clock = (
        "It asks for the values at this server's time: if that is wrong, so is the moment that is "
        "judged, and without values it says what it is set to say of none."
    )
    Config = PrometheusConfig
    # A threshold without its comparison says nothing.
    leads = ("url", "query", "op", "threshold")
    Observed = PrometheusObserved
    sample = {
        "url": "https://prometheus.example.org",
        "query": 'kube_node_pool_size{pool="core"}',
        "op": ">=",
        "threshold": 1.0,
    }
    observes = True

    def sends(self, config: Configuration) -> Iterable[tuple[str, str, str]]:
        return request_headers.references(config, config["url"])

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        config = self.filled(config)
        return _asked(config) | result.probed(lambda: _probe(config, question.now, egress))

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        seen = result.newest(evidence)
        wanted = f"{config['op']} {config['threshold']:g}"
        expected: dict[str, Any] = {"value": wanted, "of": config["reduce"]}
        if config["for_s"]:
            expected["for_s"] = config["for_s"]
        if seen is None or not result.is_of(seen, question, _asked(config)):
            return result.unseen(question, config["query"], expected)
        if nothing := result.unanswered(seen, config["url"], expected, silence="inconclusive"):
            return nothing
        data = seen.data
        verdict, code, told = _verdict(config, data, wanted)
        observed = {"series": len(data.get("series", ())), "values": series.few(data.get("series", ()))}
        return Judgement(verdict, code, told, observed, expected, seen.observed_at)


def _verdict(config: Configuration, data: Mapping[str, Any], wanted: str) -> tuple[str, str, str]:
    if "trouble" in data:
        return "error", "bad_query", f"Prometheus does not answer the query: {data['trouble']}"
    if data.get("truncated"):
        return "inconclusive", "too_many", f"more than {series.MOST_SERIES} series; aggregate in the query"
    if "warned" in data:
        return "inconclusive", "warned", f"Prometheus warns of its own answer: {data['warned']}"
    found = data.get("series", [])
    if not found:
        return config["empty"], "no_series", "the query finds no series"
    held = _holds(config, found, config["op"], config["threshold"])
    if held:
        return "pass", "as_expected", f"{series.few(found)}: {wanted}, as expected"
    fails = _holds(config, found, config["fail_op"], config["fail_threshold"]) if config["fail_op"] else None
    if fails:
        return "fail", "fails_at", f"{series.few(found)}: {config['fail_op']} {config['fail_threshold']:g}"
    if held is False and not config["fail_op"]:
        is_nan = not any("min" in one for one in found)
        told = "a value is not a number" if is_nan else f"{series.few(found)}: expected {wanted}"
        return "fail", "not_a_number" if is_nan else "threshold_missed", told
    return _open(config, found)


def _holds(config: Configuration, found: list[dict[str, Any]], op: str, threshold: float) -> series.Held:
    return series.holds(op, threshold, config["reduce"], found, config["nan"])


def _open(config: Configuration, found: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Why nothing is told either way."""
    if missing := series.gaps(found):
        told = (
            f"of {config['for_s']} s there is no value at {missing} moments: it cannot have held all the time"
        )
        return "inconclusive", "not_covered", told
    if any(one.get("nan") for one in found) or not config["fail_op"]:
        return config["nan"], "not_a_number", "a value is not a number"
    return "inconclusive", "in_between", f"{series.few(found)}: neither passes nor fails"


def _asked(config: Configuration) -> dict[str, Any]:
    return {name: config[name] for name in ("url", "query", "for_s")}


def _probe(config: Configuration, now: datetime, egress: Egress) -> dict[str, Any]:
    plain, secret = request_headers.headers(config["headers"], config["url"], egress)
    answer = egress.request(
        "GET",
        config["url"].rstrip("/") + _path(config, now),
        headers={"Accept": "application/json", **plain},
        secret_headers=secret,
        timeout_s=config["timeout_s"],
        max_bytes=MOST_BYTES,
    )
    found: dict[str, Any] = {"status": answer.status, "peer": answer.peer, "rule": answer.rule}
    if answer.truncated:
        return found | {"truncated": True}
    try:
        return found | series.read(json.loads(answer.body), _moments(config, now))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return found | {"trouble": f"status {answer.status}, and not in Prometheus' words"}


def _moments(config: Configuration, now: datetime) -> list[int]:
    """The moments of the range that is asked for, in whole seconds; none for a question about now."""
    end = int(now.timestamp())
    return list(range(end - config["for_s"], end + 1, _step(config))) if config["for_s"] else []


def _step(config: Configuration) -> int:
    return max(1, int(config["for_s"]) // STEPS)


def _path(config: Configuration, now: datetime) -> str:
    if not config["for_s"]:
        return "/api/v1/query?" + urlencode({"query": config["query"], "time": now.timestamp()})
    moments = _moments(config, now)
    asked = {"query": config["query"], "start": moments[0], "end": moments[-1], "step": _step(config)}
    return "/api/v1/query_range?" + urlencode(asked)
