"""Overrides, waivers and pauses over HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.formats.choices import OneOfOrNothing
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.exemptions import overrides, waivers
from postmortems.gate.exemptions import schemas as exemptions_schemas
from postmortems.gate.models import Override, Waiver
from postmortems.gate.verdicts import active_waivers
from postmortems.guards.schemas import PageQuery
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint(
    "overrides", "Let a deploy past named guards once, or a guard fail for a while: dated, with a reason."
)

Fields = dict[str, Any]


class OverridesQuery(PageQuery):
    state = fields.String(load_default="", validate=OneOfOrNothing(("requested", "granted", "refused")))


class WaiversQuery(PageQuery):
    all = fields.Boolean(load_default=False, metadata={"description": "those that ended, too"})


@blueprint.route("/gate/decisions/<decision_id>/overrides", methods=["POST"])
@contract(
    body=exemptions_schemas.OverrideShape,
    returns=exemptions_schemas.OverrideOut,
    status=201,
    scope_note="gate:read",
)
def request_override(body: Fields, decision_id: str) -> Override:
    """Ask for named guards of a decision to be passed over once; a signed-in person has to grant it."""
    return overrides.request(decision_id, body, actor=current_actor())


@blueprint.route("/gate/decisions/<decision_id>/overrides", methods=["GET"])
@contract(returns=exemptions_schemas.OverridesOut, scope_note="gate:read", errors=(404,))
def list_overrides_of(decision_id: str) -> Fields:
    """What was asked for after one decision, newest first."""
    permissions.require(current_actor(), "gate.read")
    return {"overrides": active_waivers.overrides_of(decisions_queries.decision(decision_id).id), "next": ""}


@blueprint.route("/gate/overrides", methods=["GET"])
@contract(
    query=OverridesQuery, returns=exemptions_schemas.OverridesOut, scope_note="gate:read", errors=(422,)
)
def list_overrides(query: Fields) -> Fields:
    """Overrides, newest first."""
    permissions.require(current_actor(), "gate.read")
    page = active_waivers.override_page(query["state"], query["after"], query["limit"])
    return {"overrides": page.rows, "next": page.after}


@blueprint.route("/gate/overrides/<int:override_id>", methods=["GET"])
@contract(returns=exemptions_schemas.OverrideOut, scope_note="gate:read", errors=(404,))
def show_override(override_id: int) -> Override:
    """One override."""
    permissions.require(current_actor(), "gate.read")
    return active_waivers.override(override_id)


@blueprint.route("/gate/overrides/<int:override_id>/grant", methods=["POST"])
@contract(returns=exemptions_schemas.OverrideOut, scope_note="a signed-in admin", errors=(404, 409))
def grant_override(override_id: int) -> Override:
    """Let the guards be passed over. The same request, asked again, is answered with them waived."""
    return overrides.grant(override_id, actor=current_actor())


@blueprint.route("/gate/overrides/<int:override_id>/refuse", methods=["POST"])
@contract(returns=exemptions_schemas.OverrideOut, scope_note="a signed-in admin", errors=(404, 409))
def refuse_override(override_id: int) -> Override:
    """Say no."""
    return overrides.refuse(override_id, actor=current_actor())


@blueprint.route("/gate/waivers", methods=["GET"])
@contract(query=WaiversQuery, returns=exemptions_schemas.WaiversOut, scope_note="gate:read", errors=(422,))
def list_waivers(query: Fields) -> Fields:
    """Waivers and pauses that count, newest first."""
    permissions.require(current_actor(), "gate.read")
    page = active_waivers.waiver_page(
        clock.now(), is_live=not query["all"], after=query["after"], limit=query["limit"]
    )
    return {"waivers": page.rows, "next": page.after}


@blueprint.route("/gate/waivers", methods=["POST"])
@contract(
    body=exemptions_schemas.WaiverShape, returns=exemptions_schemas.WaiverOut, status=201, scope_note="admin"
)
def add_waiver(body: Fields) -> Waiver:
    """Let a guard fail until an instant, or leave it or a target's probes aside until then.

    What lets deploys past a guard counts when another admin has granted it, where there is one.
    """
    return waivers.add(body, actor=current_actor())


@blueprint.route("/gate/waivers/<int:waiver_id>/grant", methods=["POST"])
@contract(returns=exemptions_schemas.WaiverOut, scope_note="a signed-in admin", errors=(404, 409))
def grant_waiver(waiver_id: int) -> Waiver:
    """Let a waiver or a pause that another admin made count from now on."""
    return waivers.grant(waiver_id, actor=current_actor())


@blueprint.route("/gate/waivers/<int:waiver_id>/end", methods=["POST"])
@contract(returns=exemptions_schemas.WaiverOut, scope_note="admin", errors=(404,))
def end_waiver(waiver_id: int) -> Waiver:
    """End a waiver or a pause now."""
    return waivers.end(waiver_id, actor=current_actor())
