"""Two people write one postmortem at once: each sees where the other is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser

SOON = 12_000


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


def test_each_sees_where_the_other_writes_until_they_leave(open_page: NewPage) -> None:
    ada, admin, reader = open_page("ada"), open_page("admin"), open_page("admin")
    place = begun(ada, "Seen together")
    ada.goto(f"{place}/edit")
    ada.get_by_role("textbox", name="Summary").focus()
    admin.goto(f"{place}/edit")
    admin.get_by_role("textbox", name="Conclusion").focus()
    expect(admin.locator("[data-presence]")).to_have_text("ada is editing Summary", timeout=SOON)
    expect(ada.locator("[data-presence]")).to_have_text("admin is editing Conclusion", timeout=SOON)
    ada.goto("/incidents")
    expect(admin.locator("[data-presence]")).to_be_hidden(timeout=SOON)
    reader.goto(place)

    expect(reader.locator("[data-presence]")).to_be_hidden()
    ada.goto(place)
    expect(ada.locator("[data-presence]")).to_have_text("admin is editing Conclusion", timeout=SOON)
