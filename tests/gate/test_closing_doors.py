"""Done is refused at every door alike: with the true reason, the ways out, and nothing stored or lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postmortems import db
from postmortems.document import markdown
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Invalid
from postmortems.gate import importing
from postmortems.incidents import queries
from tests.incidents.documents import save, stored, with_item
from tests.shown import words
from tests.world import World

SLUG, FILE = "2020-02-01-disk-full", "2020-02-01-disk-full.md"
TOLD = "nobody has chosen which proof it asks for"
ITEM = "sections.0.blocks.0"
Answer = tuple[bool, str]


@pytest.fixture
def stored_item(world: World) -> World:
    """An incident that came as a file, with AI-1 open and nobody's choice of proof."""
    with db.transaction():
        importing.import_document(_document(), FILE, actor=world.ada, content=_text(_document()))
    return world


def _document() -> Document:
    item = Item("Order disks in time.", kind="process", status="open")
    return Document("Disk full", date=date(2020, 2, 1), sections=(Section("Action items", (item,)),))


def _text(document: Document) -> bytes:
    return markdown.write(document).encode()


def _done(**changes: str) -> Document:
    return with_item(stored(SLUG), "AI-1", status="done", **changes)


def by_item_page(world: World, **more: str) -> Answer:
    answer = world.browser().send("/action-items/AI-1", {"status": "done", **more})
    return answer.status_code == 303, answer.text


def by_row(world: World, **more: str) -> Answer:
    answer = world.browser().send("/action-items/AI-1/row", {"status": "done", **more})
    return answer.status_code == 200, answer.text


def by_incident_form(world: World, **more: str) -> Answer:
    fields = {
        "type": "item",
        "id": "AI-1",
        "text": "Order disks in time.",
        "kind": "process",
        "status": "done",
    }
    form = {f"{ITEM}.{name}": value for name, value in (fields | more).items()}
    head = {"title": "Disk full", "date": "2020-02-01", "version": "1", "do": "save"}
    answer = world.browser().send(
        f"/incidents/{SLUG}/edit", head | {"sections.0.heading": "Action items"} | form
    )
    return answer.status_code == 303, answer.text


def by_api_item(world: World, **more: str) -> Answer:
    answer = _client(world).patch(
        "/api/v1/action-items/AI-1", json={"status": "done", **more}, headers=world.headers()
    )
    return answer.status_code == 200, answer.text


def by_api_document(world: World, **more: str) -> Answer:
    answer = _client(world).put(
        f"/api/v1/incidents/{SLUG}",
        data=_text(_done(**more)),
        headers=world.headers() | {"Content-Type": "text/markdown", "If-Match": '"1"'},
    )
    return answer.status_code == 200, answer.text


def by_import(world: World, **more: str) -> Answer:
    document = _done(**more)
    try:
        with db.transaction():
            importing.import_document(document, FILE, actor=world.ada, content=_text(document))
    except Invalid as refused:
        return False, refused.detail
    return True, ""


DOORS: dict[str, Callable[..., Answer]] = {
    "item page": by_item_page,
    "row": by_row,
    "incident form": by_incident_form,
    "API, one item": by_api_item,
    "API, the document": by_api_document,
    "import": by_import,
}
door = pytest.mark.parametrize("way", DOORS.values(), ids=DOORS)


def _client(world: World) -> Any:
    assert world.app is not None
    return world.app.test_client()


def _stored(world: World) -> tuple[str, str, int]:
    with db.reading():
        incident = queries.by_slug(SLUG, world.ada)
        item = incident.items[0]
        return item.status, item.guardability, incident.version


@door
def test_undecided_proof_is_asked_for_at_every_door(stored_item: World, way: Callable[..., Answer]) -> None:
    is_saved, said = way(stored_item)

    assert not is_saved
    assert TOLD in words(said)
    assert "AI-1" in said
    assert _stored(stored_item) == ("open", "", 1)


@door
def test_a_choice_in_the_same_save_counts_at_every_door(
    stored_item: World, way: Callable[..., Answer]
) -> None:
    assert way(stored_item, guardability="attestable")[0]
    assert _stored(stored_item) == ("done", "attestable", 2)


@door
def test_not_guardable_asks_for_its_reason_at_every_door(
    stored_item: World, way: Callable[..., Answer]
) -> None:
    is_saved, said = way(stored_item, guardability="not_guardable")
    assert not is_saved
    assert "say in its reason why no guard can stop it" in words(said)
    assert way(stored_item, guardability="not_guardable", reason="It is a habit.")[0]


@pytest.mark.parametrize("way", [by_item_page, by_row])
def test_pages_have_the_ways_out_as_buttons(stored_item: World, way: Callable[..., Answer]) -> None:
    _, said = way(stored_item)
    for choice in ("enforceable", "attestable"):
        assert f'name="choose_guardability" value="{choice}"' in said
    assert way(stored_item, choose_guardability="attestable")[0]


def test_the_api_names_the_reason_and_the_ways_out_as_it_documents_them(stored_item: World) -> None:
    client = _client(stored_item)
    answer = client.patch("/api/v1/action-items/AI-1", json={"status": "done"}, headers=stored_item.headers())
    (wrong,) = answer.json["errors"]
    assert (answer.mimetype, wrong["pointer"]) == ("application/problem+json", "/status")
    assert wrong["reason_code"] == "undecided"
    assert wrong["remedies"][1] == {
        "code": "choose_attestable",
        "do": "People confirm it",
        "field": "guardability",
        "value": "attestable",
    }
    schemas = client.get("/api/openapi.json").json["components"]["schemas"]
    assert set(wrong) <= set(schemas["web.WrongPlace"]["properties"])
    assert {name for one in wrong["remedies"] for name in one} <= set(schemas["web.Remedy"]["properties"])


def test_a_file_that_is_new_may_claim_to_be_done(stored_item: World) -> None:
    document = replace(_document(), title="Disk full again", date=date(2020, 3, 1))
    section = Section("Action items", (Item("Order disks.", kind="process", status="done"),))
    save(replace(document, sections=(section,)))
    assert stored("2020-03-01-disk-full-again").items[0].status == "done"
