"""Publishing over HTTP: outlets, and the pages that incidents are there."""

from __future__ import annotations

from typing import Any

from postmortems.db import session as db
from postmortems.exchange.publishing import outlets, publish
from postmortems.exchange.publishing.models import Outlet, Publication
from postmortems.exchange.publishing.schemas import (
    OutletBodySchema,
    OutletSchema,
    OutletsSchema,
    PublicationSchema,
    PublicationsSchema,
    PublishBodySchema,
)
from postmortems.incidents import queries as incidents
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("publications", "Incidents as pages of other systems")


@blueprint.route("/outlets", methods=["GET"])
@contract(returns=OutletsSchema, errors=(), scope_note="write")
def list_outlets() -> dict[str, Any]:
    """Where incidents are published, by name"""
    return {"outlets": outlets.every()}


@blueprint.route("/outlets", methods=["POST"])
@contract(body=OutletBodySchema, returns=OutletSchema, status=201, errors=(409, 422), scope_note="admin")
def add_outlet(body: dict[str, Any]) -> Outlet:
    """Add an outlet; its token is kept encrypted"""
    return outlets.save(body, actor=current_actor(), vault=runtime().vault)


@blueprint.route("/outlets/<int:outlet_id>", methods=["PUT"])
@contract(body=OutletBodySchema, returns=OutletSchema, scope_note="admin")
def change_outlet(body: dict[str, Any], outlet_id: int) -> Outlet:
    """Say something else of an outlet"""
    return outlets.save(body, actor=current_actor(), vault=runtime().vault, outlet_id=outlet_id)


@blueprint.route("/outlets/<int:outlet_id>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="admin")
def remove_outlet(outlet_id: int) -> None:
    """Publish there no longer; the pages stay as they are"""
    outlets.remove(outlet_id, actor=current_actor())


@blueprint.route("/incidents/<slug>/publications", methods=["GET"])
@contract(returns=PublicationsSchema, errors=(404,))
def index(slug: str) -> dict[str, Any]:
    """Where an incident is published"""
    return {"publications": publish.of_incident(incidents.front(slug, current_actor()).id)}


@blueprint.route("/incidents/<slug>/publications", methods=["POST"])
@contract(
    body=PublishBodySchema,
    returns=PublicationSchema,
    status=200,
    scope_note="write",
    errors=(404, 409, 422, 503),
    own_units=True,
)
def publish_one(body: dict[str, Any], slug: str) -> Publication:
    """Publish an incident, or bring its page up to date; 409 where somebody changed it there"""
    number = publish.publish(
        slug,
        body["outlet"],
        actor=current_actor(),
        runtime=runtime(),
        overwrite=body["overwrite"],
        anew=body["anew"],
    )
    with db.reading():
        return publish.one(number)
