"""The gate for Flagger, whose webhooks have a shape of their own and read only statuses.

The shape is that of Flagger's manual, "Webhooks": {"name", "namespace", "phase", "metadata": {…texts…}}.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import EXCLUDE, Schema, fields, validate

from postmortems import clock
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.tokens import operations as token_operations
from postmortems.accounts.tokens.networks import Elsewhere
from postmortems.actor import Actor
from postmortems.cli.gate import formats
from postmortems.db import session as db
from postmortems.errors import Invalid, NotSignedIn, Problem
from postmortems.formats import artifact_ids
from postmortems.gate.decisions import ask as decisions_ask
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("flagger", "The gate as a webhook of Flagger.")

Fields = dict[str, Any]
LONGEST = 500
REFUSING = frozenset({"block", "wait"})


class FlaggerBody(Schema):
    """What Flagger sends; what it adds in later versions is passed over."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    namespace = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    metadata = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.Length(max=LONGEST)),
        required=True,
        metadata={
            "description": "`service`, `target`, `artifact` (a digest or a commit) and `token`; where they "
            "are needed `confirm_target` and `change_kind`",
            "example": {"service": "data8", "target": "prod", "artifact": "sha256:…", "token": "pm_…"},
        },
    )


@blueprint.route("/gate/flagger", methods=["POST"])
@contract(body=FlaggerBody, also=("text/plain",), scope_note="gate:read", errors=(403, 422), own_units=True)
def ask(body: Fields) -> Response:
    """200 where the canary may go on, 403 with the reasons where it may not."""
    told = body["metadata"]
    actor = _actor(told.get("token", ""))
    answer = decisions_ask.ask(_question(body), actor=actor, runtime=runtime())
    status = 403 if answer["decision"] in REFUSING else 200
    return Response(formats.text(answer, downloads.own_url()), status=status, mimetype="text/plain")


def _actor(token: str) -> Actor:
    """Whoever the header says, else the token among the metadata: Flagger sends no headers."""
    actor = current_actor()
    if actor.kind == "nobody" and token:
        try:
            with db.reading():
                actor = accounts_queries.actor_of_token(token, clock.now(), request.remote_addr or "")
        except Elsewhere as refused:
            with db.transaction():
                token_operations.note_elsewhere(refused)
            raise
    if actor.kind == "nobody":
        raise NotSignedIn("put a token with the scope gate:read among the webhook's metadata, as `token`")
    return actor


def _question(body: Fields) -> Fields:
    metadata = body["metadata"]
    missing = [
        Problem(f"/metadata/{name}", f"the webhook's metadata lack {name}")
        for name in ("service", "target", "artifact")
        if not metadata.get(name)
    ]
    if missing:
        raise Invalid(missing)
    return {
        "service": metadata["service"],
        "target": metadata["target"],
        "declared_target": metadata.get("confirm_target", ""),
        "artifact": _artifact(metadata["artifact"]),
        "change_kind": metadata.get("change_kind", "feature"),
        "run": {"provider": "flagger", "id": f"{body['namespace']}/{body['name']}"},
    }


def _artifact(named: str) -> dict[str, str]:
    try:
        return artifact_ids.named(named)
    except ValueError as wrong:
        raise Invalid(str(wrong), "/metadata/artifact") from wrong
