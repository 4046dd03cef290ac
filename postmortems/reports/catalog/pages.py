"""Pages of reports: the list of all, and each with its figures, chart and table."""

from __future__ import annotations

from flask import Blueprint, request

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.document.model import SEVERITIES
from postmortems.guards.services import known_services
from postmortems.reports.catalog import chart, scope, shelf, writers
from postmortems.web.auth import current_actor
from postmortems.web.pdf import pdf
from postmortems.web.render import page
from postmortems.web.transactions import may_lag

blueprint = Blueprint("report_catalog_pages", __name__)


@blueprint.get("/reports")
def index() -> str:
    """Every report with the question that it answers."""
    permissions.require(current_actor(), "report.read")
    return page("reports/index.html", reports=shelf.REPORTS)


@blueprint.get("/reports/<name>")
@may_lag
def show(name: str) -> str:
    """One report; its filters are the address."""
    permissions.require(current_actor(), "report.read")
    asked = scope.read(request.args)
    report = shelf.report(name, asked, clock.now()).without_empty_columns()
    return page(
        "reports/report.html",
        report=report,
        asked=asked,
        drawn=chart.draw(report.chart) if report.chart else None,
        shown=writers.shown,
        query=asked.query(),
        has_pdf=pdf.is_installed(),
        services=known_services.choices(),
        teams=teams.choices(),
        severities=SEVERITIES,
    )
