"""Arguments of the tools: which there are, and what may be in them. What is not named is refused."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from postmortems.assistants.tool import Text
from postmortems.document.model import ENTRY_KINDS
from postmortems.followup import schemas as item_schemas
from postmortems.followup.rules import is_overdue, is_reopened, is_unowned, is_unproven
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.gate import schemas as gate_schemas
from postmortems.reports.coverage import queries as coverage
from postmortems.search import query as search_query

LONGEST_KEY = 200
MOST_ROWS = 25
PLACE = "`next` of the answer before, to go on from there"


def _slug(**options: object) -> Text:
    metadata = {"description": "the incident's slug, as search gives it", "example": "hub-down"}
    return Text(validate=validate.Length(max=200), metadata=metadata, **options)  # type: ignore[arg-type]


def _after() -> Text:
    return Text(load_default="", validate=validate.Length(max=3_000), metadata={"description": PLACE})


def _limit() -> fields.Integer:
    return fields.Integer(strict=True, load_default=10, validate=validate.Range(1, MOST_ROWS))


def _key() -> Text:
    return Text(
        load_default="",
        validate=validate.Length(max=LONGEST_KEY),
        metadata={
            "description": "a name that you make up for this one change; sent again under the same key, "
            "nothing is done twice"
        },
    )


class SearchArguments(Schema):
    q = Text(
        required=True,
        validate=validate.Length(1, search_query.LONGEST),
        metadata={"description": search_query.RULE, "example": "oom severity:SEV1 after:2018"},
    )
    after = _after()
    limit = _limit()


class IncidentArguments(Schema):
    slug = _slug(required=True)
    after = _after()


class ItemsArguments(item_schemas.FiltersSchema):
    age = fields.Integer(
        strict=True,
        load_default=None,
        validate=validate.Range(0, item_schemas.MOST_DAYS),
        metadata={"description": "opened at least so many days (UTC) ago"},
    )
    overdue = StrictBoolean(load_default=False, metadata={"description": is_overdue.__doc__})
    unowned = StrictBoolean(load_default=False, metadata={"description": is_unowned.__doc__})
    unproven = StrictBoolean(load_default=False, metadata={"description": is_unproven.__doc__})
    reopened = StrictBoolean(load_default=False, metadata={"description": is_reopened.__doc__})
    undated = StrictBoolean(load_default=False, metadata={"description": "without a due date"})
    after = _after()
    limit = _limit()


class ItemArguments(item_schemas.EditSchema):
    id = Text(
        required=True,
        validate=validate.Length(max=40),
        metadata={"description": "which action item", "example": "AI-2"},
    )
    key = _key()


class CoverageArguments(Schema):
    incident = _slug(load_default="")
    target = Text(
        load_default="",
        validate=validate.Length(max=201),
        metadata={"description": "only what hit this target", "example": "data8/prod"},
    )
    coverage = Text(load_default="", validate=OneOfOrNothing(coverage.CLASSES))
    after = _after()
    limit = _limit()


class GateArguments(gate_schemas.AskShape):
    """A request without what makes it count, or wait."""

    class Meta(gate_schemas.AskShape.Meta):
        exclude = ("dry_run", "drill", "wait_s", "run", "actor")


class EntryArguments(Schema):
    slug = _slug(required=True)
    text = Text(
        load_default="",
        validate=validate.Length(max=20_000),
        metadata={"description": "Markdown; needed where there is no title"},
    )
    title = Text(load_default="", validate=validate.Length(max=500))
    kind = Text(load_default="", validate=OneOfOrNothing(ENTRY_KINDS))
    at = Text(
        load_default="",
        validate=validate.Length(max=100),
        metadata={
            "description": "when it was; now where it is left out. ISO 8601, `10m ago`, or `14:05`: the last "
            "such time, or that of the incident's day where all is two days ago or more",
            "example": "14:05",
        },
    )
    key = _key()
