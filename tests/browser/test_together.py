"""Two people write one postmortem at once: each sees where the other is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser


def begun(page: Page, title: str) -> str:
    """The address of a new incident with a summary and a timeline."""
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("textbox", name="Summary").fill("It broke.")
    page.get_by_role("textbox", name="Conclusion").fill("We mend it.")
    page.get_by_label("Time as written").fill("10:00")
    page.get_by_label("What happened").fill("The first page failed.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    return page.url


def looks_again(page: Page) -> None:
    """Whoever comes back to a page is told at once what others did; else they hear it within seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_each_sees_where_the_other_writes_until_they_leave(open_page: NewPage) -> None:
    ada, admin, reader = open_page("ada"), open_page("admin"), open_page("admin")
    place = begun(ada, "Seen together")
    ada.goto(f"{place}/edit")
    ada.get_by_role("textbox", name="Summary").focus()
    admin.goto(f"{place}/edit")
    admin.get_by_role("textbox", name="Conclusion").focus()
    expect(admin.locator("[data-presence]")).to_have_text("ada is editing Summary")
    expect(ada.locator("[data-presence]")).to_have_text("admin is editing Conclusion")
    ada.goto("/incidents")
    expect(admin.locator("[data-presence]")).to_be_hidden()
    reader.goto(place)

    expect(reader.locator("[data-presence]")).to_be_hidden()
    ada.goto(place)
    expect(ada.locator("[data-presence]")).to_have_text("admin is editing Conclusion")


def saves(page: Page, place: str, label: str, text: str) -> None:
    """Another save of one field."""
    page.goto(f"{place}/edit")
    page.get_by_role("textbox", name=label).fill(text)
    page.get_by_role("button", name="Save draft").click()
    expect(page).to_have_url(place)


def test_what_another_saves_appears_where_nothing_was_typed_and_the_cursor_stays(open_page: NewPage) -> None:
    ada, admin = open_page("ada"), open_page("admin")
    place = begun(ada, "Written at once")
    ada.goto(f"{place}/edit")
    conclusion = ada.get_by_role("textbox", name="Conclusion")
    conclusion.press("End")
    conclusion.press_sequentially(" Soon")
    conclusion.press("ArrowLeft")
    saves(admin, place, "Summary", "It broke, says another.")
    looks_again(ada)
    expect(ada.get_by_role("textbox", name="Summary")).to_have_value("It broke, says another.")
    expect(ada.locator(".from-others")).to_have_attribute("data-by", "changed by admin")
    expect(conclusion).to_be_focused()
    conclusion.press_sequentially("!")
    expect(conclusion).to_have_value("We mend it. Soo!n")
    expect(ada.locator("[name=version]")).to_have_value("2")
    ada.get_by_role("button", name="Save draft").click()

    expect(ada.locator(".prose")).to_contain_text(["It broke, says another.", "We mend it. Soo!n"])


def test_a_row_that_another_adds_comes_into_the_open_form(open_page: NewPage) -> None:
    ada, admin = open_page("ada"), open_page("admin")
    place = begun(ada, "Rows of both")
    ada.goto(f"{place}/edit")
    ada.get_by_role("button", name="Entry", exact=True).click()
    ada.locator("[name$='.written']").last.fill("12:00")
    admin.goto(f"{place}/edit")
    admin.get_by_role("button", name="Entry", exact=True).click()
    admin.locator("[name$='.written']").last.fill("11:00")
    admin.get_by_role("button", name="Save draft").click()
    expect(admin).to_have_url(place)
    looks_again(ada)
    expect(ada.locator("[name$='.written']")).to_have_count(3)
    ada.get_by_role("button", name="Save draft").click()

    expect(ada.locator("article")).to_contain_text("11:00")
    expect(ada.locator("article")).to_contain_text("12:00")


@pytest.mark.parametrize(
    "way, stands", [("Take theirs", "Theirs."), ("Keep mine", "Mine."), ("Both", "Theirs.\nMine.")]
)
def test_what_both_changed_is_chosen_word_by_word_and_nothing_before(
    open_page: NewPage, way: str, stands: str
) -> None:
    ada, admin = open_page("ada"), open_page("admin")
    place = begun(ada, f"Both changed it: {way}")
    ada.goto(f"{place}/edit")
    summary = ada.get_by_role("textbox", name="Summary")
    summary.fill("Mine.")
    saves(admin, place, "Summary", "Theirs.")
    looks_again(ada)
    clash = ada.locator("[data-clash]")
    expect(clash).to_contain_text("admin changed this too")
    expect(clash.locator("ins")).to_have_text(["Theirs.", "Mine."])
    expect(summary).to_have_value("Mine.")
    expect(ada.locator("[name=version]")).to_have_value("1")
    clash.get_by_role("button", name=way).click()
    expect(clash).to_have_count(0)
    expect(summary).to_have_value(stands)
    expect(ada.locator("[name=version]")).to_have_value("2")
    ada.get_by_role("button", name="Save draft").click()

    expect(ada.locator(".prose").first).to_contain_text(stands.split("\n")[-1])


def test_a_save_that_clashed_leads_to_a_choice_for_each_change(open_page: NewPage) -> None:
    ada, admin = open_page("ada", expects=("Failed to load resource: net::",)), open_page("admin")
    place = begun(ada, "Both had saved")
    ada.goto(f"{place}/edit")
    # This form hears of nobody.
    ada.route("**/presence", lambda route: route.abort())
    ada.get_by_role("textbox", name="Summary").fill("Mine.")
    ada.get_by_role("textbox", name="Conclusion").fill("Only mine.")
    saves(admin, place, "Summary", "Theirs.")
    ada.get_by_role("button", name="Save draft").click()
    expect(ada.get_by_role("heading", name="What you both changed")).to_be_visible()
    expect(ada.locator(".clash-texts ins")).to_have_text(["Theirs", "Mine"])
    ada.unroute("**/presence")
    ada.get_by_role("button", name="Edit on and choose each change").click()
    ada.locator("[data-clash]").get_by_role("button", name="Both").click()
    expect(ada.locator("[name=version]")).to_have_value("2")
    ada.get_by_role("button", name="Save draft").click()

    expect(ada.locator("article")).to_contain_text("Theirs. Mine.")
    expect(ada.locator("article")).to_contain_text("Only mine.")


def test_a_row_that_one_moved_or_removed_keeps_what_the_other_wrote(open_page: NewPage) -> None:
    ada, admin = open_page("ada"), open_page("admin")
    place = begun(ada, "Rows moved and removed")
    ada.goto(f"{place}/edit")
    for time in ("11:00", "12:00"):
        ada.get_by_role("button", name="Entry", exact=True).click()
        ada.locator("[name$='.written']").last.fill(time)
    ada.get_by_role("button", name="Save draft").click()
    expect(ada).to_have_url(place)
    ada.goto(f"{place}/edit")
    rows, others = ada.locator("[data-type=entry]"), admin.locator("[data-type=entry]")
    for row, text in ((1, "Moved meanwhile."), (2, "Removed meanwhile.")):
        rows.nth(row).locator("summary").first.click()
        rows.nth(row).get_by_label("What happened").fill(text)

    admin.goto(f"{place}/edit")
    others.nth(2).locator("summary").first.press("Delete")
    others.nth(1).locator("summary").first.press("Alt+ArrowUp")
    admin.get_by_role("button", name="Save draft").click()
    expect(admin).to_have_url(place)
    looks_again(ada)

    expect(rows.first.locator("[name$='.written']")).to_have_value("11:00")
    removed = ada.locator(".clash", has_text="admin removed this, and you changed it")
    removed.get_by_role("button", name="Keep mine").click()
    ada.get_by_role("button", name="Save draft").click()

    shown = ada.locator("article.document")
    expect(shown).to_contain_text("Removed meanwhile.")
    text = shown.inner_text()
    assert text.index("Moved meanwhile.") < text.index("The first page failed.")
    assert text.count("meanwhile.") == 2
