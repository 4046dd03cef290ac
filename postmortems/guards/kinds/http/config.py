"""The configuration of an `http` guard: the request, how often, and what is expected."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.guards.config_fields import choice, is_url, lines, readable, text, time_limit, whole
from postmortems.guards.kinds.http import assertions
from postmortems.guards.probing import regex, request_headers


class HttpConfig(Schema):
    url = text(
        "Address",
        "What to ask, http or https. A private address needs the operator's allowance.",
        validate.Length(max=2000),
        is_url,
        required=True,
        example="https://staging.example.org/hub/health",
    )
    method = choice(
        "Method", "HEAD asks for the headers alone, POST sends a body.", "GET", ("GET", "HEAD", "POST")
    )
    headers = request_headers.field()
    body = text("Body to send", "With POST; say what it is in Content-Type.", validate.Length(max=8192))
    follow_redirects = whole(
        "Follow redirects",
        "How many at most; each is checked as the first address is, and never from https to http.",
        0,
        (0, 5),
    )
    expect_status = lines(
        "Statuses",
        "The status must be one of these, one per line.",
        default=[200],
        least=1,
        most=20,
        example=[200],
        of=fields.Integer(strict=True, validate=validate.Range(100, 599)),
    )
    expect_headers = lines(
        "Headers contain",
        "One per line, Name: text; the header must be there and contain the text.",
        readable(assertions.read_header),
        example=["Content-Type: text/html"],
        most=20,
    )
    body_contains = lines(
        "Body contains", "One text per line; all must be in the body, as far as it is read.", most=20
    )
    body_lacks = lines("Body does not contain", "One text per line; none may be in the body.", most=20)
    body_matches = lines(
        "Body matches",
        "One regular expression (RE2) per line; each must be found in the body.",
        readable(regex.check),
        example=["version [0-9]+"],
        most=20,
    )
    expect_json = lines(
        "JSON says",
        "One per line: a path, one of == != < <= > >= contains matches exists, and a JSON value.",
        readable(assertions.read_json),
        example=['checks.database == "ok"'],
        most=20,
    )
    version_in = text(
        "Names its version in",
        "Where the answer names the artifact that runs: the one to be deployed.",
        validate.Regexp(r"((header|json):[\w.$-]{1,100})?\Z", error="write header:<name> or json:<path>"),
        example="json:build.digest",
    )
    max_latency_ms = whole(
        "Slowest answer, in milliseconds", "Empty: as long as it answers in time.", None, (1, 60_000)
    )
    tls_min_days = whole(
        "Certificate lasts, in days", "The certificate must be valid for so long.", None, (0, 3650)
    )
    samples = whole("Ask so often", "How many times it is asked for one look.", 1, (1, 10))
    samples_pass = whole("Of which must be right", "How many of them must be as expected.", 1, (1, 10))
    interval_ms = whole(
        "Pause between, in milliseconds", "How long to wait before asking again.", 500, (0, 5000)
    )
    max_body_bytes = whole(
        "Most of the body, in bytes",
        "How much is read; what lies behind is not known.",
        65_536,
        (1024, 1_048_576),
    )
    timeout_s = time_limit("All told, from the first name's look-up to the last byte of the last answer.")

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
