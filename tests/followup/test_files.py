"""Action items as files: CSV of every row and a calendar of the due dates, under the list's filters."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import insert
from werkzeug.test import TestResponse

from postmortems.db import session as db
from postmortems.document.model import Category, Document, Item, Section
from postmortems.followup import csv_export
from postmortems.incidents.models import ActionItem, Incident
from postmortems.incidents.models import Section as SectionRow
from tests.conftest import Clock
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save
from tests.shown import with_demo
from tests.world import World

PLACE = "/api/v1/action-items"
ODD = Document(
    title="A; title, with\x0bmarks",
    date=date(2026, 2, 20),
    sections=(
        Section(
            "Action items",
            (
                Category("Process"),
                Item('=HYPERLINK("http://evil")', owner="@sam", due=date(2026, 3, 1)),
                Item(
                    "Tell; people, \\ soon\n\nEND:VEVENT\r\nBEGIN:VALARM", due=date(2026, 4, 5), status="done"
                ),
                Item("äöü " * 100, due=date(2026, 4, 6), status="wont_do", reason="too late"),
                Item("whenever"),
            ),
        ),
    ),
)


@pytest.fixture
def rows(clock: Clock, world: World) -> World:
    save(FOUNDING, name=FOUNDING_NAME)
    save(ODD)
    return world


def get(client: FlaskClient, world: World, query: str = "", accept: str = "") -> TestResponse:
    headers = world.headers("cy") | ({"Accept": accept} if accept else {})
    return client.get(PLACE + query, headers=headers)


def lines(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_csv_has_the_rows_of_the_list_in_its_order(client: FlaskClient, rows: World) -> None:
    answer = get(client, rows, "?format=csv")
    found = lines(answer)

    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="action-items.csv"'
    assert list(found[0]) == list(csv_export.COLUMNS)
    listed = get(client, rows).json["action_items"]
    assert [line["id"] for line in found] == [one["id"] for one in listed]
    assert (found[0]["text"], found[0]["owner"]) == ('\'=HYPERLINK("http://evil")', "'@sam")
    assert (found[0]["overdue"], found[0]["due"]) == ("yes", "2026-03-01")
    assert [line["kind"] for line in found] == ["process"] * 7
    assert found[0]["url"].endswith(f"#{found[0]['id']}")


@pytest.mark.parametrize(
    "query, refs",
    [
        ("&incident=2018-01-25-accidental-merge-to-prod", ["AI-1", "AI-2", "AI-3"]),
        ("&status=done", ["AI-5"]),
        ("&undated=1&service=-", ["AI-7"]),
        ("&due_before=2026-04-06&limit=1", ["AI-4", "AI-5"]),
        ("&q=nothing+has+this", []),
    ],
)
def test_the_filters_hold_and_the_page_does_not(
    client: FlaskClient, rows: World, query: str, refs: list[str]
) -> None:
    assert [line["id"] for line in lines(get(client, rows, f"?format=csv{query}"))] == refs


def test_a_calendar_has_a_day_for_each_due_date(client: FlaskClient, rows: World) -> None:
    answer = get(client, rows, "?format=ical")
    events = list(Calendar.from_ical(answer.data).walk("VEVENT"))

    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert [str(event["uid"]) for event in events] == [f"AI-{n}@127.0.0.1" for n in (4, 5, 6)]
    assert [event["dtstart"].dt for event in events] == [date(2026, 3, 1), date(2026, 4, 5), date(2026, 4, 6)]
    assert str(events[0]["summary"]) == 'AI-4 =HYPERLINK("http://evil")'
    assert str(events[1]["summary"]) == "AI-5 Tell; people, \\ soon END:VEVENT BEGIN:VALARM"
    assert len(str(events[2]["summary"])) <= 130
    assert "status" not in events[1]
    assert str(events[2]["status"]) == "CANCELLED"
    assert "Incident: A; title, with marks (2026-02-20)" in str(events[0]["description"])
    assert not list(Calendar.from_ical(answer.data).walk("VALARM"))


def test_a_calendar_keeps_to_the_form(client: FlaskClient, rows: World) -> None:
    data = get(client, rows, "?format=ical").data

    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert data.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\x0b" not in data
    assert data == get(client, rows, "?format=ical").data


def test_a_calendar_without_due_dates_is_still_one(client: FlaskClient, rows: World) -> None:
    data = get(client, rows, "?format=ical&undated=1").data

    assert list(Calendar.from_ical(data).walk("VEVENT")) == []


@pytest.mark.parametrize(
    "query, accept, mimetype",
    [
        ("", "text/csv", "text/csv"),
        ("", "text/calendar", "text/calendar"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("?format=json", "text/csv", "application/json"),
        ("?format=ical", "application/json", "text/calendar"),
    ],
)
def test_the_address_or_accept_says_the_form(
    client: FlaskClient, rows: World, query: str, accept: str, mimetype: str
) -> None:
    answer = get(client, rows, query, accept)

    assert (answer.status_code, answer.mimetype) == (200, mimetype)


@pytest.mark.parametrize(
    "query, pointer",
    [
        ("?format=xls", "/format"),
        ("?format=csv&status=finished", "/status"),
        ("?format=ical&due_before=soon", "/due_before"),
        ("?format=csv&color=red", "/color"),
    ],
)
def test_what_cannot_be_written_is_refused(
    client: FlaskClient, rows: World, query: str, pointer: str
) -> None:
    refused = get(client, rows, query)

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


def test_nobody_takes_items_away(client: FlaskClient, world: World) -> None:
    narrow = {"Authorization": f"Bearer {world.token('ada', 'gate:read')}"}

    assert client.get(f"{PLACE}?format=csv").status_code == 401
    assert client.get(f"{PLACE}?format=ical", headers=narrow).status_code == 403


def test_the_page_offers_files_of_what_it_shows(world: World) -> None:
    browser = with_demo(world).browser("cy")
    page = browser.get("/action-items?status=any&service=data8&overdue=1").text
    address = f"{PLACE}?format=csv&amp;service=data8&amp;overdue=1"

    assert f'href="{address}"' in page
    taken = browser.get(address.replace("&amp;", "&"))
    assert taken.status_code == 200
    for line in lines(taken):
        assert f'href="/action-items/{line["id"]}"' in page


def fill(count: int) -> None:
    day = date(2020, 1, 1)
    with db.transaction() as session:
        now = session.get_one(Incident, 1).saved_at
        section = session.query(SectionRow.id).order_by(SectionRow.id).first()
        assert section is not None
        values = [
            {"number": 100 + n, "incident_id": 1, "section_id": section[0], "position": n, "opened_at": now}
            | {"text": f"Item {n}", "due": day + timedelta(days=n // 3)}
            for n in range(count)
        ]
        session.execute(insert(ActionItem), values)


def test_a_long_list_is_taken_away_whole_and_page_by_page(
    any_database: str,
    client: FlaskClient,
    rows: World,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    fill(1000)

    with count_queries() as statements:
        found = lines(get(client, rows, "?format=csv"))

    assert len(found) == 1007
    assert len({line["id"] for line in found}) == 1007
    # For each page of 200 which rows, dated and then undated, and what they say.
    ours = [one for one in statements if "awaited_blockers" not in one]
    assert len([one for one in ours if "FROM action_items" in one]) == 13
    assert not db.is_open()


def test_no_unit_is_open_while_a_reader_waits(client: FlaskClient, rows: World) -> None:
    fill(1000)

    answer = client.get(f"{PLACE}?format=csv", headers=rows.headers("cy"), buffered=False)
    taken = answer.iter_encoded()
    next(taken)

    assert not db.is_open()
    answer.close()
