"""Done is refused at every door alike: with the true reason, the ways out, and nothing stored or lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from postmortems.cli.import_files import import_
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.document.json_form import convert
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item, Section
from postmortems.egress.client import Egress
from postmortems.errors import Invalid
from postmortems.exchange.git_sync import repositories, sync
from postmortems.exchange.git_sync.repositories import RemoteSettings
from postmortems.exchange.imports import apply
from postmortems.followup import queries as followup
from postmortems.followup.filters import Filters
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries
from tests.browser_forms import form_of
from tests.exchange.repositories import bare
from tests.incidents.documents import SYSTEM, stored, with_item
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
        apply.import_document(_document(), FILE, actor=world.ada, content=_text(_document()))
    return world


def _document() -> Document:
    item = Item("Order disks in time.", kind="process", status="open")
    return Document("Disk full", date=date(2020, 2, 1), sections=(Section("Action items", (item,)),))


def _text(document: Document) -> bytes:
    return parser.write(document).encode()


def _done(**changes: str) -> Document:
    return with_item(stored(SLUG), "AI-1", status="done", **changes)


def by_item_page(world: World, **more: str) -> Answer:
    answer = world.browser().send("/action-items/AI-1", {"status": "done", **more})
    return answer.status_code == 303, answer.text


def by_row(world: World, **more: str) -> Answer:
    as_htmx = {"HX-Request": "true"}
    answer = world.browser().send("/action-items/AI-1/row", {"status": "done", **more}, headers=as_htmx)
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
            apply.import_document(document, FILE, actor=world.ada, content=_text(document))
    except Invalid as refused:
        return False, refused.detail
    return True, ""


def by_api_json(world: World, **more: str) -> Answer:
    answer = _client(world).put(
        f"/api/v1/incidents/{SLUG}",
        json=convert.to_json(_done(**more)),
        headers=world.headers() | {"If-Match": '"1"'},
    )
    return answer.status_code == 200, answer.text


def by_import_page(world: World, **more: str) -> Answer:
    browser, file = world.browser(), (io.BytesIO(_text(_done(**more))), FILE)
    begun = browser.send("/import", {"files": file})
    answer = browser.send(f"{begun.headers['Location']}/apply", follow_redirects=True)
    return "changed its incident" in words(answer.text), answer.text


def by_api_import(world: World, **more: str) -> Answer:
    file = {"name": FILE, "text": _text(_done(**more)).decode()}
    answer = _client(world).post(
        "/api/v1/imports", json={"texts": [file], "dry_run": False}, headers=world.headers()
    )
    return answer.json["results"] == {"changed": 1}, answer.text


def by_command(world: World, **more: str) -> Answer:
    url = db.engine().url.render_as_string(hide_password=False)
    _stamp()
    with TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_bytes(_text(_done(**more)))
        ran = CliRunner().invoke(import_, [folder], env={"POSTMORTEMS_DATABASE_URL": url})
    db.connect(url)
    return ran.exit_code == 0, ran.output


def _stamp() -> None:
    """Say of the test's tables what migrations would: the command refuses a database that is behind."""
    with db.engine().begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": migrations.head()})


def by_git(world: World, **more: str) -> Answer:
    with TemporaryDirectory() as folder:
        place = bare(Path(folder), {FILE: _text(_done(**more))})
        with db.transaction():
            remote = repositories.ensure(RemoteSettings(str(place)), actor=SYSTEM)
        outcome = sync.run(remote.id, way_out=Egress(("127.0.0.0/8",)), mail="{name}@noreply.invalid")
    return not outcome.failed, "\n".join(outcome.lines)


DOORS: dict[str, Callable[..., Answer]] = {
    "item page": by_item_page,
    "row": by_row,
    "incident form": by_incident_form,
    "API, one item": by_api_item,
    "API, the document": by_api_document,
    "API, the document as JSON": by_api_json,
    "import": by_import,
    "import page": by_import_page,
    "API import": by_api_import,
    "command": by_command,
    "git": by_git,
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
    for choice in ("enforceable", "attestable", "not_guardable"):
        assert f'name="choose_guardability" value="{choice}"' in said
    assert way(stored_item, choose_guardability="attestable")[0]


def test_the_incident_form_has_them_too_and_does_again_what_was_refused(stored_item: World) -> None:
    browser = stored_item.browser()
    form = form_of(browser.get(f"/incidents/{SLUG}/edit").text) | {f"{ITEM}.status": "done"}
    refused = browser.send(f"/incidents/{SLUG}/edit", form | {"do": "publish"}).text
    for choice in ("enforceable", "attestable", "not_guardable"):
        assert f'name="choose" value="{ITEM}.guardability={choice}"' in refused

    pressed = form_of(refused) | {"choose": f"{ITEM}.guardability=attestable"}
    answer = browser.send(f"/incidents/{SLUG}/edit", pressed)

    assert answer.status_code == 303
    assert _stored(stored_item) == ("done", "attestable", 2)
    assert stored(SLUG).status == "published"


def test_what_is_chosen_there_and_still_refused_stays_chosen(stored_item: World) -> None:
    browser = stored_item.browser()
    form = form_of(browser.get(f"/incidents/{SLUG}/edit").text) | {f"{ITEM}.status": "done"}
    refused = browser.send(f"/incidents/{SLUG}/edit", form | {"choose": f"{ITEM}.guardability=not_guardable"})
    assert refused.status_code == 422
    assert "say in its reason why no guard can stop it" in words(refused.text)
    assert form_of(refused.text)[f"{ITEM}.guardability"] == "not_guardable"
    assert _stored(stored_item) == ("open", "", 1)


@pytest.mark.parametrize(
    "said",
    [
        f"{ITEM}.status=done",
        "sections.7.blocks.0.guardability=attestable",
        "sections.0.blocks.7.guardability=attestable",
        "sections.0.blocks.0.guardability=",
        "sections.0.blocks.0.guardability=attestable\n",
        "sections.-1.blocks.0.guardability=attestable",
        "x",
    ],
)
def test_a_choice_that_no_button_offers_changes_nothing(stored_item: World, said: str) -> None:
    browser = stored_item.browser()
    form = form_of(browser.get(f"/incidents/{SLUG}/edit").text) | {f"{ITEM}.status": "done"}
    answer = browser.send(f"/incidents/{SLUG}/edit", form | {"choose": said})
    assert answer.status_code == 422
    assert _stored(stored_item) == ("open", "", 1)


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


def _claiming(title: str) -> Document:
    """A report that nobody has seen here, whose item is said to be done."""
    item = Item("Order disks.", kind="process", status="done")
    return replace(_document(), title=title, sections=(Section("Action items", (item,)),))


def new_by_save(world: World, document: Document) -> str:
    with db.transaction():
        return save_incident.save(None, document, version=None, actor=world.ada).slug


def new_by_import(world: World, document: Document) -> str:
    name = "2020-02-01-disk-full-again.md"
    with db.transaction():
        return apply.import_document(document, name, actor=world.ada, content=_text(document)).slug


def new_by_api(world: World, document: Document) -> str:
    answer = _client(world).post("/api/v1/incidents", json=convert.to_json(document), headers=world.headers())
    assert answer.status_code == 201, answer.text
    return str(answer.json["slug"])


@pytest.mark.parametrize("way", [new_by_save, new_by_import, new_by_api])
def test_a_report_that_is_new_may_claim_to_be_done_and_proves_nothing(
    stored_item: World, way: Callable[[World, Document], str]
) -> None:
    slug = way(stored_item, _claiming("Disk full again"))

    with db.reading():
        item = queries.by_slug(slug, stored_item.ada).items[0]
        assert (item.status, item.guardability) == ("done", "")
        assert followup.matching(Filters(unproven=True)) == 1
        assert followup.protection_of(item) == "unguarded"


@pytest.mark.parametrize("way", [new_by_save, new_by_import, new_by_api])
def test_a_report_that_is_new_may_claim_to_have_dropped_one(
    stored_item: World, way: Callable[[World, Document], str]
) -> None:
    item = Item("Order disks.", kind="process", status="wont_do")
    document = replace(_document(), title="Dropped", sections=(Section("Action items", (item,)),))
    assert stored(way(stored_item, document)).items[0].status == "wont_do"
