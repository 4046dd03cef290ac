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
    links = re.findall(r'<a(?: class="overdue")? href="(/action-items\?[^"]+)">([\d.]+)</a>', html)

    assert links
    for address, number in links:
        behind = browser.get(unescape(address)).text
        counted = len(re.findall(r'<tr id="row-', behind))
        is_median = address.endswith("status=open,in_progress&amp;kind=process") and "." in number
        if not is_median and int(float(number)) < 1000:
            assert counted == int(number), address


def test_it_is_to_be_had_as_markdown_csv_and_json(shown: World) -> None:
    browser = shown.browser("cy")
    html = browser.get("/reports/process-fixes?service=data8").text
    addresses = re.findall(r'href="(/api/v1/reports/process-fixes\?format=[^"]+)"', html)

    kinds = [browser.get(unescape(address)).mimetype for address in addresses]
    assert kinds == ["text/markdown", "text/csv", "application/json"]
