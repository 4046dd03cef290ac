"""`/.well-known/security.txt` (RFC 9116): whom to tell of a weakness, where the operator says it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app

from postmortems import clock
from postmortems.config import Settings
from postmortems.web.transactions import own_units

PATH = "/.well-known/security.txt"
# The RFC recommends less than a year (§2.5.5). Whoever reads it anew gets a later day.
VALID = timedelta(days=180)

blueprint = Blueprint("security_contact", __name__)


@blueprint.get(PATH)
@own_units
def show() -> Response:
    """For anybody, without a look into the database."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.security_contact:
        told = "This server names no contact: its operator sets POSTMORTEMS_SECURITY_CONTACT.\n"
        return Response(told, 404, mimetype="text/plain")
    return Response(_text(settings), mimetype="text/plain")


def _text(settings: Settings) -> str:
    expires = (clock.now() + VALID).strftime("%Y-%m-%dT00:00:00Z")
    contacts = [f"Contact: {each}" for each in settings.security_contact]
    lines = [*contacts, f"Expires: {expires}", "Preferred-Languages: en", f"Canonical: {settings.url}{PATH}"]
    return "\n".join(lines) + "\n"
