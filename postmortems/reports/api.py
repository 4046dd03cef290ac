"""Reports over HTTP."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.followup import csv_export, rules
from postmortems.followup.queries import Listed
from postmortems.followup.sorts import PROTECTIONS
from postmortems.formats import page_query
from postmortems.incidents import page_keys
from postmortems.incidents.page_keys import Page
from postmortems.reports import answers_api, count_queries, export, fixes, paper_pages, queries
from postmortems.reports.answers_api import Forms
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint(
    "reports", "Figures over all incidents, each with its definition and the rows behind it"
)


class QuerySchema(Schema):
    """Of what, and as what."""

    service = fields.String(
        load_default="",
        validate=validate.Length(max=401),
        metadata={"description": "`data8`, one target `data8/prod`, or `-` for incidents that name none"},
    )
    after = page_query.after("`next` of the page before; it moves `items` alone")
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, page_keys.LARGEST),
        metadata={"description": "how many `items`; the other forms do not look at it"},
    )
    group = fields.String(
        load_default="none",
        validate=validate.OneOf(list(fixes.GROUPINGS)),
        metadata={"description": "the groups of markdown's list; json and csv have rows"},
    )
    format = page_query.form(answers_api.FORMATS, "instead of Accept; csv has the rows of the open fixes")
    bom = page_query.bom()


class FigureSchema(Schema):
    """A number with its definition."""

    name = fields.String(metadata={"example": "open"})
    label = fields.String()
    value = fields.Float(allow_none=True)
    definition = fields.String()
    rows = fields.String(metadata={"description": "address of the list behind the number", "format": "uri"})


class TableSchema(Schema):
    """Rows with their definition."""

    label = fields.String()
    definition = fields.String()
    rows = fields.List(fields.Dict())


class AgainSchema(Schema):
    """An incident that could happen again."""

    slug = fields.String()
    title = fields.String()
    occurred_on = fields.String(metadata={"format": "date"})
    services = fields.List(fields.String())
    open = fields.Integer()
    unproven = fields.Integer()
    why = fields.String()
    url = fields.String(metadata={"format": "uri"})


class IncidentOfFixSchema(Schema):
    """Where a fix comes from."""

    slug = fields.String()
    title = fields.String()
    url = fields.String(metadata={"format": "uri"})


class FixSchema(Schema):
    """An open process fix."""

    ref = fields.String(metadata={"example": "AI-2"})
    text = fields.String(metadata={"description": "Markdown"})
    incident = fields.Nested(IncidentOfFixSchema)
    services = fields.List(fields.String(), metadata={"description": "those that its incident names"})
    owner = fields.String(metadata={"description": "empty where nobody is named"})
    team = fields.String()
    due = fields.Date(allow_none=True)
    overdue = fields.Boolean(metadata={"description": rules.is_overdue.__doc__})
    age_days = fields.Integer(metadata={"description": "whole days (UTC) since its present life began"})
    status = fields.String(validate=validate.OneOf(rules.OPEN))
    protection = fields.String(validate=validate.OneOf(PROTECTIONS))
    guards = fields.List(fields.String(), metadata={"description": "slugs"})
    url = fields.String(metadata={"format": "uri"})


class ReportSchema(Schema):
    """The report of open process fixes. Figures and tables are of all of them, `items` is a page."""

    report = fields.String()
    as_of = fields.String(metadata={"format": "date-time"})
    service = fields.String()
    items = fields.List(
        fields.Nested(FixSchema),
        metadata={"description": "overdue ones first, then by due date, those without one last"},
    )
    next = fields.String(metadata={"description": "`after` of the next page; empty on the last one"})
    figures = fields.List(fields.Nested(FigureSchema))
    tables = fields.Dict(keys=fields.String(), values=fields.Nested(TableSchema))
    again = fields.List(fields.Nested(AgainSchema))


@blueprint.route("/reports/process-fixes", methods=["GET"])
@contract(
    query=QuerySchema,
    returns=ReportSchema,
    also=answers_api.ALSO,
    errors=answers_api.REFUSALS,
    scope_note="read",
    own_units=True,
)
def process_fixes(query: dict[str, Any]) -> Response:
    """Open process fixes by service, owner and age: JSON, Markdown, CSV or PDF, by Accept or `format`"""
    permissions.require(current_actor(), "report.read")
    form, bom = downloads.wanted(query.pop("format"), answers_api.FORMATS), query.pop("bom")
    asked = ("process fixes", *query.values(), downloads.own_url())
    return answers_api.answered(form, "process-fixes", lambda: _forms(**query), bom=bom, kept_as=asked)


def _forms(service: str, after: str, limit: int, group: str) -> Forms:
    now, url = clock.now(), downloads.own_url()
    report = cache(lambda: queries.process_fixes(now, service))
    page = cache(lambda: queries.page_of_fixes(service, after, limit))
    first = cache(lambda: queries.page_of_fixes(service, limit=count_queries.LONGEST_LIST))
    csv = cache(lambda: "".join([csv_export.HEAD, *csv_export.lines(queries.open_fixes(service), now, url)]))

    def rows(shown: Page[Listed]) -> list[dict[str, Any]]:
        return [fixes.to_json(listed, now, url) for listed in shown.rows]

    def says(form: str) -> object:
        if form == "csv":
            return csv()
        shown = page() if form == "json" else first()
        return url, group, report().undated(), shown.after, rows(shown)

    def markdown() -> str:
        shown = first().rows
        return export.to_markdown(report(), fixes.grouped(shown, group, now, service), len(shown), url)

    return Forms(
        says=says,
        json=lambda: export.to_json(report(), url) | {"items": rows(page()), "next": page().after},
        csv=csv,
        markdown=markdown,
        html=lambda: paper_pages.html_of_markdown("Open process fixes", markdown()),
    )
