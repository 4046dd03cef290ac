"""axe-core finds nothing on any page, light or dark, wide or narrow; and no page is wider than a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import serving
from tests.browser.conftest import NewPage
from tests.browser.serving import Served

pytestmark = pytest.mark.browser

AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*.min.js")).read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What it finds right, it need not describe node by node: that takes most of its time. No page has frames, and
# no rule of ours reads style sheets that were fetched anew.
VIOLATIONS = """rules => axe.run(document, {
    runOnly: rules, resultTypes: ["violations"], preload: false, iframes: false
}).then(found => found.violations)"""
# The three-hundredth entry is as good as the eighth: of what is alike, in parents that are alike, so many
# are looked at. Cells stay, or their tables would have rows of different lengths.
MOST_ALIKE = 8
TALLEST = 25_000
ALIKE = """most => {
    const seen = new Map();
    const sort = part => `${part.tagName} ${part.className}`;
    const parts = "main :is(li, tr, section, article, details, div:not(.field))";
    for (const part of document.querySelectorAll(parts)) {
        const alike = `${sort(part.parentElement)} > ${sort(part)}`;
        seen.set(alike, (seen.get(alike) ?? 0) + 1);
        if (seen.get(alike) > most) part.remove();
    }
}"""
SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}
# As pages are looked at: every one in both, on one load of it.
LOOKS = (("wide", "light"), ("narrow", "dark"))


def findings(page: Page, rules: list[str] = RULES) -> list[str]:
    """What axe objects to on the page that is open, one line an element."""
    # As tall as its content, so that what stays at the bottom of the window lies over nothing.
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)  # By the debugger: the page's own policy lets no foreign script in.
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'].splitlines()[1].strip()}"
        for violation in page.evaluate(VIOLATIONS, rules)
        for node in violation["nodes"]
    ]


@pytest.fixture(scope="module")
def addresses(served: Served, browser: Browser, signed_in: dict[str, Any]) -> dict[str, str]:
    """Every page there is, by name."""
    context = browser.new_context(base_url=served.url, storage_state=signed_in["admin"])
    found = serving.addresses(served, context.new_page())
    context.close()
    return found


def test_axe_finds_nothing_on_any_page(open_page: NewPage, addresses: dict[str, str]) -> None:
    # A colour that is still on its way to another is neither.
    page = open_page("admin", reduced_motion="reduce")
    troubles = []
    for name, path in addresses.items():
        page.goto(path)
        for size, scheme in LOOKS:
            page.set_viewport_size(SIZES[size])
            page.emulate_media(color_scheme=scheme)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                troubles.append(f"{name}, {size}: wider than the window")
        page.evaluate(ALIKE, MOST_ALIKE)
        # Backwards: the page stands in the last look, and need not be drawn anew for it.
        for size, scheme in reversed(LOOKS):
            page.set_viewport_size(SIZES[size])
            page.emulate_media(color_scheme=scheme)
            troubles += [f"{name}, {size} {scheme}: {finding}" for finding in findings(page)]
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
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_menu_of_a_phone_opens_without_a_script(open_page: NewPage) -> None:
    page = open_page("ada", viewport=SIZES["narrow"], java_script_enabled=False)
    page.goto("/")
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Process fixes", exact=True).click()
    page.wait_for_url("**/reports/process-fixes")
