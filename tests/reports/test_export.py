"""The report as Markdown and JSON, and the CSV of its rows."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.document.model import Category, Document, Item, Section
from postmortems.followup import csv_export
from postmortems.reports import definitions, export, queries
from postmortems.reports.fixes import grouped
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save
from tests.world import World

PLACE = "/api/v1/reports/process-fixes"
URL = "https://postmortems.example.org"
NASTY = Document(
    title="A | title [with](javascript:alert(1)) <b>marks</b>",
    date=date(2026, 2, 20),
    sections=(
        Section(
            "Action items",
            (
                Category("Process"),
                Item("=HYPERLINK(\"http://evil\")", owner="@sam", due=date(2026, 3, 1)),
                Item("+1 for | this\n\nand more", owner="-1"),
            ),
        ),
    ),
)  # fmt: skip


@pytest.fixture
def rows(database: str, clock: Any) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    save(NASTY)


def told(form: str) -> Any:
    with db.reading():
        now, fixes = the_clock.now(), list(queries.open_fixes())
        if form == "csv":
            return list(
                csv.DictReader(io.StringIO("".join([csv_export.HEAD, *csv_export.lines(fixes, now, URL)])))
            )
        report = queries.process_fixes(now)
        if form == "json":
            return export.to_json(report, URL)
        return export.to_markdown(report, grouped(fixes, "none", now), len(fixes), URL)


@pytest.mark.usefixtures("rows")
def test_csv_has_the_open_fixes_and_no_formulas() -> None:
    lines = told("csv")

    assert [line["id"] for line in lines] == ["AI-4", "AI-1", "AI-2", "AI-3", "AI-5"]
    assert (lines[0]["text"], lines[0]["owner"]) == ('\'=HYPERLINK("http://evil")', "'@sam")
    assert (lines[4]["text"], lines[4]["owner"]) == ("'+1 for | this\n\nand more", "'-1")
    assert (lines[0]["overdue"], lines[0]["due"], lines[1]["overdue"]) == ("yes", "2026-03-01", "no")
    assert lines[1]["age_days"] == "2958"
    assert lines[1]["url"] == f"{URL}/incidents/2018-01-25-accidental-merge-to-prod#AI-1"
    assert lines[1]["services"] == "data8/prod"


@pytest.mark.usefixtures("rows")
def test_markdown_has_figures_definitions_and_rows_that_stay_in_their_cells() -> None:
    text = told("markdown")

    assert text.startswith("# Open process fixes\n\nAs of 2026-03-02 09:00 UTC.\n")
    for name in (*definitions.FIGURES, *definitions.TABLES):
        assert definitions.definition(name) in text
    assert "| AI-5 | +1 for \\| this and more |" in text
    assert "\\[with\\](javascript" in text
    assert "<b>" not in text.replace("\\<b>", "")
    widths = {
        line.count("|") - line.count("\\|")
        for line in text.split("## The open fixes")[1].split("##")[0].splitlines()
        if line
    }
    assert widths == {10}


@pytest.mark.usefixtures("rows")
def test_markdown_lists_only_so_many_rows_and_says_so() -> None:
    with db.reading():
        report = queries.process_fixes(the_clock.now())
        rows = list(queries.open_fixes(limit=2))
        text = export.to_markdown(report, grouped(rows, "none", the_clock.now()), len(rows), URL)

    assert "\n\n3 more are not listed here; the CSV has all.\n\n" in text


@pytest.mark.usefixtures("rows")
def test_json_has_each_figure_with_its_definition_and_rows() -> None:
    body = told("json")

    figures = {figure["name"]: figure for figure in body["figures"]}
    assert list(figures) == list(definitions.FIGURES)
    assert figures["overdue"]["value"] == 1
    assert figures["overdue"]["rows"] == f"{URL}/action-items?kind=process&overdue=1"
    assert "rows" not in figures["again"]
    assert body["tables"]["by_owner"]["rows"][0] == {
        "name": "",
        "open": 3,
        "overdue": 0,
        "unowned": 3,
        "oldest_days": 2958,
        "rows": f"{URL}/action-items?status=open,in_progress&kind=process&unowned=1",
    }
    assert [one["slug"] for one in body["again"]][1] == "2018-01-25-accidental-merge-to-prod"


@pytest.mark.usefixtures("rows")
def test_json_names_the_fixes_overdue_first_page_by_page(client: FlaskClient, world: World) -> None:
    found, after = [], ""
    while True:
        query = {"limit": "2", "after": after}
        body = client.get(PLACE, query_string=query, headers=world.headers("cy")).json
        found += body["items"]
        after = body["next"]
        if not after:
            break

    assert [item["ref"] for item in found] == ["AI-4", "AI-1", "AI-2", "AI-3", "AI-5"]
    assert [item["overdue"] for item in found] == [True, False, False, False, False]
    own = found[1].pop("url").removesuffix("/action-items/AI-1")
    assert found[1].pop("incident") == {
        "slug": "2018-01-25-accidental-merge-to-prod",
        "title": FOUNDING.title,
        "url": f"{own}/incidents/2018-01-25-accidental-merge-to-prod",
    }
    assert found[1].pop("text") == "Read the deployment policy again"
    assert found[1] == {
        "ref": "AI-1",
        "services": ["data8/prod"],
        "owner": "",
        "team": "",
        "due": None,
        "overdue": False,
        "age_days": 2958,
        "status": "open",
        "protection": "unguarded",
        "guards": [],
    }


@pytest.mark.parametrize(
    "query, pointer",
    [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        ("after=x", "/after"),
        ("after=2026-13-01~1", "/after"),
        ("after=~-1", "/after"),
        ("group=colour", "/group"),
    ],
)
def test_no_page_of_the_fixes_is_refused_by_its_field(
    client: FlaskClient, world: World, query: str, pointer: str
) -> None:
    refused = client.get(f"{PLACE}?{query}", headers=world.headers("cy"))

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    "query, accept, mimetype",
    [
        ("", "", "application/json"),
        ("", "*/*", "application/json"),
        ("", "text/csv", "text/csv"),
        ("", "text/markdown", "text/markdown"),
        ("?format=markdown", "application/json", "text/markdown"),
        ("?format=csv&service=data8", "", "text/csv"),
        ("?format=json", "text/csv", "application/json"),
    ],
)
def test_the_api_answers_as_asked(
    client: FlaskClient, world: World, query: str, accept: str, mimetype: str
) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    answer = client.get(PLACE + query, headers=world.headers("cy") | ({"Accept": accept} if accept else {}))

    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert "Block promotion" in answer.text or mimetype == "application/json"


@pytest.mark.parametrize("query, pointer", [("?format=docx", "/format"), ("?nonsense=1", "/nonsense")])
def test_an_unknown_form_is_refused(client: FlaskClient, world: World, query: str, pointer: str) -> None:
    refused = client.get(PLACE + query, headers=world.headers("cy"))

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


def test_nobody_reads_the_report(client: FlaskClient, world: World) -> None:
    assert client.get(PLACE).status_code == 401
    narrow = world.token("ada", "gate:read")
    assert client.get(PLACE, headers={"Authorization": f"Bearer {narrow}"}).status_code == 403
