"""Guards as code over HTTP: services, guards and scenarios as YAML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from flask import Response, request
from marshmallow import Schema, fields
from werkzeug.exceptions import UnsupportedMediaType

from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.formats.choices import OneOfOrNothing
from postmortems.gate import schemas
from postmortems.gate.as_code import sync_yaml
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.incidents.page_keys import LARGEST
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi import strict_json
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("written", "Services, guards and scenarios as text, the same as in files.")

Fields = dict[str, Any]
YAML = "application/yaml"
TAKEN = frozenset({YAML, "application/x-yaml", "text/yaml", "text/plain", "application/json"})
PARTS = ("services", "guards", "scenarios")
EXAMPLE = """\
- name: data8
  title: Data 8's hub
  targets: [staging, prod]
- slug: target-confirmed
  kind: target
  level: soft
  targets: [data8/prod]
"""
BODY = {
    "required": True,
    "content": {YAML: {"schema": {"type": "string", "description": "a list of them"}, "example": EXAMPLE}},
}


class TextQuery(schemas.Strict):
    part = fields.String(
        load_default="",
        validate=OneOfOrNothing(PARTS),
        metadata={"description": "only these: services, guards or scenarios"},
    )
    incident = schemas.text(200, description="only scenarios of this incident, by its slug")
    restricted = fields.Boolean(
        load_default=False,
        metadata={"description": "scenarios of restricted incidents too, as far as they name you"},
    )


class BringQuery(schemas.Strict):
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "only say what would come of it; nothing is kept"}
    )


class BroughtOut(Schema):
    """What came of the text, or would."""

    dry_run = fields.Boolean()
    made = fields.List(fields.String(), metadata={"example": ["guard target-confirmed"]})
    changed = fields.List(fields.String(), metadata={"example": ["service data8"]})
    same = fields.Integer(metadata={"description": "how many were like that already"})
    notes = fields.List(
        fields.String(),
        metadata={"description": "guards that stay below their level until a drill proves them"},
    )


@blueprint.route("/guarding", methods=["GET"])
@contract(query=TextQuery, also=(YAML,), scope_note="read", errors=(422,), own_units=True)
def show(query: Fields) -> Response:
    """All of it as one YAML list, which the same address and `guards import` take"""
    permissions.require(current_actor(), "guard.read")
    permissions.require(current_actor(), "incident.read")
    with downloads.leaving(restricted=query["restricted"]):
        return downloads.streamed(_parts(query), YAML, "guarding.yaml")


@blueprint.route("/guarding", methods=["POST"])
@blueprint.doc(requestBody=BODY)
@contract(query=BringQuery, returns=BroughtOut, scope_note="write", errors=(400, 404, 409, 415, 422))
def bring(query: Fields) -> Fields:
    """Make or change what a YAML text holds: all of it, or on any error nothing

    The same again changes nothing. Services take an admin. A guard gets to soft or hard once a drill proves
    it; else a note says why it did not. Tags, anchors and keys that come twice are refused with their line.
    """
    actor = current_actor()
    permissions.require(actor, "guard.edit")
    text = _sent()
    brought = sync_yaml.bring([("", text)], actor=actor, vault=runtime().vault, is_dry_run=query["dry_run"])
    return {"dry_run": query["dry_run"], **asdict(brought)}


def _parts(query: Fields) -> Iterator[str]:
    wanted = [query["part"]] if query["part"] else ["scenarios"] if query["incident"] else PARTS
    with db.reading():
        head = sync_yaml.services_text() if "services" in wanted else ""
        head += sync_yaml.guards_text() if "guards" in wanted else ""
    if "scenarios" not in wanted:
        yield head or "[]\n"
        return
    is_empty = True
    for part in downloads.in_pages(
        lambda after: scenarios_queries.scenario_page(query["incident"], int(after or 0), LARGEST),
        sync_yaml.scenarios_text,
        head,
    ):
        is_empty = is_empty and not part
        yield part
    if is_empty:
        yield "[]\n"


def _sent() -> str:
    if request.mimetype not in TAKEN:
        raise UnsupportedMediaType(f"send YAML, with Content-Type: {YAML}")
    body = request.get_data(cache=False)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        raise strict_json.Malformed("the body is not UTF-8", line=line, column=column) from None
