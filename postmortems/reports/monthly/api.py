"""Reports of months over HTTP."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from flask import Response
from marshmallow import Schema, fields

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.reports import answers_api, paper_pages
from postmortems.reports.answers_api import Forms
from postmortems.reports.catalog import scope
from postmortems.reports.catalog.api import CatalogReportOut, FormQuery, ReportFigureOut
from postmortems.reports.catalog.scope import Scope
from postmortems.reports.monthly import contents, month, queries, writers
from postmortems.reports.monthly.month import Month
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("report_months", "Reports of months: each on one page, kept as it was")

Fields = dict[str, Any]


class MonthQuery(FormQuery):
    """Which month. Of a service, team or severity it is put together now; of everything it is as kept."""

    month = fields.String(
        load_default="",
        metadata={"description": "`2026-10`; without it the last one that is over"},
    )


class MonthlyReportOut(Schema):
    """What a month was like: the figures that stand above all, and each part as a report of its own."""

    report = fields.String()
    title = fields.String()
    month = fields.String(metadata={"example": "2026-10"})
    as_of = fields.String(metadata={"format": "date-time"})
    is_kept = fields.Boolean(metadata={"description": "it was kept when the month was over, and stays so"})
    filters = fields.Dict(keys=fields.String(), values=fields.String())
    figures = fields.List(fields.Nested(ReportFigureOut))
    parts = fields.List(fields.Nested(CatalogReportOut))
    notes = fields.List(fields.String())


class KeptMonthOut(Schema):
    """A month whose report is kept."""

    month = fields.String(metadata={"example": "2026-10"})
    as_of = fields.AwareDateTime()


class KeptMonthsOut(Schema):
    """Newest first."""

    months = fields.List(fields.Nested(KeptMonthOut))


@blueprint.route("/reports/monthly", methods=["GET"])
@contract(
    query=MonthQuery,
    returns=MonthlyReportOut,
    also=answers_api.ALSO,
    errors=answers_api.REFUSALS,
    scope_note="read",
    own_units=True,
)
def show(query: Fields) -> Response:
    """The report of a month: JSON, CSV, Markdown or PDF, by Accept or `format`"""
    permissions.require(current_actor(), "report.read")
    form, bom = downloads.wanted(query.pop("format"), answers_api.FORMATS), query.pop("bom")
    of = month.read(query.pop("month"), clock.now().astimezone(UTC).date())
    asked = scope.read(query)
    return answers_api.answered(form, f"monthly-{of.name}", lambda: _forms(of, asked), bom=bom)


@blueprint.route("/reports/monthly/months", methods=["GET"])
@contract(returns=KeptMonthsOut, errors=(), scope_note="read")
def months() -> Fields:
    """The months whose reports are kept"""
    permissions.require(current_actor(), "report.read")
    return {"months": [{"month": name, "as_of": as_of} for name, as_of in queries.kept_months()]}


def _forms(of: Month, asked: Scope) -> Forms:
    report, url = queries.report(of, asked, clock.now()), downloads.own_url()
    return Forms(
        says=lambda _: (url, report.undated()),
        json=lambda: writers.to_json(report, url),
        csv=lambda: writers.to_csv(report),
        markdown=lambda: writers.to_markdown(report, url),
        html=lambda: paper_pages.html(
            report.title, report.parts, url, headline=report.headline, notes=tuple(contents.notes(report))
        ),
    )
