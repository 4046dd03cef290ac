"""For whoever watches the process: is it up, and can it work?"""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import text

from postmortems.db import session
from postmortems.web.units import own_units

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
@own_units
def live() -> dict[str, str]:
    """The process answers; says nothing about the database."""
    # Nothing to open: this must answer while the database is down.
    return {"status": "alive"}


@blueprint.get("/readyz")
def ready() -> dict[str, str]:
    """The database answers too; 503 while it does not."""
    session().execute(text("SELECT 1"))
    return {"status": "ready"}
