"""Evidence of completion: given when an item is closed, by any door, kept, shown and written out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item, Section
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save, stored
from tests.world import World

SLUG = "2018-01-25-accidental-merge-to-prod"
LINK = "https://example.org/change/7?a=1,2"


@pytest.mark.parametrize("evidence", [LINK, "Seen by kim: the rack is up", "- Owner: not a field", "a, b"])
def test_it_reads_back_from_markdown(evidence: str) -> None:
    item = Item("Order disks", status="done", outcome="x", evidence=evidence, tickets=("T-1",))
    document = Document(title="x", sections=(Section("Action items", (item,)),))

    assert parser.parse(parser.write(document)) == document


def test_it_is_given_through_the_api_and_by_many_at_once(client: FlaskClient, world: World) -> None:
    save(replace(FOUNDING), name=FOUNDING_NAME)
    headers = world.headers()

    closed = client.patch(
        "/api/v1/action-items/AI-1", json={"status": "done", "evidence": LINK}, headers=headers
    )
    body = {"items": ["AI-2", "AI-3"], "set": {"evidence": "see the minutes"}}
    client.post("/api/v1/action-items/bulk", json=body, headers=headers)

    assert (closed.json["status"], closed.json["evidence"]) == ("done", LINK)
    assert [item.evidence for item in stored(SLUG).items] == [LINK, "see the minutes", "see the minutes"]
    text = client.get(f"/api/v1/incidents/{SLUG}", headers=headers | {"Accept": "text/markdown"}).text
    assert f"- Evidence: {LINK}" in text
    assert client.get("/api/v1/action-items?q=minutes", headers=headers).json["action_items"]


def test_it_is_given_and_shown_on_the_page(world: World) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    browser = world.browser()

    browser.send("/action-items/AI-1", {"status": "done", "evidence": LINK})

    assert f'<a href="{LINK}"' in browser.get("/action-items/AI-1").text
    assert LINK in browser.get(f"/incidents/{SLUG}").text


@pytest.mark.parametrize("owner", ["@ada", "kim, Ada", "Ada Lovelace", "@kim and ada lovelace"])
def test_whoever_owns_an_attestable_item_does_not_confirm_it(
    client: FlaskClient, world: World, owner: str
) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    with db.transaction():
        teams.name_owner("Ada Lovelace", account="ada", actor=world.ben)
    headers = world.headers("ada")
    client.patch("/api/v1/action-items/AI-1", json={"owner": owner}, headers=headers)

    refused = client.patch(
        "/api/v1/action-items/AI-1", json={"status": "done", "evidence": LINK}, headers=headers
    )

    assert refused.json["errors"][0]["reason_code"] == "owned"
    body = {"items": ["AI-1"], "set": {"status": "done"}, "dry_run": True}
    planned = client.post("/api/v1/action-items/bulk", json=body, headers=headers).json
    assert planned["rows"][0]["reason_code"] == "owned"
    done = client.patch("/api/v1/action-items/AI-1", json={"status": "done"}, headers=world.headers("ben"))
    assert (done.json["closed_by"], done.json["closed_unproven"]) == ("ben", False)
