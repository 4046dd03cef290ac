"""The inbox by page and API: mine alone, as I may see it now, with a number in the frame of each page."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Prose, Section
from postmortems.incidents import operations as incidents
from postmortems.jobs import batches
from postmortems.notify.inbox import operations
from postmortems.notify.inbox.news import News
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.world import World


def item_of(world: World, *, by: str = "ada", text: str = "Block <b>merges</b>") -> int:
    """An incident with one item of Ada's; the value is the incident's id."""
    items = Section("Action items", (Item(text, owner="ada"),))
    document = Document("It went down", sections=(Section("Summary", (Prose("x"),)), items))
    return save(document, actor=getattr(world, by)).id


def tell(world: World, *keys: str, kind: str = "assigned", **fields: Any) -> None:
    with db.transaction():
        news = [News(world.ada.user_id or 0, kind, key, data={"by": "ben"}, **fields) for key in keys]
        operations.tell(news, the_clock.now(), sends_mail=False)


def listed(client: FlaskClient, world: World, query: str = "", name: str = "ada") -> dict[str, Any]:
    found: dict[str, Any] = client.get(
        f"/api/v1/notifications{query}", headers=world.headers(name)
    ).get_json()
    return found


def test_what_i_was_told_is_mine_alone(any_database: str, world: World, client: FlaskClient) -> None:
    tell(world, "one", incident_id=item_of(world), item=1)

    (one,) = listed(client, world)["notifications"]
    assert (one["title"], one["url"], one["item"]) == (
        "ben put AI-1 on your list",
        "/action-items/AI-1",
        "AI-1",
    )
    assert listed(client, world, name="ben") == {"notifications": [], "unread": 0, "next": None}
    answer = client.patch(
        f"/api/v1/notifications/{one['id']}", json={"read": True}, headers=world.headers("ben")
    )
    assert answer.status_code == 404


def test_the_frame_of_a_page_says_how_many_are_unread(world: World) -> None:
    tell(world, *map(str, range(120)), incident_id=item_of(world), item=1)
    browser = world.browser()

    assert "99+<span" in browser.get("/").text
    assert browser.get("/settings/tokens").text.count("99+<span") == 2
    assert "unread</span>" not in world.browser("cy").get("/").text


def test_reading_one_goes_to_what_it_is_about_and_can_be_taken_back(
    world: World, client: FlaskClient
) -> None:
    tell(world, "one", "two", incident_id=item_of(world), item=1)
    browser = world.browser()

    answer = browser.send("/notifications/1")
    assert (answer.status_code, answer.location) == (303, "/action-items/AI-1")
    assert listed(client, world)["unread"] == 1
    browser.send("/notifications/1", {"do": "unread"})
    assert listed(client, world)["unread"] == 2


def test_marking_all_leaves_what_came_since(world: World, client: FlaskClient) -> None:
    tell(world, "one", "two", incident_id=item_of(world), item=1)
    newest = listed(client, world)["notifications"][0]["id"]
    tell(world, "three")
    body = client.post(
        "/api/v1/notifications/read", json={"up_to": newest}, headers=world.headers()
    ).get_json()

    assert body == {"read": 2}
    assert listed(client, world, "?read=false")["unread"] == 1


def test_pages_of_the_inbox_follow_each_other(world: World, client: FlaskClient) -> None:
    tell(world, *map(str, range(7)), incident_id=item_of(world), item=1)
    seen, query = [], "?limit=3"
    while query:
        page = listed(client, world, query)
        seen += [one["id"] for one in page["notifications"]]
        query = f"?limit=3&before={page['next']}" if page["next"] else ""

    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_what_was_restricted_since_is_neither_shown_nor_counted(
    any_database: str, world: World, client: FlaskClient
) -> None:
    tell(world, "one", incident_id=item_of(world, by="ben"), item=1)
    document = Document("It went down", sections=(Section("Summary", (Prose("x"),)),), restricted=("ben",))
    save(document, "it-went-down", actor=world.ben)

    assert listed(client, world) == {"notifications": [], "unread": 0, "next": None}
    assert "unread</span>" not in world.browser().get("/").text
    assert world.browser().send("/notifications/1").status_code == 404


def test_what_is_over_says_so(world: World, client: FlaskClient) -> None:
    document = Document("It went down", sections=(Section("Action items", (Item("Do it", owner="ada"),)),))
    incident = save(document, actor=world.ada)
    tell(world, "one", incident_id=incident.id, item=1)
    closed = Section("Action items", (Item("Do it", owner="ada", status="wont_do", reason="no"),))
    save(Document("It went down", sections=(closed,)), incident.slug, actor=world.ada)

    assert listed(client, world)["notifications"][0]["title"] == "AI-1: wont do by now"


def test_an_incident_that_is_deleted_takes_its_notifications_along(world: World, client: FlaskClient) -> None:
    tell(world, "one", incident_id=item_of(world), item=1)
    with db.transaction():
        incidents.delete("it-went-down", actor=world.ben)

    assert listed(client, world)["notifications"] == []


def test_what_people_write_stays_text(world: World) -> None:
    tell(world, "one", incident_id=item_of(world, text='<img src=x onerror=alert(1)> "\u202etxt"'), item=1)
    page = world.browser().get("/notifications").text

    assert "<img src=x" not in page


def test_the_inbox_takes_as_many_statements_for_fifty_as_for_two(
    world: World, app: Flask, count_queries: Any
) -> None:
    incident_id = item_of(world)
    tell(world, "one", "two", incident_id=incident_id, item=1)
    browser = world.browser()
    with count_queries() as few:
        browser.get("/notifications")
    tell(world, *map(str, range(60)), incident_id=incident_id, item=1)
    with count_queries() as many:
        browser.get("/notifications")

    assert len(many) == len(few)


def test_the_number_costs_one_statement_a_page(world: World, count_queries: Any) -> None:
    browser = world.browser()
    with count_queries() as statements:
        browser.get("/settings/tokens")

    assert sum("notifications" in statement for statement in statements) == 1


def test_old_notifications_are_forgotten(world: World, clock: Clock, client: FlaskClient) -> None:
    tell(world, "one", incident_id=item_of(world), item=1)
    clock.advance(days=500)
    removed = batches.walk(operations.forget, clock.now())

    assert (removed, listed(client, world)["notifications"]) == (1, [])


def test_settings_by_api_are_those_of_the_page(world: World, client: FlaskClient) -> None:
    body = {"zone": "Asia/Tokyo", "quiet_from": "22:00", "quiet_until": "07:00", "off": ["mention:mail"]}
    path = "/api/v1/notifications/settings"
    changed = client.put(path, json=body, headers=world.headers())

    assert changed.status_code == 200
    found = client.get(path, headers=world.headers()).get_json()
    assert {name: found[name] for name in body} == body
    wrong = client.put(path, json={**body, "off": ["x:y"]}, headers=world.headers())
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "/off")
