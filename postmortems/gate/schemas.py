"""Schemas of requests to the gate.

Loaded values are plain JSON again, so that they can be stored, hashed and loaded once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from postmortems.egress import kept_urls
from postmortems.egress.urls import Refused
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.gate import plain_request
from postmortems.guards import schemas as guards_schemas
from postmortems.guards.judgement import CHANGE_KINDS
from postmortems.guards.schemas import Strict as Strict
from postmortems.guards.schemas import load as load
from postmortems.guards.schemas import text as text

# A request may hold the caller's connection for as long as it is ready to come back: the longest wait.
MAX_WAIT_S = 900
# Guards reckon days ahead and back; at the ends of the calendar that would fail.
YEARS = range(1970, 2200)


def instant(text: str) -> datetime:
    """An aware instant from ISO 8601. Raises ValueError when it cannot be read, or is not of these ages."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("no offset")
    if read.year not in YEARS:
        raise ValueError("another age")
    return read


def is_instant(text: str) -> None:
    try:
        instant(text)
    except ValueError:
        raise ValidationError(
            "write an instant with its offset from UTC, such as 2018-01-25T15:30:00-08:00"
        ) from None


def is_storable(value: Any) -> None:
    """Raises `ValidationError` unless it is plain JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValidationError("write plain JSON: texts, finite numbers, lists and objects") from None


def _is_run_id(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > 200:
        raise ValidationError("write the run's number or name, at most 200 characters")


def _holds_no_secret(url: str) -> None:
    try:
        kept_urls.refuse_secret(
            url, instead="send the address as people open it, who sign in there themselves"
        )
    except Refused as wrong:
        raise ValidationError(str(wrong)) from None


def Name(longest: int) -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, longest))


class ArtifactShape(guards_schemas.ArtifactBody):
    """What is to be deployed."""


class RunShape(Strict):
    provider = text(50)
    id = fields.Raw(load_default="", validate=_is_run_id)
    attempt = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 100_000))
    url = fields.String(load_default="", validate=[validate.Length(max=2000), _holds_no_secret])
    committers = fields.List(
        fields.String(validate=validate.Length(1, 200)),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "who wrote what is in it, for sign-offs that bar them"},
    )
    typed_target = text(201, description="the full name that a person typed to start the run")


NO_ARTIFACT = {"digest": "", "sha": "", "components": {}}
NO_RUN = {"provider": "", "id": "", "attempt": 1, "url": "", "committers": [], "typed_target": ""}


class AskShape(Strict):
    """May this artifact go to this target now?"""

    service = Name(100)
    target = Name(100)
    declared_target = text(201, description="what the caller believes it deploys to", example="data8/prod")
    artifact = fields.Nested(ArtifactShape, load_default=NO_ARTIFACT.copy)
    change_kind = fields.String(load_default="feature", validate=validate.OneOf(CHANGE_KINDS))
    resolves = fields.List(
        fields.String(validate=validate.Regexp(plain_request.ITEM, error="write action items as AI-2")),
        load_default=list,
        validate=validate.Length(max=100),
    )
    run = fields.Nested(RunShape, load_default=NO_RUN.copy)
    actor = text(200)
    at = fields.String(
        load_default=None,
        allow_none=True,
        validate=is_instant,
        metadata={"description": "judge as of this instant; dry runs only"},
    )
    dry_run = StrictBoolean(load_default=False)
    wait_s = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, MAX_WAIT_S),
        metadata={"description": "how long the caller would come back while the answer is wait; 0 for 900 s"},
    )
    # Left out where it is not said, so that the request of a pipeline is the same with and without.
    drill = fields.Integer(
        strict=True,
        validate=validate.Range(1, 2**31 - 1),
        metadata={
            "description": "a live drill: the id of the bad scenario whose request this is. It is answered "
            "like any other, lets nothing through and counts as no decision"
        },
    )

    def load(self, data: Any, **options: Any) -> Any:
        """As any schema does, at once where all is as it has to be."""
        is_all = type(self) is AskShape and not options
        plain = plain_request.read(data, MAX_WAIT_S) if is_all else None
        return super().load(data, **options) if plain is None else plain


class ClaimedArtifact(ArtifactShape):
    """An artifact that can be compared: by its digest, its commit or both."""

    @validates_schema(skip_on_field_errors=True)
    def _names_something(self, values: Mapping[str, Any], **_: Any) -> None:
        if not (values["digest"].strip() or values["sha"].strip()):
            raise ValidationError("name the artifact by its digest, its commit or both")


class VerifyShape(Strict):
    """What is about to be deployed, to be compared with what was decided: all of it is named."""

    service = Name(100)
    target = Name(100)
    artifact = fields.Nested(ClaimedArtifact, required=True)
    use = StrictBoolean(
        load_default=False,
        metadata={"description": "use it up: no later question finds it valid"},
    )


# Making a schema takes longer than loading by it, and pipelines wait for this one.
ASK = AskShape()
