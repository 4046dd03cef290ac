"""The addresses of badges: pictures that other pages show, read with a key in the address or by everybody."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock, visibility
from postmortems.document.text import one_line
from postmortems.guards.services import known_services
from postmortems.reports.services import badge, counts, entity
from postmortems.signatures import address_keys
from postmortems.web import downloads

blueprint = Blueprint("badges", __name__)

PURPOSE = "badge"
KEPT_S = 60
BRACKETS = re.compile(r"[\[\]\\]")
POLICY = "default-src 'none'; frame-ancestors 'none'"


@blueprint.get("/badges/<service>.svg")
def show(service: str) -> AnyResponse:
    """The badge of a service; of one that is unknown, or with a wrong key, a grey one and 404."""
    now = clock.now()
    with visibility.seen_by(visibility.NOBODY):
        is_told = _may_be_read(service) and known_services.is_known_to_all(service)
    what = badge.said(counts.of_service(service, now)) if is_told else badge.UNKNOWN
    response = Response(badge.svg(service, what), 200 if is_told else 404, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    response.headers["Content-Security-Policy"] = POLICY
    # It is made to be shown by other sites.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    return response.make_conditional(request) if is_told else response


@dataclass(frozen=True, slots=True)
class Offered:
    """What the page of a service offers to copy: its badge as Markdown, and the catalogue's annotation."""

    path: str
    markdown: str
    annotation: str


def offered(service: str) -> Offered | None:
    """What there is to copy; None for a service of which not everybody may know."""
    with visibility.seen_by(visibility.NOBODY):
        if not known_services.is_known_to_all(service):
            return None
    url = downloads.own_url()
    page = f"{url}/services/{quote(service, safe='')}"
    alt = BRACKETS.sub(" ", one_line(service))
    return Offered(
        _path(service),
        f"[![Action items of {alt}]({url}{_path(service)})]({page})",
        f"metadata:\n  annotations:\n    {entity.ANNOTATION}: {json.dumps(service, ensure_ascii=False)}",
    )


def address(service: str) -> str:
    """The address of a service's badge, with its key where it takes one."""
    return f"{downloads.own_url()}{_path(service)}"


def _path(service: str) -> str:
    plain = f"/badges/{quote(service, safe='')}.svg"
    return plain if _is_public() else f"{plain}?key={address_keys.key_of(_secret(), PURPOSE, service)}"


def _may_be_read(service: str) -> bool:
    return _is_public() or address_keys.is_key(request.args.get("key", ""), _secret(), PURPOSE, service)


def _is_public() -> bool:
    return bool(current_app.extensions["settings"].badges == "public")


def _secret() -> str:
    return str(current_app.secret_key)
