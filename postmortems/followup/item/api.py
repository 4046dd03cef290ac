"""One action item over HTTP, beside its fields: its history."""

from __future__ import annotations

from typing import Any

from flask import Response

from postmortems.followup import queries
from postmortems.followup.item import history, schemas
from postmortems.web.auth import current_actor
from postmortems.web.openapi import etags
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("items", "One action item: its history and what can be done about it")

Fields = dict[str, Any]


@blueprint.route("/action-items/<ref>/history", methods=["GET"])
@contract(
    query=schemas.ItemHistoryQuerySchema,
    returns=schemas.ItemHistorySchema,
    errors=(404, 422),
    scope_note="read",
)
def show_history(query: Fields, ref: str) -> Response:
    """What happened to the item, the newest first: who, when, and each field's old and new value"""
    found = history.of(queries.by_ref(ref, current_actor()), query["after"], query["limit"])
    return etags.answered(schemas.ItemHistorySchema, {"history": found.rows, "next": found.after})
