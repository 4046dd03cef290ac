"""For tests of pages: the demo in the database, and what a page says without its markup."""

from __future__ import annotations

import re
from html import unescape

from postmortems import db, demo
from postmortems.guards import operations as guards
from tests.world import World

TAG = re.compile(r"<[^>]+>")
FOUNDING = "/incidents/2018-01-25-accidental-merge-to-prod"


def with_demo(world: World) -> World:
    """The world with the demo in it; the demo brings its own service data8."""
    with db.transaction():
        guards.delete_service("data8", actor=world.ben)
        demo.load(world.system)
    return world


def words(html: str) -> str:
    """What a person reads, on one line."""
    return " ".join(unescape(TAG.sub(" ", html)).split())
