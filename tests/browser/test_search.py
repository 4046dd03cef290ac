"""The box that finds anything: by keys, by touch, and as a page without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("key", ["Control+k", "/"])
def test_a_key_opens_the_box_and_the_arrows_choose(open_page: NewPage, key: str) -> None:
    page = open_page("ada")
    page.goto("/")
    page.keyboard.press(key)
    field = page.get_by_role("combobox", name="Search incidents")
    expect(field).to_be_focused()
    field.press_sequentially("proxy")
    # All of the word was looked for, not its beginning alone.
    expect(page.get_by_role("option").last).to_have_attribute("href", "/search?q=proxy")
    first = page.get_by_role("option").first
    field.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "search-pick-1")
    address = first.get_attribute("href")
    field.press("Enter")
    page.wait_for_url(f"**{address}")


def test_enter_without_a_choice_leads_to_all_that_is_found(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search incidents").fill("proxy")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=proxy")
    expect(page.locator(".search-hits mark").first).to_be_visible()


def test_a_slash_that_is_typed_stays_a_slash(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents")
    page.get_by_label("Search all text").press_sequentially("a/b")
    expect(page.get_by_label("Search all text")).to_have_value("a/b")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_without_a_script_the_same_link_leads_to_a_page(open_page: NewPage) -> None:
    page = open_page("ada", java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/incidents")
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Words, “phrases” and operators").fill("proxy kind:incident")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".search-hits a").first).to_be_visible()
