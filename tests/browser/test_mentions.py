"""A person is mentioned by keys, finds it on Home, and follows the link to the place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser


def offers(page: Page) -> Locator:
    return page.locator("#mention-picks").get_by_role("option")


def test_a_mention_is_typed_told_and_followed(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.locator("#editor.scripted").wait_for()
    page.get_by_label("Title", exact=True).fill("Mentioned by keys")
    text = page.locator("#editor .markdown-field textarea").first
    text.press_sequentially("# Not an incident\n\nAsk @adm")
    expect(offers(page)).to_have_text(["@admin"])
    assert findings(page) == []
    text.press("ArrowDown")
    expect(text).to_have_attribute("aria-activedescendant", "mention-0")
    text.press("Enter")
    expect(text).to_have_value("# Not an incident\n\nAsk @admin ")
    text.press_sequentially("as in #accidental")
    offers(page).first.click()
    expect(text).to_have_value(re.compile(r"as in #2018-01-25-accidental-merge-to-prod $"))
    text.press_sequentially("@adm")
    expect(offers(page)).to_have_count(1)
    text.press("Escape")
    expect(page.locator("#mention-picks")).to_be_hidden()
    page.get_by_label("Shown to").fill("ada")
    expect(page.locator(".untold")).to_contain_text("admin may not see this restricted incident")
    assert findings(page) == []
    page.get_by_label("Shown to").fill("")
    expect(page.locator(".untold")).to_have_text("")
    page.locator("#savebar").get_by_role("button", name="Save draft").click()
    expect(page.locator("article a.mention").first).to_have_text("@admin")
    assert findings(page) == []

    other = open_page("admin")
    other.goto("/")
    mentioned = other.get_by_role("region", name="You were mentioned")
    expect(mentioned).to_contain_text("ada, in the text")
    assert findings(other) == []
    with other.expect_response("**/mentions/seen"):
        mentioned.get_by_role("link", name="Mentioned by keys").click()
    expect(other.locator(":target")).to_contain_text("Ask @admin")
    expect(other.get_by_text("You are mentioned here")).to_be_visible()
    assert findings(other) == []
    other.goto("/")
    expect(other.get_by_text("You were mentioned")).to_have_count(0)
