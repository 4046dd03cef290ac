"""The catalog of reports over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, validate

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.document.model import SEVERITIES
from postmortems.formats import page_query
from postmortems.reports.catalog import scope, shelf, writers
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("report_catalog", "Reports: figures and a table, each with its definition and rows")

FORMATS = {"json": "application/json", "csv": "text/csv", "markdown": "text/markdown"}


class ScopeQuery(Schema):
    """About what, and as what."""

    service = fields.String(
        load_default="",
        metadata={"description": "`data8`, one target `data8/prod`, or `-` for incidents that name none"},
    )
    team = fields.String(load_default="", metadata={"description": "a team, by any of its names"})
    severity = fields.String(load_default="", metadata={"description": f"one of {', '.join(SEVERITIES)}"})
    start = fields.String(
        load_default="",
        data_key="from",
        metadata={"description": "a day in UTC, included, such as `2018-01-25`"},
    )
    end = fields.String(
        load_default="",
        data_key="to",
        metadata={"description": "a day in UTC, included, such as `2018-01-25`"},
    )
    format = page_query.form(FORMATS, "instead of Accept; csv has the table")


class ReportFigureOut(Schema):
    """A number with its definition."""

    name = fields.String()
    label = fields.String()
    value = fields.Float(allow_none=True, metadata={"description": "null where nothing is there to count"})
    definition = fields.String()
    rows = fields.String(metadata={"description": "address of the list behind it", "format": "uri"})


class ReportColumnOut(Schema):
    """A column of the table."""

    name = fields.String()
    label = fields.String()


class CatalogReportOut(Schema):
    """A report: what it counts, its figures and its table."""

    report = fields.String(validate=validate.OneOf(list(shelf.REPORTS)))
    title = fields.String()
    definition = fields.String()
    as_of = fields.String(metadata={"format": "date-time"})
    filters = fields.Dict(keys=fields.String(), values=fields.String())
    figures = fields.List(fields.Nested(ReportFigureOut))
    columns = fields.List(fields.Nested(ReportColumnOut))
    rows = fields.List(
        fields.Dict(),
        metadata={"description": "by name of column; `links` has the address of the rows behind each number"},
    )
    notes = fields.List(fields.String(), metadata={"description": "such as what could not be worked out"})


@blueprint.route("/reports/<name>", methods=["GET"])
@contract(
    query=ScopeQuery,
    returns=CatalogReportOut,
    also=("text/csv", "text/markdown"),
    errors=(404, 422),
    scope_note="read",
)
def show(query: dict[str, Any], name: str) -> Response:
    """A report by its name: JSON, CSV or Markdown, by Accept or `format`"""
    permissions.require(current_actor(), "report.read")
    form, url = downloads.wanted(query.pop("format"), FORMATS), downloads.own_url()
    said = query | {"from": query.pop("start"), "to": query.pop("end")}
    found = shelf.report(name, scope.read(said), clock.now())
    if form == "csv":
        return downloads.named(Response(writers.to_csv(found), mimetype="text/csv"), f"{name}.csv")
    if form == "markdown":
        response = Response(writers.to_markdown(found, url), mimetype="text/markdown")
    else:
        response = jsonify(writers.to_json(found, url))
    response.vary.add("Accept")
    return response
