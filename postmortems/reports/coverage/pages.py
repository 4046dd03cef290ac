"""The page of coverage: which incidents today's guards would stop, and where they could recur."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, request

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.reports.coverage import queries as coverage_queries
from postmortems.reports.coverage.export import counted
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("coverage", __name__)

PAGE_ROWS = 50


@blueprint.get("/coverage")
def index() -> str:
    """All incidents by class; `?class=thin` and `?target=data8/prod` show the rows behind a number."""
    permissions.require(current_actor(), "report.read")
    said = {name: request.args.get(name, "").strip() for name in ("class", "target")}
    everything = coverage_queries.all_incidents()
    rows = [one for one in everything if not said["target"] or said["target"] in one.targets]
    counts = counted(rows)
    wanted = coverage_queries.COULD_HAPPEN if said["class"] == "could" else {said["class"]}
    shown = [one for one in rows if not said["class"] or one.coverage in wanted]
    after = request.args.get("after", "")
    places = [one.slug for one in shown]
    start = places.index(after) + 1 if after in places else 0
    part = shown[start : start + PAGE_ROWS]
    kept = {name: text for name, text in said.items() if text}
    is_more = start + PAGE_ROWS < len(shown)
    return page(
        "reports/coverage.html",
        classes=coverage_queries.CLASSES,
        counts=counts,
        could=sum(counts[name] for name in coverage_queries.COULD_HAPPEN),
        rows=part,
        total=len(rows),
        said=said,
        targets=coverage_queries.by_target(everything),
        # Months from before anything was written down say nothing.
        months=[month for month in coverage_queries.months(clock.now()) if month.incidents],
        next_url=f"/coverage?{urlencode(kept | {'after': part[-1].slug})}#incidents" if is_more else "",
        first_url=f"/coverage?{urlencode(kept)}#incidents" if start else "",
        query=urlencode({"target": said["target"]}) if said["target"] else "",
    )
