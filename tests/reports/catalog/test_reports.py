"""Every report of the catalog: page and files say the same, and numbers are those of their rows."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any

import pytest

from postmortems.reports.catalog import shelf
from tests.shown import with_demo, words
from tests.world import World

NAMES = list(shelf.REPORTS)
# Filters that every report honours; the demo is of 2018.
ADDRESSES = (
    "",
    "from=2018-01-01&to=2018-12-31",
    "service=data8&from=2018-01-01&to=2018-12-31",
    "service=-&from=2018-01-01",
    "severity=SEV1&from=2018-01-01&to=2019-01-01",
    "team=nobody-of-that-name",
)


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


def asked(world: World, name: str, query: str = "") -> Any:
    return world.browser("cy").get(f"/api/v1/reports/{name}?{query}")


@pytest.mark.parametrize("name", NAMES)
def test_the_list_of_reports_leads_to_each(shown: World, name: str) -> None:
    html = shown.browser("cy").get("/reports").text

    assert f'href="/reports/{name}"' in html
    assert shown.browser("cy").get(f"/reports/{name}").status_code == 200


@pytest.mark.parametrize("query", ADDRESSES)
@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_what_json_says_with_every_definition(shown: World, name: str, query: str) -> None:
    told = asked(shown, name, query).json
    text = words(shown.browser("cy").get(f"/reports/{name}?{query}").text)

    for said in (told, *told["figures"]):
        assert said["definition"] in text
    for column in told["columns"] if told["rows"] else []:
        assert column["label"] in text
    for note in told["notes"]:
        assert note in text


@pytest.mark.parametrize("query", ADDRESSES)
@pytest.mark.parametrize("name", NAMES)
def test_csv_and_markdown_have_the_rows_of_json(shown: World, name: str, query: str) -> None:
    told = asked(shown, name, query).json
    table = list(csv.reader(io.StringIO(asked(shown, name, f"format=csv&{query}").text)))
    markdown = asked(shown, name, f"format=markdown&{query}").text

    names = [column["name"] for column in told["columns"]]
    wanted = [["" if row[key] is None else str(row[key]) for key in names] for row in told["rows"]]
    assert table == [[column["label"] for column in told["columns"]], *wanted]
    assert told["definition"] in markdown
    lines = [line for line in markdown.split("\n") if line.startswith("| ")]
    figures = len(told["figures"]) + 2 if told["figures"] else 0
    assert len(lines) == figures + (len(wanted) + 2 if wanted else 0)


@pytest.mark.parametrize("query", ADDRESSES)
@pytest.mark.parametrize("name", NAMES)
def test_every_count_is_that_of_the_rows_it_links_to(shown: World, name: str, query: str) -> None:
    browser = shown.browser("cy")
    html = browser.get(f"/reports/{name}?{query}").text
    table = html.partition('<table class="rows')[2].partition("</table>")[0]
    for address, number in re.findall(r'<td class="number"[^>]*><a href="([^"]+)">([\d,]+)</a>', table):
        behind = browser.get(unescape(address)).text
        assert len(re.findall(r"<tr[^>]*><td>", behind)) == int(number.replace(",", "")), address


@pytest.mark.parametrize("name", NAMES)
def test_accept_chooses_the_form(shown: World, name: str) -> None:
    browser = shown.browser("cy")
    kinds = [
        browser.get(f"/api/v1/reports/{name}", headers={"Accept": kind}).mimetype
        for kind in ("*/*", "text/csv", "text/markdown", "application/json")
    ]
    assert kinds == ["application/json", "text/csv", "text/markdown", "application/json"]


WRONG = {
    "severity=BAD": ("/severity", "must be one of SEV1"),
    "from=yesterday": ("/from", "is no date; write it as 2018-01-25"),
    "to=2018-02-30": ("/to", "is no date"),
    "from=9999-12-31": ("/from", "must lie between"),
    "to=0001-01-01": ("/to", "must lie between"),
    "from=2018-02-01&to=2018-01-31": ("/to", "must not be before 2018-02-01"),
    "service=" + "x" * 402: ("/service", "must not be longer"),
    "team=" + "x" * 402: ("/team", "must not be longer"),
    "format=docx": ("/format", "Must be one of"),
    "colour=red": ("/colour", "Unknown field"),
}


@pytest.mark.parametrize("query, wanted", WRONG.items())
def test_a_wrong_filter_is_refused_by_name(shown: World, query: str, wanted: tuple[str, str]) -> None:
    refused = asked(shown, "flow", query)

    assert refused.status_code == 422
    [problem] = refused.json["errors"]
    assert problem["pointer"].endswith(wanted[0])
    assert wanted[1] in problem["detail"]


def test_a_report_that_there_is_not_is_not_found(shown: World) -> None:
    assert asked(shown, "weather").status_code == 404
    assert shown.browser("cy").get("/reports/weather").status_code == 404


def test_flow_takes_ten_years_at_most(shown: World) -> None:
    assert asked(shown, "flow", "from=2018-01-01&to=2027-12-31").status_code == 200
    assert asked(shown, "flow", "from=2018-01-01&to=2028-01-01").status_code == 422
