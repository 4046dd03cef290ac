"""The address that Prometheus scrapes: by token, or from an address that the operator allows."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.errors import NotAllowed
from postmortems.reports.services import exposition
from postmortems.setting_values import is_within
from postmortems.web.auth import current_actor, is_scraper
from postmortems.web.watching import metrics

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def show() -> Response:
    """Metrics as text: of version 0.0.4, or OpenMetrics 1.0.0 for whoever prefers that."""
    is_allowed = is_within(request.remote_addr or "", current_app.extensions["settings"].metrics_allow)
    if not is_allowed and not is_scraper():
        _require()
    families = metrics.families(clock.now())
    if _wants_open_metrics():
        made = Response(exposition.to_open_metrics(families), content_type=exposition.OPEN_METRICS)
    else:
        made = Response(exposition.to_plain(families), content_type=exposition.PLAIN)
    made.vary.add("Accept")
    return made


def _require() -> None:
    actor = current_actor()
    if permissions.may(actor, "metrics.read") or permissions.may(actor, "report.read"):
        return
    if actor.kind == "token":
        raise NotAllowed("this needs a token with the scope metrics or read")
    permissions.require(actor, "metrics.read")


def _wants_open_metrics() -> bool:
    """Whether the reader prefers OpenMetrics, in a version that ours is, to plain text (RFC 9110 §12.5.1)."""
    best = {True: 0.0, False: 0.0}
    for sort, quality in request.accept_mimetypes:
        name, _, rest = sort.partition(";")
        parameters = dict(part.strip().partition("=")[::2] for part in rest.split(";"))
        if name == "application/openmetrics-text" and parameters.get("version", "") in exposition.VERSIONS:
            best[True] = max(best[True], quality)
        elif name == "text/plain":
            best[False] = max(best[False], quality)
    return best[True] > best[False]
