"""The page of open process fixes, and its Markdown, CSV and JSON."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, request

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.errors import Invalid
from postmortems.followup import rules
from postmortems.guards.services import known_services
from postmortems.reports import definitions, fixes, queries
from postmortems.web.auth import current_actor
from postmortems.web.kept import parts
from postmortems.web.pdf import pdf
from postmortems.web.render import page
from postmortems.web.transactions import may_lag

blueprint = Blueprint("reports", __name__)

PLACE = "/reports/process-fixes"
PAGE_ROWS = 50


@blueprint.get(PLACE)
@may_lag
def process_fixes() -> str:
    """The report, for all services or for the one that the address names; `group` puts its list in groups."""
    permissions.require(current_actor(), "report.read")
    service = request.args.get("service", "").strip()
    group = request.args.get("group", "none").strip() or "none"
    if group not in fixes.GROUPINGS:
        raise Invalid(f"must be one of {', '.join(fixes.GROUPINGS)}", "/group")
    after = request.args.get("after", "")
    make = partial(_rendered, service, group, after)
    body = parts.shown(("process fixes", service, group, after), make, is_personal=False)
    return page("reports/process_fixes.html", body=body)


def _rendered(service: str, group: str, after: str, _actor: Actor) -> str:
    now = clock.now()
    listed = queries.page_of_fixes(service, after, PAGE_ROWS)
    chosen = {name: value for name, value in (("service", service), ("group", group)) if value}
    report = queries.process_fixes(now, service)
    owners = [*(row.item.owner for row in listed.rows), *(group.name for group in report.by_owner)]
    return parts.rendered(
        "reports/_process_fixes.html",
        has_pdf=pdf.is_installed(),
        report=report,
        strangers=teams.strangers(owners),
        tables=definitions.TABLES,
        services=known_services.choices(),
        service=service,
        group=group,
        groupings=list(fixes.GROUPINGS.items()),
        listed=len(listed.rows),
        most=PAGE_ROWS,
        listing=fixes.grouped(listed.rows, group, now, service),
        next_url=f"{PLACE}?{urlencode(chosen | {'after': listed.after})}" if listed.after else "",
        first_url=f"{PLACE}?{urlencode(chosen)}" if after else "",
        now=now,
        rules=rules,
    )
