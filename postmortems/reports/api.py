"""The API's reports."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, validate

from postmortems import clock
from postmortems.followup import table
from postmortems.people import permissions
from postmortems.reports import counting, export, queries
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.contract import api_blueprint, contract

blueprint = api_blueprint(
    "reports", "Figures over all incidents, each with its definition and the rows behind it"
)

FORMATS = {"json": "application/json", "markdown": "text/markdown", "csv": "text/csv"}


class QuerySchema(Schema):
    """Of what, and as what."""

    service = fields.String(
        load_default="",
        validate=validate.Length(max=401),
        metadata={"description": "`data8`, one target `data8/prod`, or `-` for incidents that name none"},
    )
    format = fields.String(
        load_default="",
        validate=validate.OneOf(["", *FORMATS]),
        metadata={"description": "instead of Accept; csv has the rows of the open fixes"},
    )


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


class ReportSchema(Schema):
    """The report of open process fixes."""

    report = fields.String()
    as_of = fields.String(metadata={"format": "date-time"})
    service = fields.String()
    figures = fields.List(fields.Nested(FigureSchema))
    tables = fields.Dict(keys=fields.String(), values=fields.Nested(TableSchema))
    again = fields.List(fields.Nested(AgainSchema))


@blueprint.route("/reports/process-fixes", methods=["GET"])
@contract(
    query=QuerySchema,
    returns=ReportSchema,
    also=("text/markdown", "text/csv"),
    errors=(422,),
    scope_note="read",
)
def process_fixes(query: dict[str, Any]) -> Response:
    """Open process fixes by service, owner and age: JSON, Markdown or CSV, by Accept or `format`"""
    return answer(downloads.wanted(query["format"], FORMATS), query["service"])


def answer(form: str, service: str = "") -> Response:
    """The report in one of `FORMATS`; pages offer the same downloads."""
    permissions.require(current_actor(), "report.read")
    now, url = clock.now(), downloads.own_url()
    if form == "csv":
        # Made whole before the unit of work ends: rows cannot be read after it.
        text = "".join([table.HEAD, *table.lines(queries.open_fixes(service), now, url)])
        response = downloads.named(Response(text, mimetype="text/csv"), "process-fixes.csv")
    elif form == "markdown":
        rows = queries.open_fixes(service, limit=counting.LONGEST_TABLE)
        text = export.to_markdown(queries.process_fixes(now, service), list(rows), url)
        response = Response(text, mimetype="text/markdown")
    else:
        response = jsonify(export.to_json(queries.process_fixes(now, service), url))
    response.vary.add("Accept")
    return response
