"""Whoever reads a restricted incident is recorded, by whichever door, and those who may see it are told."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError

from postmortems.accounts import operations as accounts
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.document.model import Item, Section
from postmortems.incidents.models import ActionItem
from postmortems.incidents.restricted import reads
from tests.conftest import Clock
from tests.incidents.attachments.test_api import Api
from tests.incidents.restricted.test_break_glass import PUBLIC, SECRET, number_of, stored
from tests.world import World

CountQueries = Callable[[], AbstractContextManager[list[str]]]
FROM = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}


@pytest.fixture
def people(world: World, clock: Clock) -> World:
    """Ada and Eve are named by what is restricted."""
    with db.transaction():
        accounts.add_user("eve", "author", actor=world.system)
        made = accounts.add_token("eve", "all", ["read", "write"], None, actor=world.system)
        world.tokens["eve"] = made[1]
    return world


def listed() -> list[tuple[str, str, str]]:
    """Of each line that named one, the same."""
    with db.reading():
        rows = db.rows(select(Event.actor, Event.way, Event.subject).where(Event.verb == reads.LISTED))
    return [(row.actor, row.way, row.subject) for row in rows]


def recorded() -> list[tuple[str, str, str]]:
    """Of each reading who, by which way, and what."""
    with db.reading():
        rows = db.rows(select(Event.actor, Event.way, Event.subject).where(Event.verb == reads.READ))
    return [(row.actor, row.way, row.subject) for row in rows]


PAGES = (
    "/incidents/{}",
    "/incidents/{}/edit",
    "/incidents/{}/history",
    "/incidents/{}.md",
    "/incidents/{}/related",
)
PROGRAMS = ("/api/v1/incidents/{}", "/api/v1/incidents/{}?format=html", "/api/v1/incidents/{}/revisions")


@pytest.mark.parametrize("path", PAGES)
def test_whoever_opens_its_pages_is_recorded(people: World, path: str) -> None:
    slug = stored(people)

    assert people.browser("eve").get(path.format(slug), **FROM).status_code == 200

    assert recorded() == [("eve", "web", slug)]
    with db.reading():
        event = db.rows(select(Event.address, Event.credential).where(Event.verb == reads.READ))[0]
    assert event.address == "192.0.2.7"
    assert event.credential.startswith("session ")


@pytest.mark.parametrize("path", PROGRAMS)
def test_whoever_asks_by_program_is_recorded(people: World, path: str) -> None:
    slug = stored(people)
    answer = people.browser("eve").get(path.format(slug), headers=people.headers("eve"))

    assert answer.status_code == 200
    assert recorded() == [("eve", "api", slug)]


WITH_ITEM = replace(SECRET, sections=(*SECRET.sections, Section("Action items", (Item("Feed it"),))))


def with_item(people: World) -> tuple[str, str]:
    """A restricted incident with an item; its slug, and the item's name."""
    slug = stored(people, WITH_ITEM)
    with db.reading():
        return slug, f"AI-{db.rows(select(ActionItem.number))[0].number}"


SINGLE_ITEMS = ("/action-items/{}", "/api/v1/action-items/{}", "/api/v1/action-items/{}/comments")


@pytest.mark.parametrize("path", SINGLE_ITEMS)
def test_whoever_opens_one_of_its_items_is_recorded(people: World, path: str) -> None:
    slug, ref = with_item(people)
    is_api = path.startswith("/api")
    headers = people.headers("eve") if is_api else {}

    assert people.browser("eve").get(path.format(ref), headers=headers).status_code == 200

    assert recorded() == [("eve", "api" if is_api else "web", slug)]


def test_whoever_comments_on_it_by_program_is_recorded(people: World) -> None:
    slug = stored(people)
    path = f"/api/v1/incidents/{slug}/comments"
    browser, headers = people.browser("eve"), people.headers("eve")

    number = browser.post(path, json={"text": "Why?"}, headers=headers).get_json()["id"]
    assert recorded() == [("eve", "api", slug)]

    with db.transaction():
        db.session().execute(delete(Event).where(Event.verb == reads.READ))
    assert browser.patch(f"{path}/{number}", json={"resolved": True}, headers=headers).status_code == 200
    assert recorded() == [("eve", "api", slug)]


SEARCHES = ("/search?q=wombat", "/api/v1/search?q=wombat", "/api/v1/search?q=feed")


@pytest.mark.parametrize("path", SEARCHES)
def test_whoever_is_shown_its_words_by_a_search_is_recorded(people: World, path: str) -> None:
    slug, _ = with_item(people)
    is_api = path.startswith("/api")
    headers = people.headers("eve") if is_api else {}

    assert "wombat" in people.browser("eve").get(path, headers=headers).text

    assert recorded() == [("eve", "api" if is_api else "web", slug)]


def test_a_search_that_does_not_find_it_is_not_recorded(people: World) -> None:
    with_item(people)
    stored(people, PUBLIC)

    people.browser("eve").get("/search?q=payroll+-feed+-wombat")
    people.browser("cy").get("/search?q=wombat")

    assert recorded() == []


def test_whoever_exports_it_among_others_is_recorded(people: World) -> None:
    slug, _ = stored(people), stored(people, PUBLIC)

    answer = people.browser("eve").get(
        "/api/v1/incidents?format=zip&drafts=1&restricted=1", headers=people.headers("eve")
    )

    assert answer.status_code == 200
    assert len(zipfile.ZipFile(io.BytesIO(answer.data)).namelist()) == 2
    assert recorded() == [("eve", "api", slug)]


def test_whoever_looks_at_its_pictures_is_recorded(app: Flask, people: World) -> None:
    ada = Api(app.test_client(), people)
    picture = ada.added()
    slug = ada.incident(picture["markdown"], restricted=["ada", "eve"])
    with db.transaction():
        db.session().execute(delete(Event).where(Event.verb == reads.READ))

    assert people.browser("eve").get(picture["url"]).status_code == 200

    assert recorded() == [("eve", "web", slug)]


LISTS = ("/incidents", "/incidents?q=payroll", "/action-items")
LISTS_OF_PROGRAMS = (
    "/api/v1/incidents",
    "/api/v1/action-items",
    "/api/v1/action-items?format=csv&restricted=1",
)


@pytest.mark.parametrize("path", LISTS + LISTS_OF_PROGRAMS)
def test_a_line_that_names_it_is_recorded_once_a_day(people: World, clock: Clock, path: str) -> None:
    slug, _ = with_item(people)
    stored(people, PUBLIC)
    is_api = path.startswith("/api")
    eve, headers = people.browser("eve"), people.headers("eve") if is_api else {}
    answer = eve.get(path, headers=headers)
    assert slug in answer.text or "Feed it" in answer.text
    people.browser("cy").get(path)

    assert listed() == [("eve", "api" if is_api else "web", slug)]
    eve.get(path, headers=headers)
    assert len(listed()) == 1
    clock.advance(hours=25)
    eve.get(path, headers=headers)
    assert len(listed()) == 2
    assert recorded() == []


def test_who_has_opened_it_that_day_is_not_recorded_for_a_line(people: World, clock: Clock) -> None:
    slug, _ = with_item(people)
    eve = people.browser("eve")
    eve.get(f"/incidents/{slug}")
    clock.advance(hours=20)

    eve.get("/incidents")

    assert (recorded(), listed()) == ([("eve", "web", slug)], [])


def test_what_everybody_may_read_is_not_recorded(people: World) -> None:
    public = stored(people, PUBLIC)
    stored(people)

    people.browser("eve").get(f"/incidents/{public}")
    people.browser("eve").get("/incidents")

    assert recorded() == []


def test_who_may_not_see_it_has_read_nothing(people: World) -> None:
    slug = stored(people)

    for name in ("ben", "cy"):
        assert people.browser(name).get(f"/incidents/{slug}").status_code == 404

    assert recorded() == []


def test_one_person_is_recorded_once_an_hour(
    any_database: str, app: Flask, people: World, clock: Clock
) -> None:
    slug = stored(people)
    eve, ada = people.browser("eve"), people.browser("ada")
    for _ in range(3):
        eve.get(f"/incidents/{slug}")
        ada.get(f"/incidents/{slug}.md")
    assert sorted(recorded()) == [("ada", "web", slug), ("eve", "web", slug)]

    clock.advance(minutes=61)
    eve.get(f"/incidents/{slug}")

    assert len(recorded()) == 3


def test_an_admin_behind_broken_glass_is_recorded_as_any_reader(people: World) -> None:
    slug = stored(people)
    admin = people.browser("ben")
    admin.send(f"/settings/restricted/{number_of(slug)}/break", {"reason": "It burns"})

    admin.get(f"/incidents/{slug}")

    assert recorded() == [("ben", "web", slug)]


def test_its_page_tells_who_opened_it_to_those_who_may_see_it(people: World) -> None:
    slug = stored(people)
    people.browser("eve").get(f"/incidents/{slug}")

    page = people.browser("ada").get(f"/incidents/{slug}").text

    assert "Opened lately by eve" in page
    assert "in a browser" in page
    assert "192.0.2." not in page


def test_what_cannot_be_recorded_is_not_shown(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    slug, browser = stored(people), people.browser("eve")
    monkeypatch.setattr(reads.audit, "record", locked)

    answer = browser.get(f"/incidents/{slug}")

    assert answer.status_code >= 500
    assert "wombat" not in answer.text


def test_where_nothing_is_restricted_it_costs_nothing(people: World, count_queries: CountQueries) -> None:
    public, browser = stored(people, PUBLIC), people.browser("eve")

    def cost() -> int:
        with count_queries() as statements:
            browser.get(f"/incidents/{public}")
        return len(statements)

    without = cost()
    stored(people)

    # Whether this one is restricted; and the condition, which costs no statement.
    assert cost() <= without + 2
