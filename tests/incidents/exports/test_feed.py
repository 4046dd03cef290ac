"""The Atom feed: what was published last, never a draft, for who is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree as Xml

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from postmortems.db import session as db
from postmortems.document.model import Document, Prose, Section
from postmortems.incidents.models import Incident
from tests.conftest import Clock
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save
from tests.world import World

NAMES = {"a": "http://www.w3.org/2005/Atom"}
API = "/api/v1/incidents?format=atom"
FOUNDING_URL = "http://127.0.0.1:8000/incidents/2018-01-25-accidental-merge-to-prod"
NASTY = Document(
    title="<script>alert(1)</script> & ]]> \x0b\x1b \ufffe",
    date=date(2026, 2, 20),
    status="published",
    severity="SEV1",
    tags=("a&b", "\x0c"),
    sections=(
        Section("Summary", (Prose("**Bold** <script>alert(1)</script> [x](javascript:alert(1)) \x08"),)),
        Section("TL;DR", (Prose("And shorter."),)),
    ),
)
DRAFT = replace(FOUNDING, title="Nobody may read this yet", status="draft", date=date(2026, 2, 21))


@pytest.fixture
def rows(clock: Clock, world: World) -> World:
    save(FOUNDING, name=FOUNDING_NAME)
    clock.advance(hours=1)
    save(NASTY)
    clock.advance(hours=1)
    save(DRAFT)
    return world


def entries(data: bytes) -> list[Xml.Element]:
    return Xml.fromstring(data).findall("a:entry", NAMES)


def text(element: Xml.Element, name: str) -> str:
    return element.findtext(f"a:{name}", "", NAMES)


def test_the_feed_has_what_is_published_last_published_first(rows: World) -> None:
    answer = rows.browser("cy").get("/feed.atom")
    feed = Xml.fromstring(answer.data)
    nasty, founding = entries(answer.data)

    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    assert text(feed, "id") == "http://127.0.0.1:8000/feed.atom"
    assert text(feed, "updated") == "2026-03-02T10:00:00Z"
    assert (text(founding, "id"), text(founding, "title")) == (FOUNDING_URL, FOUNDING.title)
    assert (text(founding, "published"), text(founding, "updated")) == ("2026-03-02T09:00:00Z",) * 2
    assert [one.get("term") for one in founding.findall("a:category", NAMES)] == ["SEV2", "data8/prod"]
    assert "A chart that nobody had tried" in text(founding, "summary")
    assert text(nasty, "published") == "2026-03-02T10:00:00Z"
    assert b"Nobody may read this yet" not in answer.data


def test_what_people_write_stays_text(rows: World) -> None:
    nasty = entries(rows.browser("cy").get("/feed.atom").data)[0]
    summary = nasty.find("a:summary", NAMES)

    assert text(nasty, "title") == "<script>alert(1)</script> & ]]>"
    assert summary is not None
    assert summary.get("type") == "html"
    assert "<strong>Bold</strong>" in (summary.text or "")
    assert "And shorter." in (summary.text or "")
    assert "<script" not in (summary.text or "")
    # It may be read, as in the text of a block of HTML, but no link leads there.
    assert not re.search(r"<[^>]*javascript:", summary.text or "")
    assert [one.get("term") for one in nasty.findall("a:category", NAMES)] == ["SEV1", "a&b"]


@pytest.mark.parametrize(
    "query, count",
    [
        ("service=data8", 1),
        ("severity=SEV1", 1),
        ("year=2018", 1),
        ("q=shorter", 1),
        ("status=draft", 0),
        ("", 2),
    ],
)
def test_filters_narrow_it_and_none_lets_a_draft_through(
    client: FlaskClient, rows: World, query: str, count: int
) -> None:
    assert len(entries(rows.browser("cy").get(f"/feed.atom?{query}").data)) == count
    by_token = client.get(f"{API}&drafts=1&{query}", headers=rows.headers("cy"))
    assert (by_token.mimetype, len(entries(by_token.data))) == ("application/atom+xml", count)


def test_the_feed_names_the_address_it_was_read_from(client: FlaskClient, rows: World) -> None:
    feed = Xml.fromstring(client.get(f"{API}&year=2018", headers=rows.headers("cy")).data)
    links = {link.get("rel"): link.get("href") for link in feed.findall("a:link", NAMES)}

    assert links["self"] == f"http://127.0.0.1:8000{API}&year=2018" == text(feed, "id")


def test_a_reader_that_has_it_is_told_so(rows: World) -> None:
    browser = rows.browser("cy")
    first = browser.get("/feed.atom")

    again = browser.get("/feed.atom", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_an_empty_feed_is_one_and_changes_never(world: World) -> None:
    answer = world.browser("cy").get("/feed.atom")

    assert entries(answer.data) == []
    assert text(Xml.fromstring(answer.data), "updated") == "1970-01-01T00:00:00Z"


def test_nobody_reads_the_feed(client: FlaskClient, rows: World) -> None:
    narrow = {"Authorization": f"Bearer {rows.token('ada', 'gate:read')}"}

    assert client.get("/feed.atom").headers["Location"].startswith("/sign-in")
    assert client.get(f"/feed.atom?token={rows.tokens['ada']}").status_code == 303
    assert client.get(API).status_code == 401
    assert client.get(API, headers=narrow).status_code == 403


def test_the_list_of_incidents_names_the_feed(rows: World) -> None:
    assert 'type="application/atom+xml"' in rows.browser("cy").get("/incidents").text


def test_the_feed_is_bounded_and_costs_the_same_for_any_number_beyond(
    any_database: str,
    client: FlaskClient,
    rows: World,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    counts = []
    # That a token was used is noted the first time.
    client.get(API, headers=rows.headers("cy"))
    for more in (0, 100, 1000):
        with db.transaction() as session:
            now = session.get_one(Incident, 1).saved_at
            values = [
                {
                    "slug": f"i{more}-{n}",
                    "title": f"Incident {n}",
                    "occurred_on": date(2020, 1, 1),
                    "status": "published",
                }
                | {"created_at": now, "saved_at": now, "published_at": now - timedelta(days=n)}
                for n in range(more)
            ]
            if values:
                session.execute(insert(Incident), values)
        with count_queries() as statements:
            found = entries(client.get(API, headers=rows.headers("cy")).data)
        counts.append(len(statements))

    assert len(found) == 50
    # Where there are fewer than it shows, it looks a second time for more.
    assert counts[0] >= counts[1] == counts[2]


def test_a_summary_keeps_the_links_that_stand_elsewhere(rows: World) -> None:
    save(
        Document(
            title="Linked",
            date=date(2026, 2, 22),
            status="published",
            sections=(
                Section("Summary", (Prose("See [the issue][163]."),)),
                Section("Links", (Prose("[163]: https://example.org/163"),)),
            ),
        )
    )

    found = entries(rows.browser("cy").get("/feed.atom").data)

    assert '<a href="https://example.org/163"' in text(found[0], "summary")
