"""A repository and the incidents here, brought in step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Document
from postmortems.egress.client import Egress
from postmortems.exchange.git_sync import repositories
from postmortems.exchange.git_sync import sync as git_sync_sync
from postmortems.exchange.git_sync.repositories import RemoteSettings
from postmortems.exchange.git_sync.state import Outcome
from postmortems.gate.enforcement import save_incident
from tests.exchange.repositories import content, push
from tests.incidents.documents import SYSTEM

ADA = Actor(kind="person", name="ada", role="author")
MAIL = "{name}@noreply.invalid"
OUT = Egress(("127.0.0.0/8",))
NAME, SLUG = "2020-02-01-disk-full.md", "2020-02-01-disk-full"
TEXT = b"""# Disk full\r
\r
## Timeline\r
\r
| Time | What |\r
|------|------|\r
| 2020-02-01 10:00 | The disk fills. |\r
| 10:05 | It is full. |\r
\r
## Action items\r
\r
* [ ] Order disks\r
* [x] Buy one"""
OTHER = b"# Hub down\n\n2021-03-04 10:00 It is down.\n"


def sync(place: object, **given: Any) -> Outcome:
    given = {"folder": "incidents"} | given
    with db.transaction():
        remote = repositories.ensure(RemoteSettings(str(place), **given), actor=SYSTEM)
    return git_sync_sync.run(remote.id, way_out=OUT, mail=MAIL)


def edit(place: Path, name: str, old: bytes, new: bytes) -> str:
    """Somebody edits a file in their clone and pushes."""
    before = content(place, f"incidents/{name}")
    assert old in before
    files = {f"incidents/{name}": before.replace(old, new)}
    return push(place, place.parent / "clone", files, f"Edit {name}")


def edit_here(document: Document, slug: str = SLUG, message: str = "", actor: Actor = ADA) -> None:
    with db.transaction():
        save_incident.save(slug, document, version=None, actor=actor, message=message)
