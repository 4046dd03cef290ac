"""Action items over HTTP: the list over all incidents, and edits of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.followup import calendar, csv_export, queries, schemas
from postmortems.followup.filters import Filters
from postmortems.followup.item import written_blockers
from postmortems.followup.queries import Listed
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import page_keys
from postmortems.incidents import queries as incidents
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi import etags
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("followup", "Action items of all incidents as work: filter, assign, close")


@blueprint.route("/action-items", methods=["GET"])
@contract(
    query=schemas.ListQuerySchema,
    returns=schemas.ListSchema,
    also=("text/csv", "text/calendar"),
    errors=(422,),
    scope_note="read",
    own_units=True,
)
def index(query: dict[str, Any]) -> dict[str, Any] | Response:
    """Action items by due date or as `sort` says: JSON, CSV or iCalendar, by Accept or `format`"""
    permissions.require(current_actor(), "incident.read")
    after, limit, named = query.pop("after"), query.pop("limit"), query.pop("format")
    restricted, bom = query.pop("restricted"), query.pop("bom")
    filters, form = Filters(**query), downloads.wanted(named, schemas.FORMATS)
    with downloads.leaving(restricted=restricted):
        if form == "csv":
            return downloads.csv(csv_parts(filters, downloads.own_url()), "action-items.csv", bom=bom)
        if form == "ical":
            parts = ical_parts(filters, downloads.own_url())
            return downloads.streamed(parts, "text/calendar", "action-items.ics")
    with db.reading():
        page = queries.listing(filters, after, limit)
        blocked = written_blockers.refs([listed.item.id for listed in page.rows])
        found = [schemas.row(listed, blocked.get(listed.item.id, ())) for listed in page.rows]
        return {"action_items": found, "next": page.after}


def csv_parts(filters: Filters, url: str) -> Iterator[str]:
    """The list as CSV, however long."""
    now = clock.now()
    yield from downloads.in_pages(
        lambda after: queries.listing(filters, after, page_keys.LARGEST),
        lambda rows: csv_export.lines(rows, now, url),
        csv_export.HEAD,
    )


def ical_parts(filters: Filters, url: str) -> Iterator[bytes]:
    """The due dates of the list as iCalendar, however many."""
    yield from downloads.in_pages(
        lambda after: queries.listing(filters, after, page_keys.LARGEST),
        lambda rows: calendar.events(rows, url),
        calendar.head(),
    )
    yield calendar.END


@blueprint.route("/action-items/<ref>", methods=["GET"])
@contract(returns=schemas.ItemSchema, errors=(404,), scope_note="read")
def show(ref: str) -> Response:
    """One action item; its ETag is sent with an edit as If-Match, so that nobody else's is lost"""
    return etags.answered(schemas.ItemSchema, told(ref))


@blueprint.route("/action-items/<ref>", methods=["PATCH"])
@contract(
    body=schemas.EditSchema, returns=schemas.ItemSchema, errors=(404, 409, 412, 422), scope_note="write"
)
def edit(body: dict[str, Any], ref: str) -> Response:
    """Change an action item; its incident gets a new version

    An enforceable item can be marked done only when it is proven or enforced, an attestable or not guardable
    one by somebody other than its owner. An admin may close any with a `reason`, and it shows. `wont_do`
    needs one always.
    """
    etags.refuse_changed(schemas.ItemSchema, lambda: held(ref), ref)
    save_incident.edit_item(ref, body, actor=current_actor())
    return etags.answered(schemas.ItemSchema, told(ref))


def held(ref: str) -> dict[str, Any]:
    """The item as `told` gives it, and as it stays while this unit of work lasts."""
    item = queries.by_ref(ref, current_actor())
    incidents.for_saving(item.incident.slug)
    db.session().refresh(item)
    return told(ref)


def told(ref: str) -> dict[str, Any]:
    """The item as `ItemSchema` dumps it."""
    item = queries.by_ref(ref, current_actor())
    blocked = written_blockers.refs([item.id]).get(item.id, ())
    return schemas.row(Listed(item, queries.protection_of(item)), blocked)
