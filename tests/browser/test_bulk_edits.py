"""Many items edited from their list: ticked by mouse, shift and keys, previewed, applied and undone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage


def boxes(page: Page) -> list[bool]:
    return page.locator('.of-items input[form="bulk"]').evaluate_all("all => all.map((box) => box.checked)")


def test_rows_are_ticked_by_keys_and_by_a_range(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/action-items?status=any")
    first = page.locator('.of-items input[form="bulk"]').first
    expect(first).to_be_visible()

    page.keyboard.press("j")
    expect(first).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".bulk-count")).to_have_text("· 1 ticked")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator(".bulk-count")).to_have_text("· 3 ticked")
    assert boxes(page)[:4] == [True, True, True, False]

    page.locator('.of-items input[form="bulk"]').nth(4).click(modifiers=["Shift"])
    expect(page.locator(".bulk-count")).to_have_text("· 5 ticked")
    page.get_by_label("Reason").fill("jkx")
    expect(page.get_by_label("Reason")).to_have_value("jkx")
    expect(page.locator(".bulk-count")).to_have_text("· 5 ticked")


def test_one_press_ticks_all_rows_of_the_page_and_shows_when_some_are_not(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/action-items?status=any")
    all_rows = page.get_by_label("All rows shown")
    all_rows.check()
    assert boxes(page) == [True] * len(boxes(page))
    expect(page.locator(".bulk-count")).to_have_text(f"· {len(boxes(page))} ticked")

    page.locator('.of-items input[form="bulk"]').first.click()
    expect(all_rows).to_have_js_property("indeterminate", True)
    all_rows.check()
    all_rows.uncheck()
    expect(page.locator(".bulk-count")).to_have_text("")
    assert True not in boxes(page)


def test_ticked_items_are_dated_anew_and_back_in_six_presses(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/action-items?status=any")
    page.locator('.of-items input[form="bulk"]').nth(0).click()
    page.locator('.of-items input[form="bulk"]').nth(2).click(modifiers=["Shift"])
    expect(page.locator(".bulk-count")).to_have_text("· 3 ticked")
    page.locator("#b-due").fill("2031-05-06")
    page.get_by_role("button", name="Preview ticked items").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    page.get_by_role("button", name="Change 3 items").click()
    expect(page.get_by_text("3 items changed.")).to_be_visible()
    expect(page.locator(".of-items td", has_text="2031-05-06")).to_have_count(3)

    page.get_by_role("link", name="Look at it or undo it").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 items given back.")).to_be_visible()
    page.goto("/action-items?status=any")
    expect(page.locator(".of-items")).to_be_visible()
    expect(page.locator(".of-items td", has_text=re.compile("2031-05-06"))).to_have_count(0)


def test_an_edit_in_place_leaves_the_focus_in_its_row_and_a_heading_sorts(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/action-items?status=any")
    row = page.locator(".of-items tbody tr").nth(3)
    ref = row.locator("code").inner_text().split()[0]
    row.get_by_role("link", name="Edit").press("Enter")
    owner = page.locator(f"#{ref}-owner")
    expect(owner).to_be_focused()
    page.locator(f"#{ref}-priority").select_option("P1")
    owner.fill("@kim")
    owner.press("Enter")

    edit = page.locator(f"#row-{ref}").get_by_role("link", name="Edit")
    expect(edit).to_be_focused()
    expect(page.locator(f"#row-{ref}")).to_contain_text("P1")
    edit.press("Enter")
    expect(owner).to_have_value("@kim")
    page.get_by_role("link", name="Cancel").press("Enter")
    expect(edit).to_be_focused()

    page.get_by_role("columnheader", name="Age").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Age")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("columnheader", name="Age").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Age")).to_have_attribute("aria-sort", "descending")


def test_escape_closes_a_row_that_is_edited_in_place_and_changes_nothing(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/action-items?status=any")
    row = page.locator(".of-items tbody tr").nth(2)
    before = row.inner_text()
    ref = row.locator("code").inner_text().split()[0]
    edit = page.locator(f"#row-{ref}").get_by_role("link", name="Edit")
    for field in ("owner", "priority", "reason"):
        edit.press("Enter")
        page.locator(f"#{ref}-owner").fill("@nobody-at-all")
        page.locator(f"#{ref}-{field}").press("Escape")
        expect(edit).to_be_focused()
        expect(page.locator(".row-form")).to_have_count(0)
    assert row.inner_text() == before

    # An open menu is closed first, and the row by the next press.
    edit.press("Enter")
    page.locator(".filters .more > summary").click()
    page.locator(f"#{ref}-owner").focus()
    page.keyboard.press("Escape")
    expect(page.locator("details.menu[open]")).to_have_count(0)
    expect(page.locator(f"#{ref}-owner")).to_be_visible()


@pytest.mark.parametrize(
    "query", ["?status=any", "?status=any&select=1"], ids=["by the script", "without one"]
)
def test_keys_come_to_the_box_of_a_row_before_its_links(open_page: NewPage, query: str) -> None:
    page = open_page("ada")
    page.goto(f"/action-items{query}")
    rows = page.locator(".of-items tbody tr")
    expect(rows.nth(1).get_by_role("link", name="Edit")).to_be_visible()
    rows.nth(0).get_by_role("link", name="Edit").focus()

    page.keyboard.press("Tab")
    expect(rows.nth(1).get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("Space")
    expect(rows.nth(1).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Tab")
    expect(rows.nth(1).get_by_role("link").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(rows.nth(0).get_by_role("link", name="Edit")).to_be_focused()


def test_on_a_laptop_no_day_that_has_passed_is_cut_off(open_page: NewPage) -> None:
    page = open_page("ada", viewport={"width": 1280, "height": 800})
    page.goto("/action-items?overdue=1")
    days = page.locator(".of-items tbody tr:not(.row-form) > td:nth-child(3)")
    expect(days.first).to_contain_text("overdue")

    cut = "all => all.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.innerText)"
    assert days.evaluate_all(cut) == []
