"""Feeds of what is due: made by a person, read by calendars, and gone with what they stood for."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import icalendar
import ics
import pytest
import vobject
from flask.testing import FlaskClient

from postmortems.accounts import operations as accounts
from postmortems.accounts.teams import operations as teams
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.world import World

ADDRESS = re.compile(r"(/feeds/[\w-]+)/due\.ics<")
DUE = date(2026, 12, 24)


@pytest.fixture
def feed(any_database: str, world: World, clock: Clock) -> str:
    """An address of ada, who is in the team Platform."""
    with db.transaction():
        teams.create("platform", "Platform", {"ada": False}, actor=world.ben)
    return address_of(world, "ada")


def address_of(world: World, name: str, team: str = "") -> str:
    page = world.browser(name).send("/settings/calendars", {"team": team})
    found = ADDRESS.search(page.text)
    assert found is not None
    return found[1]


def items(*items: Item, title: str = "It fell") -> None:
    parts = (Section("Action items", items),)
    save(Document(title, date=date(2026, 2, 1), services=("data8",), sections=parts))


def refs(client: FlaskClient, address: str) -> list[str]:
    read = icalendar.Calendar.from_ical(client.get(f"{address}/due.ics").data)
    return [str(event["summary"]).split()[0] for event in read.walk("VEVENT")]


def test_ones_own_open_items_and_those_of_ones_teams_are_in_it_by_date(
    feed: str, client: FlaskClient
) -> None:
    items(
        Item("Mine.", owner="@ada", due=DUE, status="open"),
        Item("My team's.", owner="Platform", due=DUE - timedelta(days=1), status="in_progress"),
        Item("Another's.", owner="@cy", due=DUE, status="open"),
        Item("Without a date.", owner="@ada", status="open"),
        Item("Done.", owner="@ada", due=DUE, status="done"),
    )
    assert refs(client, feed) == ["AI-2", "AI-1"]


def test_a_feed_is_narrowed_by_the_filters_of_the_list(feed: str, client: FlaskClient) -> None:
    items(
        Item("Now.", owner="@ada", due=DUE, status="open", priority="P0"),
        Item("Later.", owner="@ada", due=DUE, status="open", priority="P2"),
    )
    read = icalendar.Calendar.from_ical(client.get(f"{feed}/due.ics?priority=P0&owner=@cy").data)

    assert [str(event["uid"]) for event in read.walk("VEVENT")] == ["AI-1@127.0.0.1"]
    assert client.get(f"{feed}/due.ics?priority=high").status_code == 422


def test_an_address_of_a_team_has_the_teams_items_alone(feed: str, client: FlaskClient, world: World) -> None:
    items(
        Item("Of who is in no other team.", owner="@ada", due=DUE, status="open"),
        Item("Ours.", owner="@platform", due=DUE, status="open"),
        Item("Not ours.", owner="@ben", due=DUE, status="open"),
    )
    assert refs(client, address_of(world, "cy", "platform")) == ["AI-1", "AI-2"]


@pytest.mark.parametrize("query, part", [("", "vevent"), ("?as=todo", "vtodo")])
def test_two_other_libraries_read_the_calendar(feed: str, client: FlaskClient, query: str, part: str) -> None:
    items(Item("Say *it*, and; on\\two lines.", owner="@ada", due=DUE, priority="P1", status="open"))
    body = client.get(f"{feed}/due.ics{query}").text
    read = vobject.readOne(body)
    found = read.contents[part][0]
    day = found.dtstart if part == "vevent" else found.due
    assert (found.uid.value, day.value) == ("AI-1@127.0.0.1", DUE)
    assert "Say *it*, and; on\\two lines." in found.description.value
    calendar = ics.Calendar(body)
    (other,) = calendar.events if part == "vevent" else calendar.todos
    assert (other.uid, other.name) == ("AI-1@127.0.0.1", "AI-1 Say *it*, and; on\\two lines.")


def test_the_other_one_is_atom_and_does_not_tell_its_own_address(feed: str, client: FlaskClient) -> None:
    items(Item("Say <it> & more.", owner="@ada", due=DUE, status="open"))
    answer = client.get(f"{feed}/due.atom")
    tree = ElementTree.fromstring(answer.data)
    titles, links = tree.findall("{*}entry/{*}title"), tree.findall("{*}link")
    assert answer.mimetype == "application/atom+xml"
    assert [title.text for title in titles] == ["AI-1 due 2026-12-24: Say <it> & more."]
    assert feed.rsplit("/", 1)[1] not in answer.text
    # A reader that is told of another address asks there from then on.
    assert [link.get("rel") for link in links] == ["alternate"]


def test_no_title_turns_what_a_calendar_writes_behind_it(feed: str, client: FlaskClient) -> None:
    items(Item("Remove \u202egnp.exe\u2066 now.", owner="@ada", due=DUE, status="open"))

    [event] = icalendar.Calendar.from_ical(client.get(f"{feed}/due.ics").data).walk("VEVENT")
    atom = client.get(f"{feed}/due.atom").text

    assert str(event["summary"]) == "AI-1 Remove gnp.exe now."
    assert f"AI-1 due {DUE}: Remove gnp.exe now.</title>" in atom


def test_nothing_new_is_answered_without_the_calendar(feed: str, client: FlaskClient) -> None:
    first = client.get(f"{feed}/due.ics")
    again = client.get(f"{feed}/due.ics", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_restricted_incidents_are_in_no_feed_even_of_those_they_name(
    feed: str, client: FlaskClient, world: World
) -> None:
    document = Document(
        "Hush",
        date=date(2026, 2, 1),
        restricted=("ada",),
        sections=(Section("Action items", (Item("Whisper.", owner="@ada", due=DUE, status="open"),)),),
    )
    save(document, actor=world.ben)
    assert refs(client, feed) == []


def test_an_address_ends_with_its_removal(feed: str, client: FlaskClient, world: World) -> None:
    ada = world.browser("ada")
    number = re.search(r"/settings/calendars/(\d+)/remove", ada.get("/settings/calendars").text)
    assert number is not None
    assert world.browser("cy").send(number[0], {}).status_code == 404
    assert ada.send(number[0], {}).status_code == 303
    assert client.get(f"{feed}/due.ics").status_code == 404


@pytest.mark.parametrize("end", ["switched off", "password"])
def test_an_address_ends_with_what_ends_all_ways_in(
    feed: str, client: FlaskClient, world: World, end: str
) -> None:
    with db.transaction():
        if end == "password":
            accounts.set_password("", "a long way from here", actor=world.ada, is_proven=True)
        else:
            accounts.change_user("ada", role="author", is_active=False, actor=Actor.system("test"))
    assert client.get(f"{feed}/due.ics").status_code == 404


def test_an_address_ends_with_its_team(feed: str, client: FlaskClient, world: World) -> None:
    address = address_of(world, "ada", "platform")
    with db.transaction():
        teams.delete("platform", actor=world.ben)
    assert client.get(f"{address}/due.ics").status_code == 404


def test_what_is_no_address_says_where_to_make_one(any_database: str, client: FlaskClient) -> None:
    answer = client.get("/feeds/nothing/due.ics")
    assert (answer.status_code, "Settings → Calendars" in answer.text) == (404, True)


def test_a_team_that_is_none_is_refused_and_so_is_one_address_too_many(world: World) -> None:
    ada = world.browser("ada")
    assert ada.send("/settings/calendars", {"team": "nothing"}).status_code == 422
    for _ in range(20):
        assert ada.send("/settings/calendars", {"team": ""}).status_code == 200
    refused = ada.send("/settings/calendars", {"team": ""})
    assert (refused.status_code, "remove one" in refused.text) == (422, True)


def test_a_feed_asks_the_database_no_more_for_many_items(
    feed: str, client: FlaskClient, count_queries: Any
) -> None:
    counts = []
    for number in (2, 40):
        items(
            *(Item(f"Do {at}.", owner="@ada", due=DUE, status="open") for at in range(number)),
            title=f"Fall {number}",
        )
        client.get(f"{feed}/due.ics")
        with count_queries() as statements:
            client.get(f"{feed}/due.ics")
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_reading_is_noted_once_an_hour(
    feed: str, client: FlaskClient, clock: Clock, count_queries: Any
) -> None:
    def writes() -> int:
        with count_queries() as statements:
            client.get(f"{feed}/due.ics")
        return sum(statement.startswith("UPDATE feed_addresses") for statement in statements)

    assert [writes(), writes()] == [1, 0]
    clock.advance(hours=1)
    assert writes() == 1
