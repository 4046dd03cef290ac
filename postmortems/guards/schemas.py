"""Schemas of guards, services and evidence as they come in. Rows are checked by operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from postmortems import limits, search_words
from postmortems.errors import Invalid
from postmortems.formats import artifact_ids
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.guards.config_fields import FULL_NAME, NAME, PREDICATE
from postmortems.guards.judgement import CHANGE_KINDS, LEVELS, OVERRIDES
from postmortems.guards.kind import problems

SLUG = validate.And(
    validate.Length(1, 100),
    validate.Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z", error="write a slug such as lab-hours"),
)
OUTCOMES = ("started", "succeeded", "failed", "rolled_back")
RESULTS = ("passed", "warned", "failed")


def load(schema: Schema, values: object, pointer: str = "") -> dict[str, Any]:
    """The checked values. Raises `Invalid` with a pointer for each wrong place."""
    try:
        loaded: dict[str, Any] = schema.load(values)  # type: ignore[arg-type]
    except ValidationError as wrong:
        raise Invalid(list(problems(wrong.messages, pointer))) from wrong
    return loaded


def text(longest: int, **metadata: Any) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=longest), metadata=metadata)


def artifact_digest(**metadata: Any) -> fields.String:
    """An artifact's digest, in small letters; empty when it is left out."""
    return _identity(
        artifact_ids.digest,
        {"description": "the content's digest", "example": artifact_ids.EXAMPLE, **metadata},
    )


def artifact_commit(**metadata: Any) -> fields.String:
    """An artifact's whole commit, in small letters; empty when it is left out."""
    return _identity(
        artifact_ids.commit_id, {"description": "the commit it was built from, all of it", **metadata}
    )


def _identity(read: Callable[[str], str], metadata: dict[str, Any]) -> fields.String:
    def is_one(written: str) -> None:
        try:
            written.strip() and read(written)
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong

    return fields.String(
        load_default="", validate=is_one, post_load=lambda written: written.strip().lower(), metadata=metadata
    )


class Strict(Schema):
    class Meta:
        unknown = RAISE


class PageQuery(Strict):
    after = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "the `next` of the page before"},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, limits.PAGE))


class GuardsQuery(PageQuery):
    service = text(100, description="guards over any target of this service")
    target = text(201, description="guards over this target, by its full name", example="data8/prod")
    kind = text(30)
    level = fields.String(load_default="", validate=OneOfOrNothing(LEVELS))
    is_enabled = fields.Boolean(load_default=None, allow_none=True)
    q = text(200, description=f"what has to occur in slug or title: {search_words.RULE}")


class ServiceBody(Strict):
    """A service with its targets in promotion order."""

    name = fields.String(required=True, validate=NAME, metadata={"example": "data8"})
    title = text(200, example="Data 8's hub")
    targets = fields.List(
        fields.String(validate=NAME),
        required=True,
        validate=validate.Length(1, 50, error="name 1 to 50 targets: where it is deployed to"),
        metadata={"description": "names in promotion order", "example": ["staging", "prod"]},
    )

    team = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=80),
        metadata={
            "description": "the id of the team that answers for it, empty for none; left out, it stays",
            "example": "platform",
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def _names_differ(self, values: dict[str, Any], **_: Any) -> None:
        if len(set(values["targets"])) < len(values["targets"]):
            raise ValidationError("a target is named twice", "targets")


class ServiceEditBody(ServiceBody):
    class Meta:
        unknown = RAISE
        exclude = ("name",)


class GuardBody(Strict):
    """A guard as it is made. It starts at level shadow; soft and hard need a drill first."""

    slug = fields.String(required=True, validate=SLUG, metadata={"example": "lab-hours"})
    title = text(200, example="No deploys to production in lab hours")
    kind = fields.String(required=True, metadata={"example": "window"})
    config = fields.Dict(
        load_default=dict,
        metadata={"description": "as the kind's schema says: see guard-kinds", "example": {}},
    )
    level = fields.String(load_default="shadow", validate=validate.OneOf(LEVELS))
    is_enabled = StrictBoolean(load_default=True)
    on_error = fields.String(load_default="block", validate=validate.OneOf(["block", "warn"]))
    override = fields.String(
        load_default="one",
        validate=validate.OneOf(OVERRIDES),
        metadata={"description": "how many people it takes to pass it over for once: none, one or two"},
    )
    max_age_s = fields.Integer(
        strict=True,
        load_default=30,
        validate=validate.Range(0, 3600),
        metadata={"description": "how old an observation may be before the gate looks again"},
    )
    remedy = text(2000, description="what to do when it fails")
    owner = text(200)
    targets = fields.List(
        fields.String(validate=FULL_NAME),
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "full names", "example": ["data8/prod"]},
    )


class GuardEditBody(GuardBody):
    """What changes; what is left out stays. `revision` is the one that was read, or it comes as If-Match."""

    class Meta:
        unknown = RAISE
        exclude = ("slug", "kind")

    revision = fields.Integer(strict=True, validate=validate.Range(1), metadata={"example": 1})


class ArtifactBody(Strict):
    digest = artifact_digest()
    sha = artifact_commit()
    components = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 100)),
        values=fields.String(validate=validate.Length(max=200)),
        load_default=dict,
        validate=validate.Length(max=100),
    )


class TrialBody(Strict):
    """What to test the guard with; everything may be left out."""

    target = text(201, description="one that it covers; by default the first", example="data8/prod")
    declared_target = text(201)
    artifact = fields.Nested(ArtifactBody, load_default=lambda: ArtifactBody().load({}))
    change_kind = fields.String(load_default="feature", validate=validate.OneOf(CHANGE_KINDS))


class SubjectBody(Strict):
    digest = artifact_digest()
    sha = artifact_commit()

    @validates_schema
    def _names_something(self, values: Mapping[str, Any], **_: Any) -> None:
        if not (values.get("digest") or values.get("sha")):
            raise ValidationError("name the artifact by its digest, its commit or both")


class EvidenceBody(Strict):
    service = fields.String(required=True, metadata={"example": "data8"})
    target = fields.String(required=True, metadata={"example": "staging"})
    observed_at = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "when it was seen; by default now, at most 120 s ahead of it"},
    )
    run = fields.Dict(load_default=dict, metadata={"description": "the pipeline's run, kept as it is sent"})
    event_id = text(100, description="your own id of this event; sent twice, it is kept once")


class AttestationBody(EvidenceBody):
    """Somebody vouches for an artifact, as seen on a target."""

    predicate = fields.String(required=True, validate=PREDICATE, metadata={"example": "staging-validated"})
    subject = fields.Nested(SubjectBody, required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    tests = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 200)),
        values=fields.String(validate=validate.OneOf([*RESULTS, "skipped"])),
        load_default=dict,
        validate=validate.Length(max=1000),
        metadata={"description": "each test with its result", "example": {"kernel-starts": "passed"}},
    )


class DeployBody(EvidenceBody):
    """A deploy began or ended."""

    artifact = fields.Nested(ArtifactBody, required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    decision_id = text(40, description="the gate's decision that let it through")


class FactsBody(EvidenceBody):
    """What holds on a target's environment, for guards that compare two of them."""

    facts = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 100)),
        values=fields.String(validate=validate.Length(max=200)),
        required=True,
        validate=validate.Length(1, 100),
        metadata={"example": {"kubernetes": "1.9.2", "cordoned-nodes": "0"}},
    )


class ResolutionBody(Strict):
    """A person says that the trouble after failed deploys on a target is over."""

    service = fields.String(required=True, metadata={"example": "data8"})
    target = fields.String(required=True, metadata={"example": "staging"})
    note = text(2000, description="what was done")
