"""What an item waits for leaves with its document and comes back; hidden items stay hidden."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item, Section
from postmortems.exchange.exports import export
from postmortems.exchange.imports import import_file
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.followup.item import blockers, written_blockers
from postmortems.followup.item.models import AwaitedBlocker, ItemBlocker
from postmortems.incidents.models import ActionItem
from postmortems.incidents.queries import Filters
from tests.incidents.documents import SYSTEM, save
from tests.world import World

RACK = """# Rack down

**Date:** 2020-02-01

## Action items

1. Buy a rack.
   - Id: AI-11
   - Blocked by: AI-12, AI-21
2. Ask for money.
   - Id: AI-12
"""
MONEY = """# No money

**Date:** 2020-03-01

## Action items

1. Write a budget.
   - Id: AI-21
"""
FILES = {"rack.md": RACK, "money.md": MONEY}
SLUG = "2020-02-01-rack-down"


def bring(name: str, text: str) -> Any:
    return import_file.bring(ImportFile(name, text.encode()), ImportDefaults(), actor=SYSTEM)


def bring_both() -> None:
    for name, text in FILES.items():
        bring(name, text)


def links() -> dict[str, tuple[str, ...]]:
    with db.reading():
        items = {item.id: item.ref for item in session().scalars(select(ActionItem))}
        return {items[item]: names for item, names in written_blockers.refs(list(items)).items()}


def rows_of(table: type[db.Base]) -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(table)) or 0


def exported(layout: str = "") -> dict[str, str]:
    with visibility.seen_by(visibility.NOBODY):
        made = export.files(Filters(), actor=SYSTEM, layout=layout, drafts=True)
        return {file.path: file.content.decode() for file in made}


@pytest.mark.parametrize("order", list(permutations(FILES)))
def test_links_come_in_with_files_in_any_order_and_go_out_as_they_came(
    any_database: str, order: tuple[str, ...]
) -> None:
    for name in order:
        bring(name, FILES[name])

    assert links() == {"AI-11": ("AI-12", "AI-21")}
    assert exported() == FILES
    assert rows_of(AwaitedBlocker) == 0
    assert {bring(name, FILES[name]).result for name in order} == {"same"}


def test_what_is_still_to_come_goes_out_as_well(database: str) -> None:
    bring("rack.md", RACK)

    assert links() == {"AI-11": ("AI-12", "AI-21")}
    assert exported()["rack.md"] == RACK


def test_a_number_that_is_given_to_another_item_is_not_what_was_waited_for(database: str) -> None:
    bring("rack.md", RACK.replace("AI-21", "AI-13"))
    save(Document(title="Another", sections=(Section("Action items", (Item("Watch it."),)),)))

    assert links() == {"AI-11": ("AI-12",)}


def test_a_link_that_was_lifted_or_added_here_changes_the_file(database: str) -> None:
    bring_both()
    with db.transaction():
        blockers.remove("AI-11", "AI-21", actor=SYSTEM)
        blockers.add("AI-21", "AI-12", actor=SYSTEM)

    assert exported() == {
        "rack.md": RACK.replace(", AI-21", ""),
        "money.md": MONEY + "   - Blocked by: AI-12\n",
    }


def test_a_file_that_says_more_than_before_adds_links(database: str) -> None:
    bring_both()
    bring("money.md", MONEY + "   - Blocked by: AI-12\n")

    assert links() == {"AI-11": ("AI-12", "AI-21"), "AI-21": ("AI-12",)}
    assert exported()["money.md"] == MONEY + "   - Blocked by: AI-12\n"


@pytest.mark.parametrize("layout", ["plain", "hugo", "mkdocs"])
def test_every_layout_says_what_an_item_waits_for(database: str, layout: str) -> None:
    bring("rack.md", RACK)

    [text] = exported(layout).values()
    assert "Blocked by: AI-12, AI-21" in text


def test_an_item_of_a_restricted_incident_is_named_to_nobody_else(client: FlaskClient, world: World) -> None:
    bring_both()
    with visibility.seen_by(visibility.EVERYTHING):
        save(replace(parser.parse(MONEY), restricted=("ada",)), "2020-03-01-no-money")

    for path in (
        f"incidents/{SLUG}",
        f"incidents/{SLUG}?format=markdown",
        f"incidents/{SLUG}?format=html",
        "action-items",
        "action-items/AI-11",
        "action-items?format=csv",
    ):
        seen = client.get(f"/api/v1/{path}", headers=world.headers("cy"))
        assert (seen.status_code, "AI-21" in seen.text) == (200, False), path
    assert "AI-21" not in "".join(exported().values())
    own = client.get("/api/v1/action-items/AI-11", headers=world.headers("ada")).json
    assert own["blocked_by"] == ["AI-12", "AI-21"]


def sent(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("title", "date", "sections", "version")}


def test_json_and_csv_have_the_links(client: FlaskClient, world: World) -> None:
    bring_both()
    headers = world.headers("ada")

    whole = client.get(f"/api/v1/incidents/{SLUG}", headers=headers).json
    [section] = [part for part in whole["sections"] if part["role"] == "action_items"]
    assert section["blocks"][0]["blocked_by"] == ["AI-12", "AI-21"]
    table = client.get("/api/v1/action-items?format=csv&q=rack", headers=headers).text
    told = {row["id"]: row["blocked_by"] for row in csv.DictReader(io.StringIO(table))}
    assert told["AI-11"] == "AI-12 AI-21"

    # Sent back it is stored already; one link more is set without a version.
    again = client.put(f"/api/v1/incidents/{SLUG}", json=sent(whole), headers=headers)
    assert (again.status_code, again.json["version"]) == (200, whole["version"])
    section["blocks"][1]["blocked_by"] = ["AI-21"]
    more = client.put(f"/api/v1/incidents/{SLUG}", json=sent(whole), headers=headers)
    assert (more.status_code, more.json["version"]) == (200, whole["version"])
    assert links() == {"AI-11": ("AI-12", "AI-21"), "AI-12": ("AI-21",)}


WRONG = {
    "x": "is no item; write it as AI-12",
    "AI-0": "is no item; write it as AI-12",
    "AI-99": "there is no action item AI-99",
    "AI-11": "AI-11 waits for AI-12 already",
    "AI-12": "an item does not wait for itself",
}


@pytest.mark.parametrize("ref, told", WRONG.items())
def test_a_wrong_link_is_refused_at_its_place(client: FlaskClient, world: World, ref: str, told: str) -> None:
    bring("rack.md", RACK)
    whole = client.get(f"/api/v1/incidents/{SLUG}", headers=world.headers("ada")).json
    place = next(n for n, part in enumerate(whole["sections"]) if part["role"] == "action_items")
    whole["sections"][place]["blocks"][1]["blocked_by"] = [ref]

    refused = client.put(f"/api/v1/incidents/{SLUG}", json=sent(whole), headers=world.headers("ada"))

    assert refused.status_code == 422
    [problem] = refused.json["errors"]
    assert problem["pointer"] == f"/sections/{place}/blocks/1/blocked_by/0"
    assert told in problem["detail"]
    assert rows_of(ItemBlocker) == 1


def test_a_file_may_name_one_twice_and_fifty_at_most(database: str) -> None:
    bring("rack.md", RACK.replace("AI-12, AI-21", "AI-12, AI-21, AI-12, AI-21"))
    assert links() == {"AI-11": ("AI-12", "AI-21")}

    many = ", ".join(f"AI-{number}" for number in range(100, 151))
    refused = bring("more.md", MONEY.replace("AI-21\n", f"AI-31\n   - Blocked by: {many}\n"))

    assert "waits for 50 others at most" in str(refused)


def test_a_file_with_a_circle_is_refused_whole(database: str) -> None:
    refused = bring("rack.md", RACK.replace("AI-12, AI-21", "AI-12") + "   - Blocked by: AI-11\n")

    assert "AI-11 waits for AI-12 already" in str(refused)
    assert links() == {}


@pytest.mark.parametrize("written", ["Blocked by: the vendor", "Blocked by: AI-3 or 4", "Blocked by: #12"])
def test_what_names_no_item_of_ours_stays_the_authors_words(written: str) -> None:
    [item] = parser.parse(f"# Disk\n\n## Action items\n\n1. Buy it.\n   - {written}\n").items

    assert (item.blocked_by, written in item.text) == ((), True)
