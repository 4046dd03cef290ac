"""Fields that offer known words: by keys, by mouse, and a word that nobody has used yet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser


def offers(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def test_words_are_picked_by_keys_one_after_the_other(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.locator("#editor.scripted").wait_for()
    services = page.get_by_label("Services")
    services.fill("")
    services.press_sequentially("dat")
    expect(offers(page).first).to_contain_text("data8")
    assert findings(page) == []
    services.press("ArrowDown")
    expect(services).to_have_attribute("aria-activedescendant", "pick-0")
    services.press("Enter")
    expect(services).to_have_value("data8")
    services.press_sequentially(", data8/pr")
    offers(page).filter(has_text="data8/prod").click()

    expect(services).to_have_value("data8, data8/prod")
    expect(services).to_be_focused()
    expect(services).to_have_attribute("aria-expanded", "false")


def test_a_new_word_is_marked_and_kept(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.locator("#editor.scripted").wait_for()
    tags = page.get_by_label("Tags")
    tags.press_sequentially("neverusedbefore")
    expect(offers(page)).to_have_text(["neverusedbefore new"])
    tags.press("Escape")
    expect(offers(page)).to_have_count(0)
    tags.press("Tab")

    expect(page.locator(".pick-new")).to_contain_text("neverusedbefore")
    expect(tags).to_have_value("neverusedbefore")
    assert findings(page) == []


def test_an_owner_is_picked_in_a_row_that_was_just_added(open_page: NewPage) -> None:
    page = open_page("ada", viewport={"width": 390, "height": 844})
    page.goto("/incidents/new")
    page.locator("#editor.scripted").wait_for()
    page.get_by_title("Add an action item", exact=True).click()
    owner = page.get_by_label("Owner").last
    owner.press_sequentially("ad")
    offers(page).filter(has_text="@ada").click()

    expect(owner).to_have_value("@ada")
    expect(page.locator(".line-owner").last).to_have_text("@ada")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
