"""The catalog of reports over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.document.model import SEVERITIES
from postmortems.formats import page_query
from postmortems.reports import answers_api, paper_pages
from postmortems.reports.answers_api import Forms
from postmortems.reports.catalog import scope, shelf, writers
from postmortems.reports.catalog.scope import Scope
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("report_catalog", "Reports: figures and a table, each with its definition and rows")


class FormQuery(Schema):
    """About what service, team and severity, and as what."""

    service = fields.String(
        load_default="",
        metadata={"description": "`data8`, one target `data8/prod`, or `-` for incidents that name none"},
    )
    team = fields.String(load_default="", metadata={"description": "a team, by any of its names"})
    severity = fields.String(load_default="", metadata={"description": f"one of {', '.join(SEVERITIES)}"})
    format = page_query.form(answers_api.FORMATS, "instead of Accept; csv has the table")
    bom = page_query.bom()


class ScopeQuery(FormQuery):
    """Of which days besides."""

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
    also=answers_api.ALSO,
    errors=(404, *answers_api.REFUSALS),
    scope_note="read",
    own_units=True,
)
def show(query: dict[str, Any], name: str) -> Response:
    """A report by its name: JSON, CSV, Markdown or PDF, by Accept or `format`"""
    permissions.require(current_actor(), "report.read")
    form, bom = downloads.wanted(query.pop("format"), answers_api.FORMATS), query.pop("bom")
    asked = scope.read(query | {"from": query.pop("start"), "to": query.pop("end")})
    return answers_api.answered(form, name, lambda: _forms(name, asked), bom=bom)


def _forms(name: str, asked: Scope) -> Forms:
    report, url = shelf.report(name, asked, clock.now()), downloads.own_url()
    return Forms(
        says=lambda _: (url, report.undated()),
        json=lambda: writers.to_json(report, url),
        csv=lambda: writers.to_csv(report),
        markdown=lambda: writers.to_markdown(report, url),
        html=lambda: paper_pages.html(report.title, [report], url),
    )
