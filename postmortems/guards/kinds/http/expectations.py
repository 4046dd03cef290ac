"""Expectations of an HTTP answer, and what of it is kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from postmortems.egress.client import Answer
from postmortems.formats import artifact_ids
from postmortems.guards.judgement import Question
from postmortems.guards.kinds.http import assertions
from postmortems.guards.probing import regex

SHORT_TOKEN = re.compile(r"[\w.:+@/-]{1,128}")
# Whether it held (None: it was not checked), the reason code and the words for when it did not.
Expectation = tuple[bool | None, str, str]


def kept(answer: Answer, config: Mapping[str, Any]) -> dict[str, Any]:
    """What of an answer is stored: figures, and for each expectation whether it held. Never the body."""
    text = answer.body.decode("utf-8", "replace")
    whole = not answer.truncated
    content = assertions.parsed(text) if whole else assertions.UNREAD

    def contains(needle: str) -> bool | None:
        # What is missing from a part may stand in the rest.
        return True if needle in text else (False if whole else None)

    def matches(pattern: str) -> bool | None:
        return True if regex.found(pattern, text) else (False if whole else None)

    return {
        "status": answer.status,
        "latency_ms": answer.latency_ms,
        "bytes": len(answer.body),
        "truncated": answer.truncated,
        "tls_days_left": answer.tls_days_left,
        "peer": answer.peer,
        "rule": answer.rule,
        "contains": {
            needle: contains(needle) for needle in [*config["body_contains"], *config["body_lacks"]]
        },
        "matches": {pattern: matches(pattern) for pattern in config["body_matches"]},
        "headers": {line: assertions.header_holds(line, answer.headers) for line in config["expect_headers"]},
        "json": {line: assertions.json_holds(line, content) for line in config["expect_json"]},
        "version_in": config["version_in"],
        "version": _version(config["version_in"], answer, content),
    }


def _version(place: str, answer: Answer, content: object) -> str | None:
    """The version that the answer names, where it is a short plain token; None where it names none."""
    how, _, where = place.partition(":")
    if how == "header":
        found: object = answer.headers.get(where.lower())
    else:
        found = assertions.at_path(content, where) if how == "json" else None
    return found if isinstance(found, str) and SHORT_TOKEN.fullmatch(found) else None


def expectations(config: Mapping[str, Any], data: Any, question: Question) -> Iterator[Expectation]:
    """Each expectation: whether it held, the code and the words for when it did not."""
    status = data.get("status")
    yield status in config["expect_status"], "wrong_status", f"expected {_listed(config['expect_status'])}"
    for line in config["expect_headers"]:
        yield _held(data, "headers", line), "wrong_header", f"expected the header {line}"
    for needle in config["body_contains"]:
        yield _held(data, "contains", needle), "body_mismatch", f"expected {needle!r} in the body"
    for needle in config["body_lacks"]:
        held = _held(data, "contains", needle)
        yield None if held is None else not held, "body_mismatch", f"expected no {needle!r} in the body"
    for pattern in config["body_matches"]:
        yield _held(data, "matches", pattern), "body_mismatch", f"expected {pattern!r} to match the body"
    for line in config["expect_json"]:
        yield _held(data, "json", line), "json_mismatch", f"expected {line}"
    limit = config["max_latency_ms"]
    if limit is not None:
        yield _at_most(data.get("latency_ms"), limit), "too_slow", f"expected an answer within {limit} ms"
    days = config["tls_min_days"]
    if days is not None:
        left = data.get("tls_days_left")
        yield (
            None if left is None else left >= days,
            "certificate_ends",
            f"expected a certificate for {days} days",
        )
    if config["version_in"]:
        yield (
            _runs(question, data, config["version_in"]),
            "other_version",
            "it does not run the artifact to be deployed",
        )


def _held(data: Any, part: str, line: str) -> bool | None:
    held: bool | None = data.get(part, {}).get(line)
    return held


def _at_most(value: int | None, limit: int) -> bool | None:
    return None if value is None else value <= limit


def _runs(question: Question, data: Any, place: str) -> bool | None:
    if data.get("version_in") != place:
        return None
    names = (question.artifact.digest, question.artifact.sha)
    return any(artifact_ids.are_same(str(data.get("version") or ""), name) for name in names)


def _listed(statuses: list[int]) -> str:
    return " or ".join(str(status) for status in statuses)


def expected(config: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "expect_status",
        "expect_headers",
        "body_contains",
        "body_lacks",
        "body_matches",
        "expect_json",
        "max_latency_ms",
        "tls_min_days",
    )
    return {name.removeprefix("expect_"): config[name] for name in names if config[name] not in (None, [])}
