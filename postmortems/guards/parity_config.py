"""The configuration of a `parity` guard: where an artifact has to run first, and what counts as the same."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from postmortems.guards.config_fields import FULL_NAME, SLUG, lines, seconds
from postmortems.guards.kinds.parity.versions import WAYS


class ParityConfig(Schema):
    source_target = fields.String(
        required=True,
        validate=FULL_NAME,
        metadata={
            "label": "Runs already on",
            "description": "The target on which the artifact has to run first, by its full name.",
            "example": "data8/staging",
        },
    )
    match = fields.String(
        load_default="digest",
        validate=validate.OneOf(["digest", "sha", "components"]),
        metadata={
            "label": "Is the same by",
            "description": "digest: the very same build, or the same commit where one names no digest, or "
            "one of another algorithm. sha: the same commit, even if it was built again. components: the "
            "versions of its parts alone.",
        },
    )
    components = lines(
        label="Components",
        description="Parts whose versions must be the same too, one per line, as the request and the deploy "
        "name them. Empty: all that the request names.",
        example=["chart", "image"],
    )
    components_match = fields.String(
        load_default="exact",
        validate=validate.OneOf(list(WAYS)),
        metadata={
            "label": "Versions are the same by",
            "description": "exact: letter by letter. As semantic versions, minor: the same 1.2 of 1.2.3; "
            "major: the same 1; not_newer: at most as new as there.",
        },
    )
    min_soak_s = seconds(
        0,
        0,
        label="Has run there for, in seconds",
        description="How long it must have run there without another deploy or a failure: 3600 is an hour.",
    )
    require_guards = lines(
        SLUG,
        most=20,
        label="Guards it passed there",
        description="Guards that must have passed when this artifact was let onto that target, one per line.",
        example=["staging-online"],
    )
    facts = lines(
        most=20,
        label="Facts that must agree",
        description="Facts about both targets that must be equal, one per line, as pipelines report them.",
        example=["kubernetes", "cordoned-nodes"],
    )
    facts_max_age_s = seconds(
        86_400,
        60,
        label="Facts count for, in seconds",
        description="Older facts say nothing: 86400 is a day.",
    )
    max_age_s = seconds(
        604_800,
        60,
        label="The deploy counts for, in seconds",
        description="A deploy there that is longer ago is stale: 604800 is a week.",
    )
