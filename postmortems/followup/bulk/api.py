"""Bulk edits of action items over HTTP: what one changes, how far it is, and taking it back."""

from __future__ import annotations

from typing import Any

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.followup.bulk import plan, queries, schemas
from postmortems.followup.filters import Filters
from postmortems.gate.enforcement import bulk_edits, bulk_plans
from postmortems.incidents.items.item_numbers import number_of
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("bulk_edits", "Edits of many action items at once: plan, watch, undo")

Body = dict[str, Any]


@blueprint.route("/action-items/bulk", methods=["POST"])
@contract(
    body=schemas.BulkBodySchema,
    returns=schemas.BulkEditSchema,
    errors=(422,),
    scope_note="write",
    own_units=True,
)
def create(body: Body) -> Body:
    """Set fields of many items, or with `dry_run` say what that would change

    Each item is held to the rules that hold for an edit of one: rows that they refuse say why, and the others
    are edited. Each incident is saved once for all of its items that are edited together. More than 500 items
    are edited in the background, of long incidents fewer: then `state` is `running`, rows are `waiting`, and
    `GET` tells how far it is. A dry run shows the first 500 rows.
    """
    actor = current_actor()
    with db.reading():
        permissions.require_anywhere(actor, "item.edit")
        answer, ready = _planned(body, actor)
    if ready is None:
        return answer
    number = bulk_edits.start(ready, actor=actor)
    with db.reading():
        return _shown(number, 0, schemas.PAGE_ROWS) | answer


def _planned(body: Body, actor: Actor) -> tuple[Body, bulk_plans.Prepared | None]:
    """What is answered besides, and what is to be done; of a dry run the answer, and nothing."""
    wanted = body["set"]
    if "filter" in body:
        named: list[int] = []
        items = queries.of_filters(Filters(**body["filter"]))
    else:
        named = schemas.numbers(body["items"])
        items = queries.of_numbers(named)
    beside = {
        "missing": [f"AI-{number}" for number in bulk_edits.missing(named, items)] if named else [],
        "remarks": remarks(wanted),
    }
    if body["dry_run"]:
        return schemas.planned(bulk_plans.planned(items, wanted, actor=actor), wanted) | beside, None
    expected = {number_of(ref) or 0: said for ref, said in body.get("expected", {}).items()}
    message = body["message"]
    return beside, bulk_plans.prepared(items, wanted, actor=actor, message=message, expected=expected)


def remarks(wanted: Body) -> list[str]:
    """What is odd about the values, and yet may be meant."""
    owner = wanted.get("owner", "")
    strangers = teams.strangers([owner]) if owner else {}
    return plan.remarks(wanted, clock.now().date(), strangers)


@blueprint.route("/action-items/bulk/<int:number>", methods=["GET"])
@contract(query=schemas.BulkPageSchema, returns=schemas.BulkEditSchema, errors=(404, 422), scope_note="write")
def show(query: Body, number: int) -> Body:
    """How far a bulk edit of yours is, and what came of each item; an admin sees anybody's"""
    return _shown(number, query["after"], query["limit"], query["state"])


@blueprint.route("/action-items/bulk/<int:number>/undo", methods=["POST"])
@contract(returns=schemas.BulkEditSchema, errors=(404, 409), scope_note="write")
def undo(number: int) -> Body:
    """Give the items back what they said before; `kept` rows were changed since and stay"""
    bulk_edits.undo(number, actor=current_actor())
    return _shown(number, 0, schemas.PAGE_ROWS)


def _shown(number: int, after: int, limit: int, state: str = "") -> Body:
    edit = queries.by_id(number, current_actor())
    lines = queries.lines(number, after, limit + 1, state)
    return schemas.shown(edit, queries.counts(number), lines, limit)
