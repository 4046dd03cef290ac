"""The webhook endpoint for GitHub."""

from __future__ import annotations

from flask import Response, request

from postmortems import limits
from postmortems.db import session as db
from postmortems.errors import Invalid, NotAllowed
from postmortems.github import payloads, webhooks
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("github", "What GitHub sends to this server as an App.")


@blueprint.route("/github/webhooks", methods=["POST"])
@contract(also=("text/plain",), status=202, errors=(403, 404, 422), own_units=True)
def receive() -> Response:
    """Take a webhook in: at once, as GitHub waits ten seconds. `X-Hub-Signature-256` says who sent it."""
    # The raw body is what was signed.
    body = request.get_data(cache=True)
    if len(body) > payloads.LARGEST:
        raise Invalid(f"no payload that is taken here is larger than {limits.in_mb(limits.TOLD)}")
    told = {
        name: request.headers.get(header, "")[:300]
        for name, header in (
            ("event", "X-GitHub-Event"),
            ("delivery", "X-GitHub-Delivery"),
            ("signature", "X-Hub-Signature-256"),
        )
    }
    try:
        with db.transaction():
            word = webhooks.receive(**told, body=body, vault=runtime().vault)
    except NotAllowed:
        with db.transaction():
            webhooks.note_forgery(request.remote_addr or "")
        raise
    return Response(f"{word}\n", status=202, mimetype="text/plain")
