"""Typing on while a button's answer is under way: what is typed stays where it is typed.

Rows come and go in the browser; what the server has to read, such as pasted notes, is still awaited.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser


def hold_answers(page: Page) -> Callable[[], None]:
    """Keeps the readings of notes back until what is returned is called."""
    held: list[Route] = []
    is_open = False

    def pass_on(route: Route) -> None:
        if is_open:
            route.continue_()
        else:
            held.append(route)

    def let_go() -> None:
        nonlocal is_open
        is_open = True
        while held:
            held.pop(0).continue_()

    page.route("**/write/rows", pass_on)
    return let_go


def paste(page: Page, notes: str) -> None:
    page.goto("/incidents/new")
    page.get_by_label("A chat log or your notes").fill(notes)


def test_what_is_typed_while_notes_are_read_stays_with_the_cursor(open_page: NewPage) -> None:
    page = open_page("ada")
    paste(page, "09:00 it breaks\n10:00 it works")
    summary = page.get_by_role("textbox", name="Summary")
    summary.fill("It broke.")
    let_go = hold_answers(page)
    page.get_by_role("button", name="Make rows").click()
    summary.press("Home")
    page.keyboard.type("First ")
    let_go()
    expect(page.get_by_label("Time as written")).to_have_count(2)

    expect(summary).to_have_value("First It broke.")
    expect(summary).to_be_focused()
    page.keyboard.type("of all: ")
    expect(summary).to_have_value("First of all: It broke.")


def test_rows_of_notes_take_the_cursor_and_go_on_in_the_browser(open_page: NewPage) -> None:
    page = open_page("ada")
    paste(page, "09:00 it breaks\n10:00 it works")
    page.get_by_role("button", name="Make rows").click()

    expect(page.get_by_label("Time as written")).to_have_count(2)
    times = page.locator("#section-1 input[name$='.written']")
    expect(page.locator("#section-1 details.line > summary").first).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(times.first).to_have_value("10:00")


def test_notes_go_to_their_section_wherever_it_has_moved(open_page: NewPage) -> None:
    page = open_page("ada")
    paste(page, "09:00 it breaks")
    page.get_by_role("button", name="Move up: Timeline").click()
    page.get_by_role("button", name="Make rows").click()
    expect(page.get_by_label("Time as written")).to_have_value("09:00")

    expect(page.locator("section.editing").first).to_have_attribute("aria-label", "Timeline")
