"""Typing on while a button's answer is under way: what is typed stays where it is typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser


def hold_answers(page: Page) -> Callable[[], None]:
    """Keeps answers to the form's buttons back until what is returned is called."""
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

    page.route("**/incidents/new", pass_on)
    return let_go


def test_what_is_typed_while_a_row_is_added_stays_with_the_cursor(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    summary = page.get_by_role("textbox", name="Summary")
    summary.fill("It broke.")
    let_go = hold_answers(page)
    page.get_by_role("button", name="Entry", exact=True).click()
    summary.press("Home")
    page.keyboard.type("First ")
    let_go()
    expect(page.get_by_label("Time as written")).to_have_count(2)
    page.locator("#editor:not(.htmx-settling):not(.htmx-added)").wait_for()

    expect(summary).to_have_value("First It broke.")
    expect(summary).to_be_focused()
    page.keyboard.type("of all: ")
    expect(summary).to_have_value("First of all: It broke.")


def test_a_new_row_takes_the_cursor_when_nobody_writes_elsewhere(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.get_by_role("button", name="Entry", exact=True).click()

    expect(page.get_by_label("Time as written")).to_have_count(2)
    expect(page.locator("[autofocus]")).to_be_focused()


def test_what_is_typed_while_a_section_is_removed_stays_in_its_own(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.get_by_role("textbox", name="Summary").fill("Goes.")
    page.get_by_role("button", name="Entry", exact=True).click()
    expect(page.get_by_label("Time as written")).to_have_count(2)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    let_go = hold_answers(page)
    page.get_by_role("button", name="Remove: Summary").click()
    conclusion = page.get_by_role("textbox", name="Conclusion")
    conclusion.fill("Stays.")
    let_go()
    expect(page.get_by_role("textbox", name="Summary")).to_have_count(0)

    expect(conclusion).to_have_value("Stays.")
    expect(conclusion).to_be_focused()
    assert len(asked) == 1


def test_each_press_adds_its_row_however_slow_the_answers_are(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    let_go = hold_answers(page)
    for name in ("Entry", "Entry", "Category", "Entry"):
        page.get_by_role("button", name=name, exact=True).click()
    let_go()

    expect(page.get_by_label("Time as written")).to_have_count(4)
    expect(page.get_by_label("Category", exact=True)).to_have_count(2)


def test_a_press_that_would_mean_another_row_by_then_is_passed_over(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.on("dialog", lambda dialog: dialog.accept())
    let_go = hold_answers(page)
    page.get_by_role("button", name="Remove: Summary").click()
    page.get_by_role("button", name="Remove: Timeline").click()
    let_go()
    expect(page.get_by_role("textbox", name="Summary")).to_have_count(0)
    page.locator("#editor:not(.htmx-settling):not(.htmx-added)").wait_for()

    expect(page.get_by_label("Time as written")).to_have_count(1)


def test_the_keyboard_goes_on_from_the_row_that_moved_or_came_back(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    for place in range(3):
        if place:
            page.get_by_role("button", name="Entry", exact=True).click()
        expect(page.get_by_label("Time as written")).to_have_count(place + 1)
        page.get_by_label("Time as written").nth(place).fill(f"0{place}:00")

    for value, then in (
        ("down-block-1-0", "down-block-1-1"),
        ("down-block-1-1", "up-block-1-2"),
        ("remove-block-1-2", "remove-block-1-1"),
    ):
        page.locator(f"button[value={value}]").press("Enter")
        expect(page.locator(f"button[value={then}]")).to_be_focused()
    page.get_by_role("button", name="Put back: 00:00").press("Enter")

    expect(page.get_by_label("Time as written").last).to_be_focused()
    expect(page.get_by_label("Time as written").last).to_have_value("00:00")
