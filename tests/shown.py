"""For tests of pages: the demo in the database, and what a page says without its markup."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path

from postmortems import demo
from postmortems.db import session as db
from postmortems.guards import operations as guards
from tests.runtimes import VAULT
from tests.world import World

TAG = re.compile(r"<[^>]+>")
FOUNDING = "/incidents/2018-01-25-accidental-merge-to-prod"

# A SQLite database with world and demo, once it was made: copying it is a hundred times quicker.
_images: list[bytes] = []


def with_demo(world: World) -> World:
    """The world with the demo in it, which brings its own data8. Its tokens are no longer good."""
    url = db.engine().url
    if url.get_backend_name() != "sqlite" or not _images:
        _load(world)
    if url.get_backend_name() != "sqlite":
        return world
    path = Path(str(url.database))
    # Before another SQLite than ours opens the file: as it closes it, it takes our locks and the log away.
    db.disconnect()
    if _images:
        for leftover in path.parent.glob(f"{path.name}-*"):
            leftover.unlink()
        path.write_bytes(_images[0])
    else:
        with closing(sqlite3.connect(path)) as connection:
            _images.append(connection.serialize())
    db.connect(url.render_as_string(hide_password=False))
    return world


def _load(world: World) -> None:
    with db.transaction():
        guards.delete_service("data8", actor=world.ben)
        demo.load(world.system, vault=VAULT)


def words(html: str) -> str:
    """What a person reads, on one line."""
    return " ".join(unescape(TAG.sub(" ", html)).split())
