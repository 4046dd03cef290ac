"""An API of two operations, without a database, on which contracts and problems are tried."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Flask
from marshmallow import fields, validate

from postmortems import errors
from postmortems.web import error_responses
from postmortems.web.openapi.contract import Api, api_blueprint, contract
from postmortems.web.server.plain_flask import PlainFlask


class EntrySchema(ma.Schema):
    text = fields.String(required=True)


class NoteSchema(ma.Schema):
    """A note with entries."""

    title = fields.String(required=True, validate=validate.Length(min=1, max=20))
    entries = fields.List(fields.Nested(EntrySchema))
    labels = fields.Dict(keys=fields.String(), values=fields.Integer())


class PageSchema(ma.Schema):
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 100))
    q = fields.String()


REFUSALS: dict[str, Exception] = {
    "invalid": errors.Invalid(
        [errors.Problem("/config/url", "not an address"), errors.Problem("", "also this")]
    ),
    "not-found": errors.NotFound("no such note"),
    "not-signed-in": errors.NotSignedIn("who are you?"),
    "not-allowed": errors.NotAllowed("you may not"),
    "conflict": errors.Conflict("the name is taken"),
    "refused": errors.Refusal("that is too large"),
    "out-of-reach": errors.OutOfReach("the wiki does not answer"),
    "stale": errors.Stale("it changed", version=3, mine="mine", theirs="theirs"),
    "too-many": errors.TooMany("slow down", retry_after_s=7),
    "failed": RuntimeError("a secret detail"),
}


def small_app() -> Flask:
    """The application; `POST /api/v1/refuse/<which>` refuses in each way there is."""
    app = PlainFlask("small")
    app.config.update(API_TITLE="Small", API_VERSION="1", OPENAPI_VERSION="3.1.0", MAX_CONTENT_LENGTH=10_000)
    error_responses.install(app)
    api = Api(app)
    blp = api_blueprint("notes", "Notes, for trying things.")

    @blp.route("/notes", methods=["POST"])
    @contract(query=PageSchema, body=NoteSchema, returns=NoteSchema, status=201, scope_note="write")
    def add(query: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """Add a note."""
        return {**body, "title": f"{body['title']} {query['limit']}"}

    @blp.route("/refuse/<which>", methods=["POST"])
    @contract(errors=(404, 409, 422, 429))
    def refuse(which: str) -> None:
        """Refuse."""
        raise REFUSALS[which]

    api.register_blueprint(blp)
    app.extensions["openapi"] = api.described
    return app
