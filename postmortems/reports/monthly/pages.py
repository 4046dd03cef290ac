"""The page of a month's report, and the list of those that are kept."""

from __future__ import annotations

from datetime import UTC
from urllib.parse import urlencode

from flask import Blueprint, request

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.document.model import SEVERITIES
from postmortems.guards.services import known_services
from postmortems.reports.catalog import chart, scope, writers
from postmortems.reports.monthly import contents, month, queries
from postmortems.web.auth import current_actor
from postmortems.web.pdf import pdf
from postmortems.web.render import page
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import may_lag

blueprint = Blueprint("monthly_report_pages", __name__)
PLACE = "/reports/monthly"
FILTERS = ("service", "team", "severity")


@blueprint.get(PLACE)
@may_lag
def show() -> str:
    """The report of a month; which, and of what, is the address."""
    permissions.require(current_actor(), "report.read")
    now = clock.now()
    today = now.astimezone(UTC).date()
    of = month.read(request.args.get("month", ""), today)
    asked = scope.read({name: request.args.get(name, "") for name in FILTERS})
    report = queries.report(of, asked, now)
    stated = asked.stated()

    def address(other: month.Month) -> str:
        return f"{PLACE}?{urlencode({'month': other.name} | stated)}"

    return page(
        "reports/monthly.html",
        report=report,
        asked=asked,
        parts=[
            (part.without_empty_columns(), chart.draw(part.chart) if part.chart else None)
            for part in report.parts
        ],
        notes=list(contents.notes(report)),
        shown=writers.shown,
        query=urlencode({"month": of.name} | stated),
        before=address(of.before) if of.before.first >= scope.EARLIEST else "",
        after=address(of.next) if of.next.first <= today else "",
        is_over=of.is_over(today),
        sends_mail=bool(runtime().settings.smtp_url),
        has_pdf=pdf.is_installed(),
        kept=queries.kept_months(),
        services=known_services.choices(),
        teams=teams.choices(),
        severities=SEVERITIES,
    )
