"""The endpoints for GitLab's webhooks and external status checks."""

from __future__ import annotations

from flask import Response, request

from postmortems import limits
from postmortems.db import session as db
from postmortems.errors import Invalid, NotAllowed
from postmortems.gitlab import payloads, webhooks
from postmortems.web.openapi.contract import api_blueprint, contract
from postmortems.web.server.app_runtime import runtime

blueprint = api_blueprint("gitlab", "What a GitLab sends to this server.")


@blueprint.route("/gitlab/webhooks", methods=["POST"])
@contract(also=("text/plain",), status=202, errors=(403, 404, 422), own_units=True)
def receive() -> Response:
    """Take a webhook in, at once. `X-Gitlab-Signature` or `X-Gitlab-Token` says who sent it."""
    # The raw body is what was signed.
    body = request.get_data(cache=True)
    if len(body) > payloads.LARGEST:
        raise Invalid(f"no payload that is taken here is larger than {limits.in_mb(limits.TOLD)}")
    signature = request.headers.get("X-Gitlab-Signature", "")[:300]
    token = request.headers.get("X-Gitlab-Token", "")[:300]
    try:
        with db.transaction():
            word = webhooks.receive(signature, token, body, vault=runtime().vault)
    except NotAllowed:
        with db.transaction():
            webhooks.note_forgery(request.remote_addr or "")
        raise
    return Response(f"{word}\n", status=202, mimetype="text/plain")
