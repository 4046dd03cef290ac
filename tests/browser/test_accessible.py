"""axe-core finds nothing on any page, light or dark, wide or narrow; and no page is wider than a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import serving
from tests.browser.conftest import NewPage
from tests.browser.serving import Served

pytestmark = pytest.mark.browser

AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*.min.js")).read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What it finds right, it need not describe node by node: that takes most of its time.
VIOLATIONS = """rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"]})
    .then(found => found.violations)"""
TALLEST = 25_000
SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}


def findings(page: Page) -> list[str]:
    """What axe objects to on the page that is open, one line an element."""
    # As tall as its content, so that what stays at the bottom of the window lies over nothing; but for the
    # reference of the API, which says the same for each operation and would take a minute to paint whole.
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.evaluate(AXE)  # By the debugger: the page's own policy lets no foreign script in.
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'].splitlines()[1].strip()}"
        for violation in page.evaluate(VIOLATIONS, RULES)
        for node in violation["nodes"]
    ]


@pytest.fixture(scope="module")
def addresses(served: Served, browser: Browser, signed_in: dict[str, Any]) -> dict[str, str]:
    """Every page there is, by name."""
    context = browser.new_context(base_url=served.url, storage_state=signed_in["admin"])
    found = serving.addresses(served, context.new_page())
    context.close()
    return found


@pytest.mark.parametrize("size, scheme", [("wide", "light"), ("narrow", "dark")])
def test_axe_finds_nothing_on_any_page(
    open_page: NewPage, addresses: dict[str, str], size: str, scheme: str
) -> None:
    page = open_page("admin", viewport=SIZES[size], color_scheme=scheme)
    troubles = []
    for name, path in addresses.items():
        page.set_viewport_size(SIZES[size])
        page.goto(path)
        troubles += [f"{name}: {finding}" for finding in findings(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            troubles.append(f"{name}: wider than the window")
    assert troubles == []


def test_axe_finds_nothing_where_somebody_signs_in_or_is_refused(open_page: NewPage, served: Served) -> None:
    page = open_page("ada")
    page.goto("/settings/people")
    assert findings(page) == []
    page.context.clear_cookies()
    page.goto("/sign-in")
    assert findings(page) == []


def test_the_first_stop_of_the_tab_key_skips_to_the_content(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_menu_of_a_phone_opens_without_a_script(open_page: NewPage) -> None:
    page = open_page("ada", viewport=SIZES["narrow"], java_script_enabled=False)
    page.goto("/")
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Process fixes", exact=True).click()
    assert page.url.endswith("/reports/process-fixes")
