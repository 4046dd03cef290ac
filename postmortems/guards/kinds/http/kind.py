"""`http`: a URL answers as expected. Only what matched is kept, never the content.

Nothing listening at an allowed address is a fail: staging is down, and that is what the guard is for. An
address that the operator does not allow is an error: nothing was learnt about staging.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from postmortems.egress.client import Egress
from postmortems.guards.judgement import Evidence, EvidenceItem, Judgement, Question
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.kinds.http import expectations
from postmortems.guards.kinds.http.config import HttpConfig
from postmortems.guards.probing import request_headers, result

FIGURES = ("status", "latency_ms", "tls_days_left", "version")


class HttpObserved(result.Observed):
    status = result.whole("Status", "The status of the answer.", example=503)
    latency_ms = result.whole("Time, in milliseconds", "How long the answer took.")
    tls_days_left = result.whole("Certificate lasts, in days", "How long the certificate was still valid.")
    version = result.words("Version", "What the answer said that it runs: a digest or a commit.")
    headers = result.held("Headers", "Which expected headers were there.")
    contains = result.held("In the body", "Which of the texts that are looked for stood in the body.")
    matches = result.held("Expressions", "Which expressions matched the body.")
    json = result.held("In JSON", "Which lines about the JSON were true.")


class Http(Kind):
    slug = "http"
    label = "HTTP answer"
    passes_when = "the address answers with the status, headers and body that are expected, in time"
    by_clock = f"{result.AGES_BY_CLOCK} A certificate's days are counted by it too."
    Config = HttpConfig
    Observed = HttpObserved
    sample = {
        "url": "https://staging.example.org/hub/health",
        "body_contains": ["healthy"],
        "max_latency_ms": 2000,
    }
    observes = True

    def sends(self, config: Configuration) -> Iterable[tuple[str, str, str]]:
        return request_headers.references(config, config["url"])

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        config = self.filled(config)
        ends = time.monotonic() + config["timeout_s"]
        probes = [_probe(config, egress, ends)]
        while len(probes) < config["samples"] and "refused" not in probes[0] and time.monotonic() < ends:
            time.sleep(max(0.0, min(config["interval_ms"] / 1000, ends - time.monotonic())))
            probes.append(_probe(config, egress, ends))
        return _asked(config) | (probes[0] if len(probes) == 1 else {"samples": probes})

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        seen = result.newest(evidence)
        expected = expectations.expected(config)
        if seen is None or not _is_same_look(seen.data, config):
            return result.unseen(question, config["url"], expected)
        probes = seen.data.get("samples")
        if not probes:
            return _judged(config, seen, seen.data, question)
        judged = [_judged(config, seen, probe, question) for probe in probes]
        passed = sum(one.verdict == "pass" for one in judged)
        worst = next((one for one in judged if one.verdict == "fail"), None) or next(
            (one for one in judged if one.verdict != "pass"), judged[0]
        )
        told = f"{passed} of {len(judged)} answers as expected"
        observed = {"as_expected": passed, "asked": len(judged)}
        if passed >= config["samples_pass"]:
            what = f"{config['method']} {config['url']} → {told}"
            return Judgement("pass", "as_expected", what, observed, expected, seen.observed_at)
        summary = f"{worst.summary} ({told})"
        return Judgement(worst.verdict, worst.reason_code, summary, observed, expected, seen.observed_at)


def _judged(
    config: Configuration, seen: EvidenceItem, data: Mapping[str, Any], question: Question
) -> Judgement:
    """One answer. A broken expectation decides; one that could not be checked only where none is broken."""
    asked = f"{config['method']} {config['url']}"
    expected, at = expectations.expected(config), seen.observed_at
    if nothing := result.unanswered(EvidenceItem("observation", at, data=data), asked, expected):
        return nothing
    observed = {name: data[name] for name in FIGURES if data.get(name)}
    found = [*expectations.expectations(config, data, question)]
    worst = next((each for each in found if each[0] is False), None) or next(
        (each for each in found if each[0] is None), None
    )
    if worst is None:
        told = f"{asked} → {data['status']}, as expected"
        return Judgement("pass", "as_expected", told, observed, expected, at)
    holds, code, detail = worst
    verdict, code = ("fail", code) if holds is False else ("inconclusive", "not_observed")
    told = f"{asked} → {data.get('status', 'no status')}: {detail}"
    return Judgement(verdict, code, told, observed, expected, at)


def _asked(config: Configuration) -> dict[str, Any]:
    return {"url": config["url"], "method": config["method"]}


def _is_same_look(data: Any, config: Configuration) -> bool:
    return all(data.get(name, config[name]) == config[name] for name in ("url", "method"))


def _probe(config: Configuration, egress: Egress, ends: float) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        plain, secret = request_headers.headers(config["headers"], config["url"], egress)
        answer = egress.request(
            config["method"],
            config["url"],
            headers=plain,
            secret_headers=secret,
            body=config["body"].encode(),
            timeout_s=max(0.001, ends - time.monotonic()),
            max_bytes=config["max_body_bytes"],
            redirects=config["follow_redirects"],
        )
        return expectations.kept(answer, config)

    return result.probed(ask)
