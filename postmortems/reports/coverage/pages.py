"""The page of coverage: which incidents today's guards would stop, and where they could recur."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, request

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.reports.coverage import queries as coverage_queries
from postmortems.web.auth import current_actor
from postmortems.web.kept import parts
from postmortems.web.pdf import pdf
from postmortems.web.render import page
from postmortems.web.transactions import may_lag

blueprint = Blueprint("coverage", __name__)

PAGE_ROWS = 50


@blueprint.get("/coverage")
@may_lag
def index() -> str:
    """All incidents by class; `?class=thin` and `?target=data8/prod` show the rows behind a number."""
    permissions.require(current_actor(), "report.read")
    said = {name: request.args.get(name, "").strip() for name in ("class", "target")}
    after = request.args.get("after", "")
    make = partial(_rendered, said, after)
    body = parts.shown(("coverage", *said.values(), after), make, is_personal=False)
    return page("reports/coverage.html", body=body)


def _rendered(said: dict[str, str], after: str, _actor: Actor) -> str:
    wanted = coverage_queries.COULD_HAPPEN if said["class"] == "could" else {said["class"]} - {""}
    shown = coverage_queries.listing(said["target"], wanted, after, PAGE_ROWS)
    kept = {name: text for name, text in said.items() if text}
    return parts.rendered(
        "reports/_coverage.html",
        has_pdf=pdf.is_installed(),
        classes=coverage_queries.CLASSES,
        counts=coverage_queries.counted(said["target"]),
        rows=shown.rows,
        said=said,
        targets=coverage_queries.by_target(),
        # Months from before anything was written down say nothing.
        months=[month for month in coverage_queries.months(clock.now()) if month.incidents],
        next_url=f"/coverage?{urlencode(kept | {'after': shown.after})}#incidents" if shown.after else "",
        first_url=f"/coverage?{urlencode(kept)}#incidents" if after else "",
    )
