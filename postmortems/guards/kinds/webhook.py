"""`webhook`: another system gives the verdict, in answer to a signed request."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.egress.client import Egress, NoSecret
from postmortems.guards.config_fields import flag, is_url, text, time_limit
from postmortems.guards.judgement import Evidence, Judgement, Question
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.probing import request_headers, result
from postmortems.signatures import webhooks

ANSWERS = ("pass", "fail", "inconclusive", "pending")
LONGEST_SUMMARY = 256


class WebhookConfig(Schema):
    url = text(
        "Address",
        "Who is asked, by POST. A private address needs the operator's allowance.",
        validate.Length(max=2000),
        is_url,
        required=True,
        example="https://checks.example.org/deploy",
    )
    signed_with = text(
        "Signed with",
        "The secret whsec_… that both sides know, by its name (Standard Webhooks).",
        validate.Regexp(
            r"(env|file|store):[^\s{}]{1,500}\Z", error="name a secret, as in store:checks-signing"
        ),
        required=True,
        example="store:checks-signing",
    )
    headers = request_headers.field()
    flagger_compat = flag(
        "By status alone", "As Flagger's webhooks: 200 to 202 pass, any other status fails."
    )
    timeout_s = time_limit("For the whole answer.")


class WebhookObserved(result.Observed):
    verdict = fields.String(
        validate=validate.OneOf(ANSWERS),
        metadata={"label": "Verdict", "description": "What the system answered."},
    )
    summary = result.words("Its words", "What it said about it.")
    status = result.whole("Status", "The status of the answer.", example=200)


class Webhook(Kind):
    slug = "webhook"
    label = "Another system"
    passes_when = "the system that is asked answers pass"
    Config = WebhookConfig
    Observed = WebhookObserved
    sample = {"url": "https://checks.example.org/deploy", "signed_with": "store:checks-signing"}
    observes = True
    asks_about_artifact = True

    def sends(self, config: Configuration) -> Iterable[tuple[str, str, str]]:
        yield "/config/signed_with", config["signed_with"], config["url"]
        yield from request_headers.references(config, config["url"])

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        config = self.filled(config)
        return _asked(config, question) | result.probed(lambda: _probe(config, question, egress))

    def answers(self, config: Configuration, data: Any, question: Question) -> bool:
        asked = _asked(config, question)
        return all(data.get(name) == value for name, value in asked.items())

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        seen = result.newest(evidence)
        expected = "200, 201 or 202" if config["flagger_compat"] else "pass"
        if seen is None or not result.is_of(seen, question, _asked(config, question)):
            return result.unseen(question, config["url"], expected)
        if nothing := result.unanswered(seen, config["url"], expected, silence="error"):
            return nothing
        status, at = seen.data.get("status"), seen.observed_at
        if config["flagger_compat"]:
            verdict = "pass" if status in {200, 201, 202} else "fail"
            told = f"{config['url']} answers with status {status}"
            return Judgement(verdict, "by_status", told, {"status": status}, expected, at)
        verdict, said = seen.data.get("verdict", ""), seen.data.get("summary", "")
        if verdict not in ANSWERS:
            told = f"{config['url']} gave no verdict: {seen.data.get('trouble') or f'status {status}'}"
            return Judgement("error", "no_verdict", told, {"status": status}, expected, at)
        told = f"{config['url']} says {verdict}" + (f": {said}" if said else "")
        return Judgement(verdict, f"says_{verdict}", told, {"verdict": verdict}, expected, at)


def _asked(config: Configuration, question: Question) -> dict[str, Any]:
    """What was asked, of whom: an answer is about one artifact on one target."""
    return {
        "url": config["url"],
        "about": {
            "target": question.target,
            "digest": question.artifact.digest,
            "sha": question.artifact.sha,
            "change_kind": question.change_kind,
        },
    }


def _body(question: Question) -> bytes:
    service, _, target = question.target.partition("/")
    artifact = question.artifact
    content = {
        "type": "gate.asked",
        "timestamp": question.now.isoformat(),
        "data": {
            "service": service,
            "target": target,
            "artifact": {
                "digest": artifact.digest,
                "sha": artifact.sha,
                "components": dict(artifact.components),
            },
            "change_kind": question.change_kind,
            "resolves": list(question.resolves),
            "actor": question.actor,
        },
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _probe(config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
    plain, secret = request_headers.headers(config["headers"], config["url"], egress)
    try:
        key = webhooks.key(egress.secret(config["signed_with"], config["url"]).reveal())
    except ValueError as wrong:
        raise NoSecret(f"{config['signed_with']} cannot sign: {wrong}") from None
    body = _body(question)
    signed = webhooks.headers([key], f"msg_{secrets.token_hex(12)}", question.now, body)
    answer = egress.request(
        "POST",
        config["url"],
        headers={"Content-Type": "application/json", "Accept": "application/json", **plain, **signed},
        secret_headers=secret,
        body=body,
        timeout_s=config["timeout_s"],
    )
    found = {"status": answer.status, "peer": answer.peer, "rule": answer.rule}
    if config["flagger_compat"] or not 200 <= answer.status < 300:
        return found
    return found | ({"trouble": "its answer is too long"} if answer.truncated else _verdict(answer.body))


def _verdict(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {"trouble": "its answer is no JSON"}
    verdict = content.get("verdict") if isinstance(content, dict) else None
    if verdict not in ANSWERS:
        return {"trouble": f"its verdict is none of {', '.join(ANSWERS)}"}
    summary = content.get("summary", "")
    return {"verdict": verdict, "summary": _line(summary) if isinstance(summary, str) else ""}


def _line(text: str) -> str:
    """One printable line, not long."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:LONGEST_SUMMARY]
