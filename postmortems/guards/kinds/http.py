"""`http`: a place answers as it should. Looks once and keeps what matched; never keeps what it read.

Nothing listening at an allowed address is a fail: staging is down, and that is what the guard is for. An
address that the operator does not allow is an error: nothing was learnt about staging.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.egress import Egress, Refused, Unreachable, checked_url
from postmortems.guards import answers, assertions
from postmortems.guards.judging import Evidence, Judgement, Question
from postmortems.guards.kinds.base import Configuration, Kind

_needle = validate.Length(min=1, max=200)
_few = validate.Length(max=20)


def _is_url(text: str) -> None:
    try:
        checked_url(text)
    except Refused as wrong:
        raise ValidationError(str(wrong)) from wrong


def _is_header(text: str) -> None:
    try:
        assertions.read_header(text)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong


def _is_json(text: str) -> None:
    try:
        assertions.read_json(text)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong


class HttpConfig(Schema):
    url = fields.String(
        required=True,
        validate=[validate.Length(max=2000), _is_url],
        metadata={
            "label": "Address",
            "description": "What to ask, http or https. A private address needs the operator's allowance.",
            "example": "https://staging.example.org/hub/health",
        },
    )
    method = fields.String(
        load_default="GET",
        validate=validate.OneOf(["GET", "HEAD"]),
        metadata={"label": "Method", "description": "HEAD asks for the headers alone."},
    )
    expect_status = fields.List(
        fields.Integer(strict=True, validate=validate.Range(100, 599)),
        load_default=lambda: [200],
        validate=validate.Length(min=1, max=20),
        metadata={
            "label": "Statuses",
            "description": "The status must be one of these, one per line.",
            "example": [200],
        },
    )
    expect_headers = fields.List(
        fields.String(validate=[_needle, _is_header]),
        load_default=list,
        validate=_few,
        metadata={
            "label": "Headers contain",
            "description": "One per line, Name: text; the header must be there and contain the text.",
            "example": ["Content-Type: text/html"],
        },
    )
    body_contains = fields.List(
        fields.String(validate=_needle),
        load_default=list,
        validate=_few,
        metadata={
            "label": "Body contains",
            "description": "One text per line; all must be in the body's first 64 KiB.",
        },
    )
    body_lacks = fields.List(
        fields.String(validate=_needle),
        load_default=list,
        validate=_few,
        metadata={
            "label": "Body does not contain",
            "description": "One text per line; none may be in the body.",
        },
    )
    expect_json = fields.List(
        fields.String(validate=[_needle, _is_json]),
        load_default=list,
        validate=_few,
        metadata={
            "label": "JSON says",
            "description": "One per line: a path, one of == != < <= > >= contains exists, and a JSON value.",
            "example": ['checks.database == "ok"'],
        },
    )
    version_in = fields.String(
        load_default="",
        validate=validate.Regexp(
            r"((header|json):[\w.$-]{1,100})?\Z", error="write header:<name> or json:<path>"
        ),
        metadata={
            "label": "Names its version in",
            "description": "Where the answer names the artifact that runs: the one to be deployed.",
            "example": "json:build.digest",
        },
    )
    max_latency_ms = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(1, 60_000),
        metadata={
            "label": "Slowest answer, in milliseconds",
            "description": "Empty: as long as it answers in time.",
        },
    )
    tls_min_days = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(0, 3650),
        metadata={
            "label": "Certificate lasts, in days",
            "description": "The certificate must be valid for so long.",
        },
    )
    timeout_s = fields.Integer(
        strict=True,
        load_default=10,
        validate=validate.Range(1, 20),
        metadata={
            "label": "Time limit, in seconds",
            "description": "All told, from the name's look-up to the last byte.",
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        if config["tls_min_days"] is not None and not config["url"].lower().startswith("https:"):
            raise ValidationError("only an https address has a certificate", "tls_min_days")
        reads = config["body_contains"] or config["body_lacks"] or config["expect_json"]
        if config["method"] == "HEAD" and (reads or config["version_in"].startswith("json:")):
            raise ValidationError("an answer to HEAD has no body; use GET", "method")


class Http(Kind):
    slug = "http"
    label = "HTTP answer"
    passes_when = "the address answers with the status, headers and body that are expected, in time"
    Config = HttpConfig
    sample = {
        "url": "https://staging.example.org/hub/health",
        "body_contains": ["healthy"],
        "max_latency_ms": 2000,
    }
    observes = True

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        config = self.filled(config)
        asked = {"url": config["url"], "method": config["method"]}
        try:
            answer = egress.request(config["method"], config["url"], timeout_s=config["timeout_s"])
        except Refused as refused:
            return asked | {"refused": str(refused), "detail": refused.detail}
        except Unreachable as unreachable:
            return asked | {"unreachable": str(unreachable), "detail": unreachable.detail}
        return asked | answers.kept(answer, config)

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        seen = next((seen for seen in evidence if seen.kind == "observation"), None)
        expected = answers.expected(config)
        if seen is None or not _is_same_look(seen.data, config):
            if question.is_replay:
                return Judgement(
                    "not_applicable", "not_recorded", "no answer was recorded for this moment", None, expected
                )
            return Judgement(
                "inconclusive", "not_observed", f"{config['url']} has not been looked at yet", None, expected
            )
        data, at = seen.data, seen.observed_at
        asked = f"{config['method']} {config['url']}"
        if "refused" in data:
            told = f"{asked} was not allowed to be asked: {data['refused']}"
            return Judgement("error", "egress_refused", told, {"refused": data["refused"]}, expected, at)
        if "unreachable" in data:
            told = f"{asked} did not answer: {data['unreachable']}"
            return Judgement("fail", "unreachable", told, {"unreachable": data["unreachable"]}, expected, at)
        observed = {
            name: data[name]
            for name in ("status", "latency_ms", "tls_days_left", "version")
            if data.get(name)
        }
        # A broken expectation decides; one that could not be looked at only where none is broken.
        found = [*answers.expectations(config, data, question)]
        worst = next((each for each in found if each[0] is False), None) or next(
            (e for e in found if e[0] is None), None
        )
        if worst is None:
            return Judgement(
                "pass", "as_expected", f"{asked} → {data['status']}, as expected", observed, expected, at
            )
        holds, code, detail = worst
        verdict, code = ("fail", code) if holds is False else ("inconclusive", "not_observed")
        return Judgement(
            verdict, code, f"{asked} → {data.get('status', 'no status')}: {detail}", observed, expected, at
        )


def _is_same_look(data: Any, config: Configuration) -> bool:
    return all(data.get(name, config[name]) == config[name] for name in ("url", "method"))
