"""The report as a page: every figure has its definition, and its number is that of the rows behind it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from postmortems.reports.definitions import FIGURES, TABLES
from tests.shown import with_demo, words
from tests.world import World


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


def test_every_figure_and_table_is_defined_on_the_page(shown: World) -> None:
    text = words(shown.browser("cy").get("/reports/process-fixes").text)

    for label, definition in (*FIGURES.values(), *TABLES.values()):
        assert label in text
        assert definition in text


@pytest.mark.parametrize("service", ["", "data8", "binder", "-", "none-of-that-name"])
def test_every_number_is_that_of_the_rows_it_links_to(shown: World, service: str) -> None:
    browser = shown.browser("cy")
    html = browser.get(f"/reports/process-fixes?service={service}").text
    links = re.findall(
        r'<a(?: class="overdue")? href="(/action-items\?[^"]+)">(?:<strong[^>]*>)?([\d.]+)<', html
    )

    assert links
    for address, number in links:
        behind = browser.get(unescape(address)).text
        counted = len(re.findall("<tr><td>", behind))
        is_median = address.endswith("status=open,in_progress&amp;kind=process") and "." in number
        if not is_median and int(float(number)) < 1000:
            assert counted == int(number), address


def test_it_is_to_be_had_as_markdown_csv_json_and_pdf(shown: World) -> None:
    browser = shown.browser("cy")
    html = browser.get("/reports/process-fixes?service=data8").text
    addresses = re.findall(r'href="(/api/v1/reports/process-fixes\?format=[^"]+)"', html)

    kinds = [browser.get(unescape(address)).mimetype for address in addresses]
    assert kinds == ["text/markdown", "text/csv", "text/csv", "application/json", "application/pdf"]


def fixes(html: str) -> list[str]:
    """The fixes of the page's list, by reference and in its order."""
    table = html.split('<table class="rows cards labelled of-items fixes">')[1].split("</table>")[0]
    return re.findall(r'<tr><td><code>[^<]*</code> <a href="/action-items/([^"]+)"', table)


@pytest.mark.parametrize("group", ["none", "service", "owner", "incident", "age"])
def test_the_list_names_every_open_fix_in_the_groups_asked_for(shown: World, group: str) -> None:
    browser = shown.browser("cy")
    html = browser.get(f"/reports/process-fixes?group={group}").text
    told = browser.get("/api/v1/reports/process-fixes?limit=200").json

    assert told["items"]
    assert set(fixes(html)) == {item["ref"] for item in told["items"]}
    assert ('scope="rowgroup"' in html) == (group != "none")
    assert f'<option value="{group}" selected>' in html


def test_without_groups_the_list_has_the_order_of_the_api(shown: World) -> None:
    browser = shown.browser("cy")
    told = browser.get("/api/v1/reports/process-fixes?limit=200").json

    html = browser.get("/reports/process-fixes").text

    assert fixes(html) == [item["ref"] for item in told["items"]]
    assert html.index('id="fixes"') < html.index('id="again"')


def test_a_grouping_that_there_is_not_is_refused(shown: World) -> None:
    refused = shown.browser("cy").get("/reports/process-fixes?group=colour")

    assert refused.status_code == 422
    assert "none, service, owner, incident, age" in refused.text


def test_home_and_the_report_count_the_same_under_one_label(shown: World) -> None:
    browser = shown.browser("cy")
    value, label = r"<strong[^>]*>([^<]+)</strong>", r"<span>([^<]+)</span>"
    at_home = re.findall(f'<a href="[^"]+">{value} {label}</a>', browser.get("/").text)
    home = {said: number for number, said in at_home}
    report = dict(
        re.findall(f'<a href="[^"]+">{label} {value}</a>', browser.get("/reports/process-fixes").text)
    )

    shared = home.keys() & report.keys()
    assert shared == {"Overdue", "Unowned", "Done, not proven"}
    assert {label: home[label] for label in shared} == {label: report[label] for label in shared}
    assert home["Open process fixes"] == report["Open"]
