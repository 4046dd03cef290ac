"""Public reports by API, and what anybody may read of them."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.accounts import operations as accounts
from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.gate.enforcement import save_incident
from tests import world as worlds
from tests.apps import app_on
from tests.incidents.public_reports.written import TEXT
from tests.statements import counted


class Doors:
    """The incident's public report at both doors."""

    def __init__(self, app: Flask) -> None:
        self.app, self.world = app, worlds.build(app)
        with db.transaction():
            accounts.add_user("eve", "author", actor=self.world.system)
            self.world.tokens["eve"] = accounts.add_token(
                "eve", "all", ["read", "write", "sign"], None, actor=self.world.system
            )[1]
            document = parser.parse(TEXT.replace("[AI-1] ", ""))
            self.slug = save_incident.save(None, document, version=None, actor=self.world.system).slug

    def api(self, method: str, rest: str = "", name: str = "ada", **sent: Any) -> TestResponse:
        address = f"/api/v1/incidents/{self.slug}/public-report{rest}"
        client = self.app.test_client()
        return client.open(address, method=method, headers=self.world.headers(name), **sent)

    def put(self, **body: Any) -> TestResponse:
        sections = [
            {"heading": "What happened", "text": "ada saw db1.internal, see [x](https://wiki.corp/a)."}
        ]
        return self.api("PUT", json={"title": "Mail was late", "sections": sections} | body)

    def public(self, address: str = "/public/2026-03-04-mail-was-late", **more: Any) -> TestResponse:
        """As somebody who never signed in."""
        return FlaskClient(self.app, self.app.response_class).get(address, **more)

    def published(self, **body: Any) -> None:
        digest = self.put(**body).json["digest"]
        assert self.api("PUT", "/approval").status_code == 200
        assert self.api("POST", "/approval", "eve", json={"digest": digest}).status_code == 200
        assert self.api("POST", "/publication").status_code == 200


@pytest.fixture
def doors(any_database: str) -> Doors:
    return Doors(app_on(any_database, public_name="Example Cloud", public_hosts=("status.example.com",)))


def test_it_is_written_approved_published_and_read_by_anybody(doors: Doors) -> None:
    assert doors.api("GET").status_code == 404
    written = doors.put(summary="An hour without mail.").json
    assert (written["state"], written["publication"]) == ("draft", None)
    assert [(each["kind"], each["text"]) for each in written["removals"]] == [
        ("link", "https://wiki.corp/a"),
        ("host", "db1.internal"),
        ("name", "ada"),
    ]
    assert doors.public().status_code == 404
    assert doors.api("PUT", "/approval").json["state"] == "waiting"
    assert doors.api("POST", "/approval", json={"digest": written["digest"]}).status_code == 403
    approved = doors.api("POST", "/approval", "eve", json={"digest": written["digest"]})
    assert approved.json["state"] == "approved"
    now = doors.api("POST", "/publication").json

    assert (now["state"], now["publication"]["approved_by"]) == ("published", "eve")
    page = doors.public()
    assert page.status_code == 200
    assert "‹name›" in page.text
    assert "An hour without mail." in page.text
    assert doors.api("DELETE", "/publication").json["state"] == "withdrawn"
    assert doors.public().status_code == 404
    assert doors.api("DELETE").status_code == 204
    assert doors.api("GET").status_code == 404


def test_a_section_is_drawn_from_the_incident(doors: Doors) -> None:
    whole = doors.app.test_client().get(f"/api/v1/incidents/{doors.slug}", headers=doors.world.headers()).json
    timeline = next(each for each in whole["sections"] if each["heading"] == "Timeline")
    ids = [block["id"] for block in timeline["blocks"]]
    items = next(each for each in whole["sections"] if each["heading"] == "Action items")
    drawn = doors.put(
        sections=[
            {"part": timeline["id"], "entries": [ids[0], ids[2]]},
            {"part": items["id"], "heading": "Next"},
        ]
    ).json["sections"]

    assert [each["heading"] for each in drawn] == ["Timeline", "Next"]
    assert drawn[0]["text"] == "- **09:12** the disk of db1.internal is full\n- **10:05** mail flows again"
    # Neither who does it nor by when.
    assert drawn[1]["text"] == "- Watch the disk"


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({"title": " "}, "/title"),
        ({"title": None}, "/title"),
        ({"sections": [{"part": "nothing"}]}, "/sections/0/part"),
        ({"sections": [{}]}, "/sections/0/part"),
        ({"sections": "x"}, "/sections"),
        ({"sections": [{"text": 1}]}, "/sections/0/text"),
        ({"pictures": ["/attachments/x"]}, "/pictures/0"),
        ({"kept": [""]}, "/kept/0"),
        ({"version": -1}, "/version"),
        ({"other": 1}, "/other"),
    ],
)
def test_what_is_wrong_is_refused_by_its_place(doors: Doors, body: dict[str, Any], pointer: str) -> None:
    answer = doors.put(**body)

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    "method, rest, body",
    [
        ("PUT", "", {"title": "x", "sections": []}),
        ("DELETE", "", None),
        ("PUT", "/approval", None),
        ("POST", "/approval", {"digest": "0" * 64}),
        ("DELETE", "/approval", None),
        ("POST", "/publication", None),
        ("DELETE", "/publication", None),
    ],
)
def test_who_only_reads_changes_nothing(doors: Doors, method: str, rest: str, body: Any) -> None:
    doors.put()

    assert doors.api(method, rest, "cy", json=body).status_code == 403
    assert doors.api("GET", name="cy").json["version"] == 1


def test_the_public_pages_say_nothing_of_the_house(doors: Doors) -> None:
    doors.published(summary="Ask ada@example.com", title="Mail was late for ada")
    for address in (
        "/public/2026-03-04-mail-was-late-for",
        "/public/",
        "/public/feed.atom",
        "/public/no-such",
    ):
        answer = doors.public(address)
        said = f"{answer.text} {answer.headers}".casefold()
        for word in (
            "ada",
            "eve",
            "wiki",
            "internal",
            doors.slug,
            "ai-1",
            "csrf",
            "sign-in",
            "kim",
            'href="/incidents',
        ):
            assert word not in said, (address, word)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_the_public_pages_are_cached_and_load_only_their_own(doors: Doors) -> None:
    doors.published()
    browser = doors.world.browser("ada")
    browser.get("/")
    for address in ("/public/2026-03-04-mail-was-late", "/public/", "/public/feed.atom"):
        answer = browser.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "Set-Cookie" not in answer.headers
        again = doors.public(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, answer.data) == (304, doors.public(address).data)


def test_a_public_page_costs_two_queries(doors: Doors) -> None:
    doors.published()
    for address in ("/public/2026-03-04-mail-was-late", "/public/", "/public/feed.atom"):
        doors.public(address)
        with counted() as statements:
            assert doors.public(address).status_code == 200
        assert len([each for each in statements if each.lstrip().upper().startswith("SELECT")]) == 2, (
            statements
        )


def test_the_feed_has_it_under_an_id_that_stays(doors: Doors) -> None:
    doors.published(summary="Late <mail> & more")
    names = {"a": "http://www.w3.org/2005/Atom"}
    feed = Xml.fromstring(doors.public("/public/feed.atom").data)
    (entry,) = feed.findall("a:entry", names)

    assert entry.findtext("a:title", "", names) == "Mail was late"
    assert entry.findtext("a:id", "", names).startswith("urn:uuid:")
    assert entry.findtext("a:summary", "", names) == "Late &lt;mail&gt; &amp; more"
    assert feed.find("a:author/a:name", names).text == "Example Cloud"  # type: ignore[union-attr]


def test_without_a_name_there_is_no_public_part(any_database: str) -> None:
    doors = Doors(app_on(any_database))
    digest = doors.put().json["digest"]
    doors.api("PUT", "/approval")
    doors.api("POST", "/approval", "eve", json={"digest": digest})

    assert doors.api("POST", "/publication").status_code == 501
    assert [doors.public(each).status_code for each in ("/public/", "/public/feed.atom", "/public/x")] == [
        404
    ] * 3


def test_everything_public_fits_into_a_folder(doors: Doors) -> None:
    doors.published(summary="An hour.")
    answer = doors.world.browser("cy").get("/public-reports.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        files = {name: packed.read(name).decode() for name in packed.namelist()}

    assert set(files) == {"index.html", "feed.atom", "public.css", "2026-03-04-mail-was-late.html"}
    assert 'href="2026-03-04-mail-was-late.html"' in files["index.html"]
    for name, text in files.items():
        assert 'href="/' not in text, name
        assert "127.0.0.1" not in text, name
    assert doors.public("/public-reports.zip").status_code == 303


def test_what_restricts_it_by_any_door_takes_the_page_away(doors: Doors) -> None:
    doors.published()
    place, headers = f"/api/v1/incidents/{doors.slug}", doors.world.headers("ben")
    now = doors.app.test_client().get(place, headers=headers).json
    saved = doors.app.test_client().put(place, headers=headers, json=now | {"restricted": ["ada", "ben"]})

    assert saved.status_code == 200
    assert doors.public().status_code == 404
    assert doors.public("/public/").text.count("<section") == 0
    assert [doors.api("GET", name=name).status_code for name in ("ada", "ben", "eve")] == [403, 200, 404]
