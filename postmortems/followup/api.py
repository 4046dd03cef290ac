"""The API's action items: the list of all incidents', and edits of one."""

from __future__ import annotations

from typing import Any

from postmortems.followup import queries, schemas
from postmortems.followup.filters import Filters
from postmortems.followup.queries import Listed
from postmortems.gate import saving
from postmortems.web.auth import current_actor
from postmortems.web.contract import api_blueprint, contract

blueprint = api_blueprint("followup", "Action items of all incidents as work: filter, assign, close")


@blueprint.route("/action-items", methods=["GET"])
@contract(query=schemas.ListQuerySchema, returns=schemas.ListSchema, errors=(422,), scope_note="read")
def index(query: dict[str, Any]) -> dict[str, Any]:
    """Action items by due date, those without one last"""
    after, limit = query.pop("after"), query.pop("limit")
    page = queries.listing(Filters(**query), after, limit)
    return {"action_items": [schemas.row(listed) for listed in page.rows], "next": page.after}


@blueprint.route("/action-items/<ref>", methods=["GET"])
@contract(returns=schemas.ItemSchema, errors=(404,), scope_note="read")
def show(ref: str) -> dict[str, Any]:
    """One action item"""
    return _row(ref)


@blueprint.route("/action-items/<ref>", methods=["PATCH"])
@contract(body=schemas.EditSchema, returns=schemas.ItemSchema, scope_note="write")
def edit(body: dict[str, Any], ref: str) -> dict[str, Any]:
    """Change an action item; its incident gets a new version

    An enforceable item can be marked done only when it is proven or enforced, an attestable or not guardable
    one by somebody other than its owner. An admin may close any with a `reason`, and it shows. `wont_do`
    needs one always.
    """
    saving.edit_item(ref, body, actor=current_actor())
    return _row(ref)


def _row(ref: str) -> dict[str, Any]:
    item = queries.by_ref(ref, current_actor())
    return schemas.row(Listed(item, queries.protection_of(item)))
