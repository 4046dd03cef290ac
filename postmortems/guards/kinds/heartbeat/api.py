"""Pings over HTTP, and the keys of jobs."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from marshmallow import Schema, fields, validate

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.errors import Invalid
from postmortems.formats.page_query import NumberedPageQuery
from postmortems.guards import queries, schemas
from postmortems.guards.kinds.heartbeat import pings
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.plain_flask import present

blueprint = api_blueprint("heartbeats", "Jobs say that they ran, for guards of the kind heartbeat.")

Fields = dict[str, Any]

LARGEST_STATUS = 255
BODY = {
    "content": {"text/plain": {"schema": {"type": "string"}}},
    "description": f"what the job printed; the first {limits.PING // 1024} kB are kept",
}


class PingQuery(schemas.Strict):
    rid = fields.String(
        load_default="",
        validate=validate.Regexp(r"[A-Za-z0-9._-]{0,64}\Z", error="write letters, digits, dots, dashes"),
        metadata={"description": "the run's id, so that an end belongs to its beginning"},
    )


class PingOut(Schema):
    number = fields.Integer()
    at = fields.AwareDateTime()
    result = fields.String(metadata={"description": "start, success or fail"})
    exit_status = fields.Integer(allow_none=True)
    rid = fields.String()
    body = fields.String()


class PingsOut(Schema):
    pings = fields.List(fields.Nested(PingOut))
    next = fields.Integer(metadata={"description": "the `after` of the next page; 0 on the last"})


class ReceivedOut(Schema):
    received = fields.String(metadata={"description": "start, success or fail"})


class KeyOut(Schema):
    key = fields.String(metadata={"description": "shown only once"})
    url = fields.String(metadata={"description": "where the job pings"})


@blueprint.route("/heartbeats/<key>", methods=["POST"])
@blueprint.doc(requestBody=BODY, security=[])
@contract(query=PingQuery, returns=ReceivedOut, errors=(404, 429))
def succeed(query: Fields, key: str) -> Fields:
    """The job has ended well."""
    return _ping(key, "success", query)


@blueprint.route("/heartbeats/<key>/start", methods=["POST"])
@blueprint.doc(requestBody=BODY, security=[])
@contract(query=PingQuery, returns=ReceivedOut, errors=(404, 429))
def start(query: Fields, key: str) -> Fields:
    """The job begins."""
    return _ping(key, "start", query)


@blueprint.route("/heartbeats/<key>/fail", methods=["POST"])
@blueprint.doc(requestBody=BODY, security=[])
@contract(query=PingQuery, returns=ReceivedOut, errors=(404, 429))
def fail(query: Fields, key: str) -> Fields:
    """The job has failed."""
    return _ping(key, "fail", query)


@blueprint.route("/heartbeats/<key>/<int:exit_status>", methods=["POST"])
@blueprint.doc(requestBody=BODY, security=[])
@contract(query=PingQuery, returns=ReceivedOut, errors=(404, 429))
def end(query: Fields, key: str, exit_status: int) -> Fields:
    """The job has ended with this exit status; 0 is success."""
    if exit_status > LARGEST_STATUS:
        raise Invalid(f"an exit status is a number from 0 to {LARGEST_STATUS}")
    return _ping(key, "fail" if exit_status else "success", query, exit_status)


@blueprint.route("/guards/<slug>/heartbeat-key", methods=["POST"])
@contract(returns=KeyOut, status=201, scope_note="write", errors=(404, 422))
def make_key(slug: str) -> Fields:
    """A new key for the job that the guard waits for; an older one stops working."""
    key = pings.make_key(slug, actor=current_actor())
    return {"key": key, "url": f"{current_app.extensions['settings'].url}/api/v1/heartbeats/{key}"}


@blueprint.route("/guards/<slug>/pings", methods=["GET"])
@contract(query=NumberedPageQuery, returns=PingsOut, scope_note="read", errors=(404,))
def list_pings(query: Fields, slug: str) -> Fields:
    """What the job said of itself, newest first."""
    permissions.require(current_actor(), "guard.read")
    heart, limit = pings.of(queries.by_slug(slug)), query["limit"]
    rows = pings.pings(heart, query["after"], limit) if heart else []
    return {"pings": rows, "next": rows[-1].number if len(rows) == limit and rows[-1].number > 1 else 0}


def _ping(key: str, result: str, query: Fields, exit_status: int | None = None) -> Fields:
    short = present().short_body()
    body = request.stream.read(pings.LONGEST_BODY) if short is None else short
    pings.ping(key, result, exit_status=exit_status, rid=query["rid"], body=body)
    return {"received": result}
