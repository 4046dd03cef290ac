"""Schemas of incident queries: which ones, how many, in which form."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from postmortems.document import model
from postmortems.formats import page_query
from postmortems.formats.choices import OneOfOrNothing
from postmortems.formats.strict_fields import Day
from postmortems.incidents import page_keys
from postmortems.incidents.approvals import rules
from postmortems.search import query as search_query

LIST_FORMATS = {
    "json": "application/json",
    "csv": "text/csv",
    "zip": "application/zip",
    "atom": "application/atom+xml",
}
# Each with how the name of its file ends.
LAYOUT_FORMATS = {"docx": ".docx", "confluence": ".xml", "notion": ".md", "gdocs": ".html"}
FILE_FORMATS = {"json": ".json", "markdown": ".md", "html": ".html", "pdf": ".pdf", **LAYOUT_FORMATS}


class CreateQuerySchema(Schema):
    """Where a new incident comes from."""

    name = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={
            "description": "file name of an imported report: its date dates what has none, a dated one gives "
            "the slug, and the items began on the incident's day",
            "example": "2018-01-25-accidental-merge-to-prod.md",
        },
    )


class ReplaceQuerySchema(Schema):
    """What becomes of an edit that somebody else's came before."""

    merge = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "whether edits of different parts are brought together. Left out: yes, but not "
            "with If-Match, which means that version and no other"
        },
    )
    version = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "the version that was edited, where the body does not say it"},
    )


class ListQuerySchema(Schema):
    """Which incidents."""

    service = fields.String(
        load_default="",
        metadata={"description": "`data8`, one target `data8/prod`, or `-` for those that name none"},
    )
    severity = fields.String(
        load_default="",
        validate=OneOfOrNothing((*model.SEVERITIES, "-")),
        metadata={"description": "`-` for those that state none"},
    )
    occurred_from = Day(load_default=None, metadata={"description": "it happened then or later"})
    occurred_before = Day(load_default=None, metadata={"description": "it happened earlier"})
    team = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "one of its items is this team's, by any of the team's names"},
    )
    repeats = fields.Boolean(
        load_default=False, metadata={"description": "its report names the incident that it repeats"}
    )
    untagged = fields.Boolean(load_default=False, metadata={"description": "it has no tag"})
    status = fields.String(load_default="", validate=OneOfOrNothing(model.DOCUMENT_STATUSES))
    state = fields.String(
        load_default="",
        validate=OneOfOrNothing((*rules.STATES, *rules.LISTS)),
        metadata={
            "description": "of the report: unwritten has no text yet, overdue was due by its severity's rule"
        },
    )
    year = fields.Integer(load_default=None, validate=validate.Range(1, 9999))
    q = fields.String(
        load_default="",
        validate=validate.Length(max=search_query.LONGEST),
        metadata={"description": f"what has to occur in it: {search_query.RULE}"},
    )
    after = page_query.after("`next` of the page before")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, page_keys.LARGEST))
    format = page_query.form(
        LIST_FORMATS,
        "instead of Accept; csv and zip have every incident that the filters let through, "
        "whatever `after` and `limit` say, and atom the 50 published last",
    )
    bom = page_query.bom()
    drafts = fields.Boolean(
        load_default=False,
        metadata={"description": "in files too; without it they have drafts only where `status` is draft"},
    )
    restricted = fields.Boolean(
        load_default=False,
        metadata={"description": "in files also the restricted incidents that name you"},
    )


class ShowQuerySchema(Schema):
    """As what."""

    format = page_query.form(FILE_FORMATS, "instead of Accept, for a file to keep")
    comments = fields.Boolean(
        load_default=False,
        metadata={
            "description": "of Markdown: with the comments below the report; reading it leaves them out"
        },
    )


class RevisionsQuerySchema(Schema):
    before = fields.Integer(
        load_default=None, validate=validate.Range(1, 2**31), metadata={"description": "a version"}
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, page_keys.LARGEST))
