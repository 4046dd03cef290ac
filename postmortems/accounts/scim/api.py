"""SCIM 2.0 over HTTP: its addresses, and who may ask there. Programs alone, by a token of their own.

What speaks SCIM takes a third of a second to load: the first thing that the directory asks loads it.
"""

from __future__ import annotations

import hmac
import logging

from flask import Blueprint, Response, current_app, request

from postmortems import limits

BASE = "/scim/v2"
BEARER = "bearer "
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

log = logging.getLogger(__name__)
blueprint = Blueprint("scim", __name__, url_prefix=BASE)


@blueprint.before_request
def admit() -> Response | None:
    """Let the directory in by its token, and nobody else; without one set there is nothing here."""
    wanted: str = current_app.extensions["settings"].scim_token
    if not wanted:
        return refused(404, "there is nothing at this address")
    header = request.headers.get("Authorization", "")
    sent = header[len(BEARER) :].strip() if header.lower().startswith(BEARER) else ""
    if not hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), wanted.encode("utf-8")):
        log.warning("a wrong token for SCIM came from %s", request.remote_addr)
        answer = refused(401, "send POSTMORTEMS_SCIM_TOKEN as it is set here, as `Authorization: Bearer …`")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="scim"'
        return answer
    request.max_content_length = limits.SCIM
    return None


@blueprint.route("/Users", methods=["GET", "POST"])
@blueprint.post("/Users/.search")
def users() -> Response:
    """Accounts: find some, or make one."""
    from postmortems.accounts.scim import messages_api, users_api

    return messages_api.answered(users_api.users)


@blueprint.route("/Users/<number>", methods=["GET", "PUT", "PATCH", "DELETE"])
def user(number: str) -> Response:
    """One account."""
    from postmortems.accounts.scim import messages_api, users_api

    return messages_api.answered(users_api.user, number)


@blueprint.route("/Groups", methods=["GET", "POST"])
@blueprint.post("/Groups/.search")
def groups() -> Response:
    """Teams: find some, or make one."""
    from postmortems.accounts.scim import groups_api, messages_api

    return messages_api.answered(groups_api.groups)


@blueprint.route("/Groups/<number>", methods=["GET", "PUT", "PATCH", "DELETE"])
def group(number: str) -> Response:
    """One team."""
    from postmortems.accounts.scim import groups_api, messages_api

    return messages_api.answered(groups_api.group, number)


@blueprint.get("/ServiceProviderConfig")
@blueprint.get("/ResourceTypes")
@blueprint.get("/ResourceTypes/<name>")
@blueprint.get("/Schemas")
@blueprint.get("/Schemas/<name>")
def about(name: str = "") -> Response:
    """What of SCIM we do, and what is kept."""
    from postmortems.accounts.scim import about_api, messages_api

    return messages_api.answered(about_api.about, request.path.split("/")[3], name)


@blueprint.route("/", defaults={"path": ""}, methods=METHODS)
@blueprint.route("/<path:path>", methods=METHODS)
def missing(path: str) -> Response:
    """Whatever else is asked for: in another way than there is, of accounts and teams at once, or nothing."""
    if path in {"", ".search"}:
        return refused(501, f"accounts and teams are found apart, at {BASE}/Users and {BASE}/Groups")
    if ways := [method for method in METHODS if _leads_somewhere(method)]:
        answer = refused(405, f"{BASE}/{path[:100]} takes {', '.join(ways)}, and no {request.method}")
        answer.headers["Allow"] = ", ".join(ways)
        return answer
    return refused(404, f"there is nothing at {BASE}/{path[:100]}")


def _leads_somewhere(method: str) -> bool:
    endpoint, _ = current_app.create_url_adapter(request).match(method=method)  # type: ignore[union-attr]
    return bool(endpoint != request.endpoint)


def refused(status: int, detail: str) -> Response:
    """An error as directories read it."""
    body = {"schemas": [ERROR], "status": str(status), "detail": detail}
    return current_app.response_class(current_app.json.dumps(body), status, mimetype="application/scim+json")
