"""What was let in once stays readable and restorable when less is let in."""

from __future__ import annotations

import pytest

from postmortems import limits
from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.parse_cache import Kept
from postmortems.incidents import queries
from tests.world import World

ROWS = 30
LONG = "# Long\n\n## Timeline\n\n" + "".join(f"- 10:{number:02} it went on\n" for number in range(ROWS))


@pytest.fixture
def place(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """An incident whose first version has more rows than are let in since."""
    assert world.app is not None
    headers = world.headers("ben") | {"Content-Type": "text/markdown"}
    client = world.app.test_client()
    made = client.post("/api/v1/incidents", data=LONG, headers=headers)
    assert made.status_code == 201
    path = f"/incidents/{made.json['slug']}"  # type: ignore[index]
    short = client.put(f"/api/v1{path}", data="# Long\n\nShort now.\n", headers=headers | {"If-Match": "*"})
    assert short.status_code == 200
    monkeypatch.setattr(limits, "BLOCKS", ROWS // 2)
    monkeypatch.setattr(parser, "_READ", Kept[Document](parser.MOST_REMEMBERED))
    return path


def test_a_version_of_more_than_is_let_in_is_compared(world: World, place: str) -> None:
    page = world.browser("ben").get(f"{place}/history/2")

    assert page.status_code == 200
    assert "10:29" in page.text


def test_a_version_of_more_than_is_let_in_is_restored(world: World, place: str) -> None:
    assert world.browser("ben").send(f"{place}/history/1/restore").status_code == 303

    with db.reading():
        incident = queries.by_slug(place.rpartition("/")[2], world.ben)
        assert incident.version == 3
        assert sum(len(section.entries) for section in incident.sections) == ROWS


def test_so_much_is_not_let_in_from_outside(world: World, place: str) -> None:
    assert world.app is not None
    headers = world.headers("ben") | {"Content-Type": "text/markdown"}
    again = LONG.replace("it went on", "it goes on")

    assert world.app.test_client().post("/api/v1/incidents", data=again, headers=headers).status_code == 422
