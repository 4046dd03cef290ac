"""The page of a job: its ping URL and its recent pings."""

from __future__ import annotations

from flask import Blueprint, current_app, request

from postmortems.accounts import permissions
from postmortems.guards import queries
from postmortems.guards.kinds.heartbeat import pings
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("heartbeats", __name__)

PAGE_ROWS = 50


@blueprint.get("/guards/<slug>/pings")
def show(slug: str) -> str:
    """What the job said, newest first."""
    permissions.require(current_actor(), "guard.read")
    return _page(slug)


@blueprint.post("/guards/<slug>/pings")
def make_address(slug: str) -> str:
    """A new address for the job, shown only once; an older one stops working."""
    return _page(slug, pings.make_key(slug, actor=current_actor()))


def _page(slug: str, key: str = "") -> str:
    guard = queries.by_slug(slug)
    heart, after = pings.of(guard), request.args.get("after", "")
    before = int(after) if after.isdecimal() and len(after) < 10 else 0
    found = pings.pings(heart, before, PAGE_ROWS + 1) if heart else []
    rows = found[:PAGE_ROWS]
    return page(
        "guards/pings.html",
        guard=guard,
        heart=heart,
        pings=rows,
        address=f"{current_app.extensions['settings'].url}/api/v1/heartbeats/{key}" if key else "",
        next_url=f"/guards/{slug}/pings?after={rows[-1].number}" if len(found) > PAGE_ROWS else "",
        first_url=f"/guards/{slug}/pings" if after else "",
    )
