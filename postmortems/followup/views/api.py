"""Saved views over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request, url_for

from postmortems.errors import Invalid
from postmortems.followup.views import operations, queries, schemas
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("views", "Saved views of the list of action items: your own and shared ones")

Body = dict[str, Any]


@blueprint.route("/views", methods=["GET"])
@contract(returns=schemas.ViewsSchema, errors=(), scope_note="read")
def index() -> Body:
    """Your views by name, then the shared ones of others"""
    return {"views": [schemas.shown(view) for view in queries.listing(current_actor())]}


@blueprint.route("/views", methods=["POST"])
@contract(
    body=schemas.ViewBodySchema,
    returns=schemas.SavedViewSchema,
    status=201,
    errors=(409, 422),
    scope_note="write",
)
def create(body: Body) -> Response:
    """Save a view; sharing it takes an author"""
    made = operations.create(body, actor=current_actor())
    response = _answer(made.id, 201)
    response.headers["Location"] = url_for("views_api.show", number=made.id)
    return response


@blueprint.route("/views/<int:number>", methods=["GET"])
@contract(returns=schemas.SavedViewSchema, errors=(404,), scope_note="read")
def show(number: int) -> Response:
    """One view; its ETag is the revision to send with an edit"""
    return _answer(number)


@blueprint.route("/views/<int:number>", methods=["PATCH"])
@contract(
    body=schemas.ViewEditSchema,
    returns=schemas.SavedViewSchema,
    errors=(404, 409, 412, 422),
    scope_note="write",
)
def change(body: Body, number: int) -> Response:
    """Change a view of yours, or as an admin a shared one; say which revision you read, or If-Match"""
    operations.change(number, body, _revision(body), actor=current_actor())
    return _answer(number)


@blueprint.route("/views/<int:number>", methods=["DELETE"])
@contract(status=204, errors=(404,), scope_note="write")
def remove(number: int) -> None:
    """Delete a view of yours, or as an admin a shared one"""
    operations.remove(number, actor=current_actor())


@blueprint.route("/views/<int:number>/default", methods=["PUT"])
@contract(returns=schemas.SavedViewSchema, errors=(404,), scope_note="write")
def choose(number: int) -> Response:
    """Let your list begin with this view"""
    operations.begin_with(number, actor=current_actor())
    return _answer(number)


@blueprint.route("/views/default", methods=["DELETE"])
@contract(status=204, errors=(), scope_note="write")
def choose_none() -> None:
    """Let your list begin with what is not closed"""
    operations.begin_with(None, actor=current_actor())


def _answer(number: int, status: int = 200) -> Response:
    view = queries.by_id(number, current_actor())
    response = make_response(schemas.SavedViewSchema().dump(schemas.shown(view)), status)
    response.set_etag(str(view.row.revision))
    return response


def _revision(body: Body) -> int | None:
    """The revision that was read; None, which overwrites, for `If-Match: *`."""
    if request.if_match.star_tag:
        return None
    if "revision" in body:
        return int(body.pop("revision"))
    tags = request.if_match.as_set(include_weak=True)
    if len(tags) == 1 and (tag := next(iter(tags))).isdecimal():
        return int(tag)
    raise Invalid("name the revision that you read, here or as If-Match", "/revision")
