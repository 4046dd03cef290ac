"""What a page of fifty rows weighs: it is fetched by phones, again and again."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.gate.enforcement import save_incident
from postmortems.guards import operations as guards
from tests.runtimes import VAULT
from tests.world import World

ROOT = Path(__file__).parents[2]
MOST = 30_000
# By its address, what its rows begin with.
NAMES = {"/action-items?status=any": "items", "/incidents": "incidents", "/guards": "guards"}
LISTS = {"/action-items?status=any": "<tr><td>", "/incidents": "<tr><td>", "/guards": "<tr>"}


@pytest.fixture
def filled(world: World) -> World:
    """Sixty incidents, items and guards, with words as long as people's."""
    item = Item(
        "Deploy outside lectures only.",
        owner="@somebody",
        due=date(2024, 6, 1),
        status="open",
    )
    report = Document(
        title="A proxy runs out of memory",
        date=date(2024, 5, 6),
        severity="SEV2",
        services=("hub",),
        status="published",
        sections=(Section("Action items", (item,)),),
    )
    with db.transaction():
        guards.save_service("hub", "Hub", ["prod"], actor=world.ben)
        for number in range(60):
            named = replace(report, title=f"{report.title}, {number}")
            save_incident.save(None, named, version=None, actor=world.system)
            fields = {
                "slug": f"no-deploy-{number}",
                "kind": "target",
                "targets": ["hub/prod"],
                "title": "Named",
            }
            guards.create(fields, actor=world.ben, vault=VAULT)
    return world


@pytest.mark.parametrize("path", LISTS)
def test_a_page_of_fifty_rows_is_light(filled: World, path: str) -> None:
    page = filled.browser("ben").get(path).text

    assert page.count(LISTS[path]) >= 50
    assert len(page.encode()) <= MOST


def test_a_list_as_heavy_as_that_of_the_bench_is_light(world: World) -> None:
    """So many owners without an account, and numbers and slugs as long, has what `make bench` measures."""
    items = [
        Item(
            "Deploy outside lectures only.",
            owner=f"@owner{number % 23}",
            due=date(2016, 2, 6),
            kind=kind,
            status="open",
        )
        for number, kind in enumerate(["process", "technical", "technical"] * 20)
    ]
    with db.transaction():
        for service in ("bench", "jobs"):
            guards.save_service(service, service, ["prod"], actor=world.ben)
        for number, item in enumerate(items):
            title = f"A proxy runs out of memory, number {15_000 + number}"
            report = Document(
                title=title, date=date(2024, 5, 6), severity="SEV2", services=("bench",), status="published",
                sections=(Section("Action items", (item,)),),
            )  # fmt: skip
            save_incident.save(None, report, version=None, actor=world.system)
        session().execute(text("UPDATE action_items SET number = number + 115118000"))
        session().execute(text("UPDATE incidents SET slug = replace(slug, '-number', '')"))

    page = world.browser("ben").get("/action-items").text

    assert page.count("<code>AI-1151180") == 50
    assert page.count("overdue</b>") == 50
    assert page.count("<u>no account</u>") + page.count(">no account</b>") == 50
    assert len(page.encode()) <= MOST


def test_the_places_stand_on_a_page_once(world: World) -> None:
    page = world.browser().get("/incidents").text

    assert page.count('href="/coverage"') == 1
    assert page.count("<svg") < 10


def test_the_style_sheet_calls_a_column_as_its_head_does(filled: World) -> None:
    said = (ROOT / "static/app.css").read_text()
    for path, name in {
        "/action-items?status=any": "items",
        "/incidents": "incidents",
        "/guards": "guards",
    }.items():
        table = filled.browser("ben").get(path).text.split(f"of-{name}")[1].split("</thead>")[0]
        heads = re.findall(r"<th[^>]*>(?:<(?:span|a)[^>]*>)?([^<]+)", table)
        labels = re.findall(rf'\.of-{name} td:nth-child\(\d\) {{ --label: "([^"]*)"', said)
        assert [label for label in labels if label] == [head for head in heads[1:] if head != "Change"]


def test_the_icons_of_the_style_sheet_are_those_of_the_file() -> None:
    loader = importlib.machinery.SourceFileLoader("icons", str(ROOT / "scripts/icons"))
    spec = importlib.util.spec_from_loader("icons", loader)
    assert spec is not None
    icons = importlib.util.module_from_spec(spec)
    loader.exec_module(icons)

    assert (ROOT / "static/icons.css").read_text() == icons.css()
