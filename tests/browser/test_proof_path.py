"""From a new incident to a proven fix, led by the incident's own buttons."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.keys import press

pytestmark = pytest.mark.browser


def test_the_path_on_the_incident_leads_to_a_proven_fix(open_page: NewPage) -> None:
    page = open_page("admin")
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("The wrong till was changed")
    page.get_by_label("Date", exact=True).fill("2026-03-09")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Services").fill("till/prod")
    page.get_by_label("A chat log or your notes").fill("2026-03-09\n10:04 a deploy for another till begins\n")
    page.get_by_role("button", name="Make rows").click()
    expect(page.get_by_label("Time as written")).to_have_count(1)
    page.get_by_label("What will be changed").fill("Let the run say which deployment it changes.")
    press(page.locator("summary", has_text="Guards and details"))
    page.get_by_label("Proof asked").select_option("enforceable")
    page.get_by_role("button", name="Publish").click()

    path = page.locator("#proof")
    current = path.locator('[aria-current="step"]')
    expect(current).to_contain_text("till/prod is not registered")
    press(current.get_by_role("link", name="Register till/prod"))
    expect(page.get_by_label("Targets, one a line")).to_have_value("prod")
    page.get_by_role("button", name="Register").click()

    # The words of the item ask for a guard of the kind target.
    expect(current).to_contain_text("Choose a guard")
    press(current.get_by_role("button", name="Make till-target-confirmed"))

    expect(current).to_contain_text("Record the bad deploy")
    current.get_by_role("link", name="Record the bad deploy").click()
    expect(page.get_by_label("Asked at")).to_have_value("2026-03-09T10:04")
    page.get_by_label("Name", exact=True).fill("Meant for another till")
    page.get_by_label("Declared target").fill("bar/prod")
    page.get_by_role("button", name="Record and drill").last.click()

    current.get_by_role("link", name="Record a good deploy").click()
    expect(page.get_by_label("Declared target")).to_have_value("bar/prod")
    page.get_by_label("Name", exact=True).fill("Meant for this one")
    page.get_by_role("button", name="Record and drill").last.click()

    # Nothing was changed, so the guard stops it as well; the path says so, and leads to the scenario.
    expect(current).to_contain_text("till-target-confirmed would stop the good deploy, too")
    press(current.get_by_role("link", name="Correct the scenario"))
    page.get_by_label("Declared target").fill("till/prod")
    page.get_by_role("button", name="Save and drill").last.click()

    expect(current).to_contain_text("it records, and stops nothing")
    press(current.get_by_role("link", name="Raise till-target-confirmed"))
    expect(page.get_by_label("Level")).to_have_value("soft")
    page.get_by_role("button", name="Save").click()

    # One line is left of it.
    expect(path.locator("summary").first).to_contain_text("1 fix held by guards")
    expect(path.locator(".path-steps")).to_be_hidden()
    expect(page.locator("#items .item")).to_contain_text("proven")
    press(path.locator("summary").first)
    press(path.locator("summary", has_text="AI-"))
    press(path.locator("summary", has_text="Record the bad deploy"))
    expect(path.locator(".path-steps")).to_contain_text(
        "Recorded: Meant for another till. By admin, just now."
    )
