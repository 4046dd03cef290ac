"""One incident as a file: a page that needs nothing else, JSON, Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.document.json_form import convert, members
from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save
from tests.shown import FOUNDING as DEMO
from tests.shown import with_demo, words
from tests.world import World

SLUG = "2018-01-25-accidental-merge-to-prod"
PLACE = "/api/v1/incidents"
BAD = """<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:a()">x</a>"><style>*{}"""
NASTY = Document(
    title=BAD,
    date=date(2026, 2, 20),
    status="draft",
    timezone="</style>",
    services=("<b>/<i>",),
    tags=(BAD,),
    sections=(
        Section(BAD, (Prose(BAD), Prose("![x](file:///etc/passwd) ![y](http://plain.example/y.png)"))),
        Section(
            "Timeline",
            (
                Entry("2026-02-20 10:00", BAD, title=BAD, kind="trigger"),
                Entry("10:30", "<svg onload=alert(1)>", title="</title></svg>", kind="recovery"),
            ),
        ),
        Section(
            "Action items", (Category(BAD), Item(BAD, owner=BAD, done_when=BAD, tickets=("javascript:1",)))
        ),
    ),
)


class EvidenceItem(HTMLParser):
    """The tags of a page and what they point to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def page(client: FlaskClient, world: World, slug: str = SLUG) -> TestResponse:
    return client.get(f"{PLACE}/{slug}?format=html", headers=world.headers("cy"))


def test_a_page_in_one_file_reads_whole(client: FlaskClient, world: World) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    answer = page(client, world)
    said = words(answer.text)

    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{SLUG}.html"'
    for text in (FOUNDING.title, "SEV2", "data8/prod", "A chart that nobody had tried", "16:11", "Process"):
        assert text in said
    assert "Block promotion while staging is down" in said
    assert "41 min until detected" in said
    assert 'href="http://127.0.0.1:8000/action-items/AI-2"' in answer.text
    assert "draft" not in said


def test_nothing_is_loaded_and_nothing_runs(world: World) -> None:
    answer = with_demo(world).browser("cy").get(f"{PLACE}/{SLUG}?format=html")
    seen = EvidenceItem(answer.text)

    assert {"style", "svg", "circle"} <= seen.tags
    assert not seen.tags & {"script", "link", "iframe", "object", "embed", "use", "form", "base"}
    assert not [name for _, name, _ in seen.attributes if name.startswith("on") or name in {"src", "style"}]
    assert "url(" not in answer.text
    assert "@import" not in answer.text
    assert "default-src 'none'" in answer.text


def test_what_people_write_does_not_get_out_of_its_place(client: FlaskClient, world: World) -> None:
    slug = save(NASTY).slug
    answer = page(client, world, slug)
    seen = EvidenceItem(answer.text)

    assert answer.status_code == 200
    assert answer.text.count("<style>") == 1
    assert not seen.tags & {"script", "iframe", "b", "i"}
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]
    addresses = [value for _, name, value in seen.attributes if name in {"href", "src"}]
    assert not [address for address in addresses if re.match(r"\s*(javascript|file|data):", address)]


def test_an_empty_incident_has_a_page_too(client: FlaskClient, world: World) -> None:
    slug = save(Document(title="Only a title", date=date(2026, 2, 20))).slug

    assert "Nothing is written yet." in words(page(client, world, slug).text)


def test_a_drawing_keeps_inside_its_frame(client: FlaskClient, world: World) -> None:
    many = tuple(
        Entry(f"2026-02-20 {at // 60:02}:{at % 60:02}", "x", kind="note") for at in range(0, 1400, 5)
    )
    slug = save(Document(title="Long", date=date(2026, 2, 20), sections=(Section("Timeline", many),))).slug
    html = page(client, world, slug).text

    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', html)]
    assert len(places) == len(many)
    assert min(places) >= 0
    assert max(places) <= 700


def test_json_is_the_answer_of_the_api_as_a_file(client: FlaskClient, world: World) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    file = client.get(f"{PLACE}/{SLUG}?format=json", headers=world.headers("cy"))
    answer = client.get(f"{PLACE}/{SLUG}", headers=world.headers("cy"))

    assert file.json == answer.json
    assert file.headers["Content-Disposition"] == f'attachment; filename="{SLUG}.json"'
    assert "Content-Disposition" not in answer.headers
    document = {name: value for name, value in file.json.items() if name in members.DOCUMENT}
    assert convert.from_json(document).title == FOUNDING.title


def test_markdown_reads_back_as_the_document(client: FlaskClient, world: World) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    file = client.get(f"{PLACE}/{SLUG}?format=markdown", headers=world.headers("cy"))

    assert file.headers["Content-Disposition"] == f'attachment; filename="{SLUG}.md"'
    assert [item.text for item in parser.parse(file.text).items] == [item.text for item in FOUNDING.items]
    assert file.text == world.browser("cy").get(f"/incidents/{SLUG}.md").text


@pytest.mark.parametrize(
    "accept, mimetype",
    [
        ("text/html,*/*;q=0.8", "application/json"),
        ("text/markdown", "text/markdown"),
        ("", "application/json"),
    ],
)
def test_a_browser_that_looks_gets_json_as_ever(
    client: FlaskClient, world: World, accept: str, mimetype: str
) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    assert client.get(f"{PLACE}/{SLUG}", headers=world.headers() | {"Accept": accept}).mimetype == mimetype


@pytest.mark.parametrize(
    "path, status",
    [
        (f"{PLACE}/{SLUG}?format=rtf", 422),
        (f"{PLACE}/{SLUG}?color=red", 422),
        (f"{PLACE}/none?format=html", 404),
        (f"{PLACE}/..%2f..%2fetc%2fpasswd?format=html", 404),
    ],
)
def test_what_is_not_there_is_refused(client: FlaskClient, world: World, path: str, status: int) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    assert client.get(path, headers=world.headers("cy")).status_code == status


def test_nobody_takes_an_incident_away(client: FlaskClient, world: World) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    narrow = {"Authorization": f"Bearer {world.token('ada', 'gate:read')}"}

    assert client.get(f"{PLACE}/{SLUG}?format=html").status_code == 401
    assert client.get(f"{PLACE}/{SLUG}?format=html", headers=narrow).status_code == 403


def test_the_page_of_an_incident_offers_its_files(world: World) -> None:
    browser = with_demo(world).browser("cy")
    found = re.findall(rf'href="((?:/api/v1)?{DEMO}(?:\.md|\?format=\w+))"', browser.get(DEMO).text)

    assert f"{PLACE}/{SLUG}?format=html" in found
    for address in found:
        answer = browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment"), address


def test_a_page_costs_the_same_queries_for_any_length(
    client: FlaskClient, world: World, count_queries: object
) -> None:
    counts = []
    page(client, world, "none")
    for length in (2, 60):
        entries = tuple(Entry(f"12:{at:02}", f"line {at}") for at in range(length))
        items = tuple(Item(f"item {at}", due=date(2026, 1, 1) + timedelta(days=at)) for at in range(length))
        sections = (Section("Timeline", entries), Section("Action items", items))
        slug = save(replace(FOUNDING, title=f"Of {length}", sections=sections)).slug
        with count_queries() as statements:  # type: ignore[operator]
            assert page(client, world, slug).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]
