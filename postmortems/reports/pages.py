"""The report of open process fixes: as a page that prints well, and as Markdown, CSV and JSON."""

from __future__ import annotations

from flask import Blueprint, request

from postmortems import clock
from postmortems.followup import queries as followup
from postmortems.people import permissions
from postmortems.reports import definitions, queries
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("reports", __name__)


@blueprint.get("/reports/process-fixes")
def process_fixes() -> str:
    """The report, for all services or for the one that the address names."""
    permissions.require(current_actor(), "report.read")
    service = request.args.get("service", "").strip()
    return page(
        "reports/process_fixes.html",
        report=queries.process_fixes(clock.now(), service),
        tables=definitions.TABLES,
        services=followup.services(),
        service=service,
    )
