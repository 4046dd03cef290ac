"""Download of the gate's commands as one file, from the server that they ask."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, make_response, request

from postmortems.cli.gate import bundle

blueprint = Blueprint("gate_client", __name__)


@blueprint.get("/gate.pyz")
def download() -> Response:
    """What `gate client` writes. Nothing in it is secret, so anybody may have it."""
    response = make_response(_bundle())
    response.mimetype = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="gate.pyz"'
    response.headers["Cache-Control"] = "public, no-cache"
    response.set_etag(bundle.digest(_bundle()).removeprefix("sha256:"))
    response.make_conditional(request)
    return response


@lru_cache(maxsize=1)
def _bundle() -> bytes:
    return bundle.bundle()
