"""Services over HTTP in the shape of Backstage's catalogue."""

from __future__ import annotations

from typing import Any

from flask import Response

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.errors import NotFound
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.followup.filters import Filters
from postmortems.guards.services import known_services
from postmortems.incidents import queries as incidents
from postmortems.reports.services import badge_pages, counts, entity, schemas
from postmortems.reports.services.entity import Told
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi import etags
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("service_catalog", "Services as catalogues of software read them")

UNCLOSED = ",".join(rules.UNCLOSED)


@blueprint.route("/catalog/<service>", methods=["GET"])
@contract(
    query=schemas.CatalogQuerySchema, returns=schemas.EntitySchema, errors=(404, 422), scope_note="read"
)
def show(query: dict[str, Any], service: str) -> Response:
    """A service as an entity of Backstage's catalogue, with its newest incidents and open action items

    A catalogue shows it to all its readers, so it is the same whoever asks: without drafts and restricted
    incidents.
    """
    permissions.require(current_actor(), "incident.read")
    now, limit = clock.now(), query["limit"]
    with visibility.seen_by(visibility.NOBODY):
        if not known_services.is_known_to_all(service):
            raise NotFound(f"there is no service {service}")
        known = known_services.one(service)
        newest = (
            incidents.listing(incidents.Filters(service=service, status="published"), limit=limit).rows
            if limit
            else []
        )
        items = followup.listing(Filters(service=service, status=UNCLOSED), limit=limit).rows if limit else []
        told = Told(known, counts.of_service(service, now), newest, items, badge_pages.address(service))
        return etags.answered(schemas.EntitySchema, entity.of(told, downloads.own_url(), now.date()))
