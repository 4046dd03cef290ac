"""One action item over HTTP, beside its fields: its history, comments and links, and triage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from postmortems.errors import Invalid
from postmortems.followup import api as item_api
from postmortems.followup import queries
from postmortems.followup import schemas as item_schemas
from postmortems.followup.item import blockers, history, schemas
from postmortems.formats.page_query import NumberedPageQuery
from postmortems.gate.enforcement import confirmations, item_merges, triage
from postmortems.incidents.comments import api as comments_api
from postmortems.incidents.comments import operations as comments
from postmortems.incidents.comments import queries as comment_queries
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


@blueprint.route("/action-items/<ref>/comments", methods=["GET"])
@contract(query=NumberedPageQuery, returns=comments_api.CommentsSchema, errors=(404, 422), scope_note="read")
def list_comments(query: Fields, ref: str) -> Response:
    """The comments on the item, oldest first; its incident has the same ones, as comments on this part"""
    item = queries.by_ref(ref, current_actor())
    after, limit = query["after"], query["limit"]
    found = comment_queries.of(item.incident, part=item.ref, after=after, limit=limit)
    shown = comments_api.shown(item.incident, *found)
    more = found[-1].id if len(found) == limit else None
    return etags.answered(comments_api.CommentsSchema, {"comments": shown, "next": more})


@blueprint.route("/action-items/<ref>/comments", methods=["POST"])
@contract(
    body=comments_api.NewCommentSchema(exclude=("part",)),
    returns=comments_api.CommentSchema,
    status=201,
    errors=(404, 409, 422),
    scope_note="write",
)
def add_comment(body: Fields, ref: str) -> Fields:
    """Comment on the item, or answer a comment on it; suggest other words for it

    It is edited, resolved and deleted as a comment of the item's incident.
    """
    actor = current_actor()
    item = queries.by_ref(ref, actor)
    reply_to = body["reply_to"]
    if (
        reply_to is not None
        and comment_queries.one(item.incident, reply_to, also_deleted=True).part != item.ref
    ):
        raise Invalid(f"is no comment on {item.ref}", "/reply_to")
    comment = comments.add(
        item.incident.slug,
        body["text"],
        actor=actor,
        part=item.ref,
        reply_to=reply_to,
        suggestion=body["suggestion"],
    )
    return comments_api.told(comment)


@blueprint.route("/action-items/<ref>/accept", methods=["POST"])
@contract(
    body=schemas.ItemAcceptSchema,
    returns=item_schemas.ItemSchema,
    errors=(404, 409, 412, 422),
    scope_note="write",
    may_be_empty=True,
)
def accept(body: Fields, ref: str) -> Response:
    """Commit to an item that was proposed: it is open, with the owner and date that you give it"""
    return _done(ref, lambda: triage.accept(ref, body, actor=current_actor()))


@blueprint.route("/action-items/<ref>/confirm", methods=["POST"])
@contract(
    body=schemas.ItemConfirmSchema,
    returns=item_schemas.ItemSchema,
    errors=(404, 409, 412, 422),
    scope_note="write",
    may_be_empty=True,
)
def confirm(body: Fields, ref: str) -> Response:
    """Say that an attestable or not guardable item of somebody else is done; reviewers may, too"""
    return _done(ref, lambda: confirmations.confirm(ref, body["evidence"], actor=current_actor()))


@blueprint.route("/action-items/<ref>/decline", methods=["POST"])
@contract(
    body=schemas.ItemDeclineSchema,
    returns=item_schemas.ItemSchema,
    errors=(404, 409, 412, 422),
    scope_note="write",
)
def decline(body: Fields, ref: str) -> Response:
    """Say why an item that was proposed will not be done; it is `wont_do`, by you"""
    return _done(ref, lambda: triage.decline(ref, body["reason"], actor=current_actor()))


@blueprint.route("/action-items/<ref>/merge", methods=["POST"])
@contract(
    body=schemas.ItemMergeSchema,
    returns=item_schemas.ItemSchema,
    errors=(404, 409, 412, 422),
    scope_note="write",
)
def merge(body: Fields, ref: str) -> Response:
    """Let another item stand for this one, which is `wont_do` then and keeps a link to it

    The other one gets its guards and tickets; its comments stay with it.
    """
    return _done(ref, lambda: item_merges.merge(ref, body["into"], actor=current_actor()))


@blueprint.route("/action-items/<ref>/merge", methods=["DELETE"])
@contract(returns=item_schemas.ItemSchema, errors=(404, 409, 412), scope_note="write")
def undo_merge(ref: str) -> Response:
    """Take a merge back: the item is what it was, and the other one loses what it got by it"""
    return _done(ref, lambda: item_merges.undo(ref, actor=current_actor()))


def _done(ref: str, act: Callable[[], object]) -> Response:
    """Do it, unless the item is not what If-Match names any more."""
    etags.refuse_changed(item_schemas.ItemSchema, lambda: item_api.held(ref), ref)
    act()
    return etags.answered(item_schemas.ItemSchema, item_api.told(ref))


@blueprint.route("/action-items/<ref>/links", methods=["GET"])
@contract(returns=schemas.ItemLinksSchema, errors=(404,), scope_note="read")
def show_links(ref: str) -> Response:
    """What the item waits for, what waits for it, and what it was merged with"""
    return _links(ref)


@blueprint.route("/action-items/<ref>/blocked-by/<blocker>", methods=["PUT"])
@contract(returns=schemas.ItemLinksSchema, errors=(404, 409, 412, 422), scope_note="write")
def add_blocker(ref: str, blocker: str) -> Response:
    """Say that the item waits for another one, of any incident; a circle is refused

    An item that is done, or will not be, holds nobody up any more.
    """
    return _linked(ref, lambda: blockers.add(ref, blocker, actor=current_actor()))


@blueprint.route("/action-items/<ref>/blocked-by/<blocker>", methods=["DELETE"])
@contract(returns=schemas.ItemLinksSchema, errors=(404, 412), scope_note="write")
def remove_blocker(ref: str, blocker: str) -> Response:
    """Say that the item waits for the other one no longer"""
    return _linked(ref, lambda: blockers.remove(ref, blocker, actor=current_actor()))


def _linked(ref: str, act: Callable[[], object]) -> Response:
    """Do it, unless the item's links are not what If-Match names any more."""
    item = queries.by_ref(ref, current_actor())
    blockers.take_turns()
    etags.refuse_changed(schemas.ItemLinksSchema, lambda: schemas.links(item), f"the links of {item.ref}")
    act()
    return _links(ref)


def _links(ref: str) -> Response:
    return etags.answered(schemas.ItemLinksSchema, schemas.links(queries.by_ref(ref, current_actor())))
