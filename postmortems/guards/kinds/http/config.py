"""The configuration of an `http` guard: the request, how often, and what is expected."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.egress import kept_urls
from postmortems.egress.client import Refused
from postmortems.guards.kinds.http import assertions
from postmortems.guards.probing import regex, request_headers

_needle = validate.Length(min=1, max=200)
_few = validate.Length(max=20)


def is_url(text: str) -> None:
    """A validator: raises `ValidationError` for what could never be asked, or holds a secret."""
    try:
        kept_urls.check(text, instead=request_headers.INSTEAD)
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


def _whole(label: str, description: str, least: int, most: int, default: int | None) -> fields.Integer:
    return fields.Integer(
        strict=True,
        allow_none=default is None,
        load_default=default,
        validate=validate.Range(least, most),
        metadata={"label": label, "description": description},
    )


def _lines(label: str, description: str, *rules: Any, example: list[str] | None = None) -> fields.List[str]:
    metadata: dict[str, Any] = {"label": label, "description": description}
    if example:
        metadata["example"] = example
    return fields.List(
        fields.String(validate=[_needle, *rules]), load_default=list, validate=_few, metadata=metadata
    )


class HttpConfig(Schema):
    url = fields.String(
        required=True,
        validate=[validate.Length(max=2000), is_url],
        metadata={
            "label": "Address",
            "description": "What to ask, http or https. A private address needs the operator's allowance.",
            "example": "https://staging.example.org/hub/health",
        },
    )
    method = fields.String(
        load_default="GET",
        validate=validate.OneOf(["GET", "HEAD", "POST"]),
        metadata={"label": "Method", "description": "HEAD asks for the headers alone, POST sends a body."},
    )
    headers = request_headers.field()
    body = fields.String(
        load_default="",
        validate=validate.Length(max=8192),
        metadata={"label": "Body to send", "description": "With POST; say what it is in Content-Type."},
    )
    follow_redirects = _whole(
        "Follow redirects",
        "How many at most; each is checked as the first address is, and never from https to http.",
        0,
        5,
        0,
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
    expect_headers = _lines(
        "Headers contain",
        "One per line, Name: text; the header must be there and contain the text.",
        _is_header,
        example=["Content-Type: text/html"],
    )
    body_contains = _lines(
        "Body contains", "One text per line; all must be in the body, as far as it is read."
    )
    body_lacks = _lines("Body does not contain", "One text per line; none may be in the body.")
    body_matches = _lines(
        "Body matches",
        "One regular expression (RE2) per line; each must be found in the body.",
        regex.is_pattern,
        example=["version [0-9]+"],
    )
    expect_json = _lines(
        "JSON says",
        "One per line: a path, one of == != < <= > >= contains matches exists, and a JSON value.",
        _is_json,
        example=['checks.database == "ok"'],
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
    max_latency_ms = _whole(
        "Slowest answer, in milliseconds", "Empty: as long as it answers in time.", 1, 60_000, None
    )
    tls_min_days = _whole(
        "Certificate lasts, in days", "The certificate must be valid for so long.", 0, 3650, None
    )
    samples = _whole("Ask so often", "How many times it is asked for one look.", 1, 10, 1)
    samples_pass = _whole("Of which must be right", "How many of them must be as expected.", 1, 10, 1)
    interval_ms = _whole(
        "Pause between, in milliseconds", "How long to wait before asking again.", 0, 5000, 500
    )
    max_body_bytes = _whole(
        "Most of the body, in bytes",
        "How much is read; what lies behind is not known.",
        1024,
        1_048_576,
        65_536,
    )
    timeout_s = _whole(
        "Time limit, in seconds",
        "All told, from the first name's look-up to the last byte of the last answer.",
        1,
        20,
        10,
    )

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        if config["tls_min_days"] is not None and not config["url"].lower().startswith("https:"):
            raise ValidationError("only an https address has a certificate", "tls_min_days")
        reads = any(config[name] for name in ("body_contains", "body_lacks", "body_matches", "expect_json"))
        if config["method"] == "HEAD" and (reads or config["version_in"].startswith("json:")):
            raise ValidationError("an answer to HEAD has no body; use GET", "method")
        if config["body"] and config["method"] != "POST":
            raise ValidationError("only POST sends a body", "body")
        if config["follow_redirects"] and config["method"] == "POST":
            raise ValidationError("a body is sent to one place only", "follow_redirects")
        if config["samples_pass"] > config["samples"]:
            raise ValidationError("it is not asked so often", "samples_pass")
