"""In-toto statements as attestations: test results and verification summaries (SLSA). Pure.

Signatures are not verified: whoever sends the statement vouches for it with their own credential.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate, validates_schema

from postmortems.formats import artifact_ids
from postmortems.guards.schemas import Strict, text

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
SUMMARY = "https://slsa.dev/verification_summary/v1"
# The name under which guards look for each, unless the sender gives another.
NAMES = {TEST_RESULT: "test-result", SUMMARY: "slsa-verified"}
# A SHA-1 is a digest like others, and by what in-toto was before it may be a commit.
COMMITS = ("gitCommit", "sha1")
# What signing tools write around a statement: DSSE, and Sigstore's bundle of one.
ENVELOPES = ("payload", "dsseEnvelope")

_name = validate.Length(1, 200)


def _names(most: int = 1000) -> Any:
    return fields.List(fields.String(validate=_name), load_default=list, validate=validate.Length(max=most))


def _is_known(digests: Mapping[str, str]) -> None:
    """Raises `ValidationError` unless the set names an artifact, and rightly."""
    try:
        for name, value in digests.items():
            if name in artifact_ids.ALGORITHMS:
                artifact_ids.digest(f"{name}:{value}")
            elif name in COMMITS:
                artifact_ids.commit_id(value)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong
    if not any(name in COMMITS or name in artifact_ids.ALGORITHMS for name in digests):
        raise ValidationError(
            f"none of {', '.join(list(artifact_ids.ALGORITHMS))} or gitCommit is among them"
        )


class _Lenient(Schema):
    # What the format has beside this is the sender's business.
    class Meta:
        unknown = EXCLUDE


class StatementSubject(_Lenient):
    name = text(500)
    digest = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 50)),
        values=fields.String(validate=validate.Length(1, 150)),
        required=True,
        validate=[validate.Length(1, 10), _is_known],
        metadata={"example": {"sha256": artifact_ids.EXAMPLE.removeprefix("sha256:")}},
    )


class TestResult(_Lenient):
    result = fields.String(required=True, validate=validate.OneOf(["PASSED", "WARNED", "FAILED"]))
    passedTests = _names()
    warnedTests = _names()
    failedTests = _names()

    @validates_schema(skip_on_field_errors=True)
    def _agrees_with_itself(self, values: dict[str, Any], **_: Any) -> None:
        if values["failedTests"] and values["result"] != "FAILED":
            raise ValidationError(f"says {values['result']}, and names tests that failed", "result")


class Summary(_Lenient):
    verificationResult = fields.String(required=True, validate=validate.OneOf(["PASSED", "FAILED"]))
    verifiedLevels = _names(100)
    timeVerified = fields.AwareDateTime(required=True)


class StatementBody(Strict):
    """A statement (in-toto v1) about up to 20 artifacts, as it is; not the envelope that signs it."""

    _type = fields.String(required=True, validate=validate.Equal(STATEMENT))
    subject = fields.List(fields.Nested(StatementSubject), required=True, validate=validate.Length(1, 20))
    predicateType = fields.String(required=True, validate=validate.OneOf(list(NAMES)))
    predicate = fields.Dict(required=True)

    @pre_load
    def _is_no_envelope(self, values: Any, **_: Any) -> Any:
        wrapped = next((name for name in ENVELOPES if isinstance(values, Mapping) and name in values), "")
        if wrapped and "_type" not in values:
            told = "this is the envelope that signs a statement; send what is in its payload, read as base64"
            raise ValidationError(told, wrapped)
        return values

    @validates_schema(skip_on_field_errors=True)
    def _says_what_it_is(self, values: dict[str, Any], **_: Any) -> None:
        wrong = _shape(values).validate(values["predicate"])
        if wrong:
            raise ValidationError({"predicate": wrong})


def attestations(statement: Mapping[str, Any], place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """An attestation's body for each digest; `place` has service, target, predicate, observed_at."""
    said = _shape(statement).load(statement["predicate"])
    if statement["predicateType"] == TEST_RESULT:
        named = (("passed", "passedTests"), ("warned", "warnedTests"), ("failed", "failedTests"))
        tests = {test: result for result, several in named for test in said[several]}
        result, at = said["result"].lower(), place["observed_at"]
    else:
        result, at = said["verificationResult"].lower(), said["timeVerified"].isoformat()
        tests = dict.fromkeys(said["verifiedLevels"], result)
    for subject in (one for each in statement["subject"] for one in _named(each["digest"])):
        yield {
            "predicate": place["predicate"] or NAMES[statement["predicateType"]],
            "service": place["service"],
            "target": place["target"],
            "subject": subject,
            "result": result,
            "tests": tests,
            "observed_at": at,
        }


def _shape(statement: Mapping[str, Any]) -> Schema:
    return TestResult() if statement["predicateType"] == TEST_RESULT else Summary()


def _named(digests: Mapping[str, str]) -> list[dict[str, str]]:
    """The artifact by each of its digests, for DigestSets match by any; with the commit, if there is one."""
    sha = next((digests[name] for name in COMMITS if name in digests), "")
    known = [name for name in artifact_ids.ALGORITHMS if name in digests]
    return [{"digest": f"{name}:{digests[name]}", "sha": sha} for name in known] or [
        {"digest": "", "sha": sha}
    ]
