"""Rows that moved, went or came back in the browser: what is saved then, and what going back shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.test_quick_form import fresh, line, times

pytestmark = pytest.mark.browser


def texts(page: Page) -> list[str]:
    """What stands in the entries of the timeline, in their order."""
    return [area.input_value() for area in page.locator("#section-1 [data-type=entry] textarea").all()]


def test_going_back_after_a_save_fills_no_row_with_the_text_of_another(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page, "01:00", "02:00")
    page.get_by_label("Title", exact=True).fill("Gone back to after rows moved")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Edit", exact=True).first.click()
    page.locator("#editor.scripted").wait_for()
    line(page, "01:00").click()
    text = page.locator("#section-1 details[open].line textarea")
    text.fill("Typed, then moved down.")
    text.press("Alt+ArrowDown")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Gone back to")).to_be_visible()
    page.go_back()
    page.locator("#editor.scripted").wait_for()

    entries = page.locator("#section-1 [data-type=entry] textarea")
    expect(entries.first).to_have_value("At 02:00.")
    assert texts(page) == ["At 02:00.", "Typed, then moved down."]


def test_the_key_puts_a_section_back_though_the_cursor_is_in_a_field_by_then(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page, "01:00", "02:00")
    line(page, "01:00").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Remove: Timeline").click()
    expect(page.locator("#editor > section.timeline")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#editor > section.timeline")).to_have_count(1)
    page.keyboard.press("Control+z")

    expect(page.locator("#editor > section.timeline .line-when")).to_have_text(["01:00", "02:00"])


def test_the_key_undoes_what_was_typed_since_a_row_went(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page, "01:00", "02:00")
    line(page, "01:00").focus()
    page.keyboard.press("Delete")
    title = page.get_by_label("Title", exact=True)
    title.press_sequentially("Typed")
    title.press("Control+z")

    expect(title).not_to_have_value("Typed")
    assert times(page) == ["02:00"]
