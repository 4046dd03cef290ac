"""The list of incidents as files, under its filters. Drafts stay out unless asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.test import TestResponse

from postmortems.db import session as db
from postmortems.document.model import Document
from postmortems.incidents.exports import csv_export
from postmortems.incidents.models import Incident
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save
from tests.world import World

PLACE = "/api/v1/incidents"
DRAFT = Document(title="=cmd|' /C calc'!A0", date=date(2026, 2, 20), severity="SEV1", status="draft")
OLD = replace(
    FOUNDING, title="An older one, with a comma", date=date(2017, 2, 3), services=("lab",), tags=("a",)
)


@pytest.fixture
def rows(world: World) -> World:
    save(FOUNDING, name=FOUNDING_NAME)
    save(DRAFT)
    save(OLD)
    return world


def get(client: FlaskClient, world: World, query: str = "", accept: str = "") -> TestResponse:
    headers = world.headers("cy") | ({"Accept": accept} if accept else {})
    return client.get(PLACE + query, headers=headers)


def lines(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_csv_has_what_is_published_newest_first(client: FlaskClient, rows: World) -> None:
    answer = get(client, rows, "?format=csv")
    found = lines(answer)

    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="incidents.csv"'
    assert list(found[0]) == list(csv_export.COLUMNS)
    assert [line["date"] for line in found] == ["2018-01-25", "2017-02-03"]
    first = found[0]
    assert (first["slug"], first["title"]) == ("2018-01-25-accidental-merge-to-prod", FOUNDING.title)
    assert (first["severity"], first["services"], first["open_items"]) == ("SEV2", "data8/prod", "3")
    assert first["url"] == "http://127.0.0.1:8000/incidents/2018-01-25-accidental-merge-to-prod"
    assert (found[1]["title"], found[1]["tags"]) == ("An older one, with a comma", "a")


@pytest.mark.parametrize(
    "query, days",
    [
        ("&drafts=1", ["2026-02-20", "2018-01-25", "2017-02-03"]),
        ("&status=draft", ["2026-02-20"]),
        ("&status=published&drafts=1", ["2018-01-25", "2017-02-03"]),
        ("&severity=SEV1", []),
        ("&severity=SEV1&drafts=true", ["2026-02-20"]),
        ("&service=lab", ["2017-02-03"]),
        ("&year=2018", ["2018-01-25"]),
        ("&q=older&limit=1", ["2017-02-03"]),
    ],
)
def test_the_filters_hold(client: FlaskClient, rows: World, query: str, days: list[str]) -> None:
    assert [line["date"] for line in lines(get(client, rows, f"?format=csv{query}"))] == days


def test_a_title_that_is_a_formula_is_none_in_csv(client: FlaskClient, rows: World) -> None:
    assert lines(get(client, rows, "?format=csv&status=draft"))[0]["title"] == "'=cmd|' /C calc'!A0"


def test_json_stays_the_page_it_was(client: FlaskClient, rows: World) -> None:
    body = get(client, rows, "?format=json&limit=2").json

    assert [one["occurred_on"] for one in body["incidents"]] == ["2026-02-20", "2018-01-25"]
    assert body["next"]
    assert "Content-Disposition" not in get(client, rows).headers


@pytest.mark.parametrize(
    "query, pointer",
    [
        ("?format=xls", "/format"),
        ("?format=csv&drafts=perhaps", "/drafts"),
        ("?format=csv&year=0", "/year"),
        ("?format=csv&severity=SEV9", "/severity"),
        ("?format=csv&color=red", "/color"),
    ],
)
def test_what_cannot_be_written_is_refused(
    client: FlaskClient, rows: World, query: str, pointer: str
) -> None:
    refused = get(client, rows, query)

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


def test_nobody_takes_incidents_away(client: FlaskClient, world: World) -> None:
    narrow = {"Authorization": f"Bearer {world.token('ada', 'gate:read')}"}

    assert client.get(f"{PLACE}?format=csv").status_code == 401
    assert client.get(f"{PLACE}?format=csv", headers=narrow).status_code == 403


def test_the_page_offers_files_of_what_it_shows(rows: World) -> None:
    page = rows.browser("cy").get("/incidents?service=lab&year=2017").text

    assert f'href="{PLACE}?format=csv&amp;service=lab&amp;year=2017"' in page
    assert f'href="{PLACE}?format=csv&amp;drafts=1&amp;service=lab&amp;year=2017"' in page
    assert "drafts=1" not in rows.browser("cy").get("/incidents?status=draft").text


def unzipped(answer: TestResponse) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(answer.data)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def test_a_zip_has_each_published_incident_as_its_markdown(client: FlaskClient, rows: World) -> None:
    answer = get(client, rows, "?format=zip")
    files = unzipped(answer)

    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="incidents.zip"'
    assert list(files) == [
        "2018-01-25-accidental-merge-to-prod.md",
        "2017-02-03-an-older-one-with-a-comma.md",
    ]
    for name, content in files.items():
        assert content == rows.browser("cy").get(f"/incidents/{name}").data
    assert get(client, rows, "?format=zip").data == answer.data


@pytest.mark.parametrize(
    "query, count", [("&drafts=1", 3), ("&status=draft", 1), ("&service=lab", 1), ("&q=zzz", 0)]
)
def test_a_zip_keeps_to_the_filters(client: FlaskClient, rows: World, query: str, count: int) -> None:
    assert len(unzipped(get(client, rows, f"?format=zip{query}"))) == count


def test_a_zip_of_many_is_whole_and_made_page_by_page(
    any_database: str,
    client: FlaskClient,
    rows: World,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    with db.transaction() as session:
        now = session.get_one(Incident, 1).saved_at
        values = [
            {
                "slug": f"i{n}",
                "title": f"Incident {n}",
                "occurred_on": date(2020, 1, 1),
                "status": "published",
            }
            | {"created_at": now, "saved_at": now}
            for n in range(230)
        ]
        session.execute(insert(Incident), values)

    with count_queries() as statements:
        files = unzipped(get(client, rows, "?format=zip"))

    assert len(files) == 232
    assert b"title: Incident 7\n" in files["i7.md"]
    # These have no text to go by, so each page looks at their rows as well.
    assert len([one for one in statements if "FROM incidents" in one]) == 2 * 2
    assert len(statements) < 40
    assert not db.is_open()
