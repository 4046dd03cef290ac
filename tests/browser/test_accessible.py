"""axe-core finds nothing on any page, light or dark, wide or narrow; and no page is wider than a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import serving
from tests.browser.conftest import NewPage
from tests.browser.serving import Served

pytestmark = pytest.mark.browser

AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*.min.js")).read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}


def findings(page: Page) -> list[str]:
    """What axe objects to on the page that is open, one line an element."""
    # As tall as its content, so that what stays at the bottom of the window lies over nothing.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.evaluate(AXE)  # By the debugger: the page's own policy lets no foreign script in.
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'].splitlines()[1].strip()}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("size, scheme", [("wide", "light"), ("narrow", "dark")])
def test_axe_finds_nothing_on_any_page(open_page: NewPage, served: Served, size: str, scheme: str) -> None:
    page = open_page("admin", viewport=SIZES[size], color_scheme=scheme)
    troubles = []
    for name, path in serving.addresses(served, page).items():
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
