"""Forms in a real browser: without a script, by two people at once, and with texts that would be scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.artifacts import digest
from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser

HOSTILE = """\
<script>window.hurt = 1</script>
<img src=x onerror="window.hurt = 1">
<svg onload="window.hurt = 1"></svg>
[press](javascript:window.hurt=1)
<a href="data:text/html,<script>window.hurt=1</script>">press</a>
<iframe srcdoc="<script>parent.hurt = 1</script>"></iframe>
<details open ontoggle="window.hurt = 1"><summary>x</summary></details>
<form><button formaction="javascript:window.hurt=1">x</button></form>
"""


def written(page: Page, title: str, text: str) -> str:
    """A new incident with that summary; its address."""
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("textbox", name="Summary").fill(text)
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("heading", name=title).wait_for()
    return page.url


def test_without_a_script_rows_are_added_pasted_and_saved(open_page: NewPage) -> None:
    page = open_page("ada", java_script_enabled=False)
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("Written by plain forms")
    page.get_by_role("textbox", name="Summary").fill("Kept while rows come and go.")
    page.get_by_role("button", name="Entry", exact=True).click()
    expect(page.get_by_label("Time as written")).to_have_count(2)
    expect(page.get_by_role("textbox", name="Summary")).to_have_value("Kept while rows come and go.")

    page.get_by_text("Paste notes, get rows").click()
    page.get_by_label("A chat log or your notes").fill("10:00 it breaks\n10:30 it works again")
    page.get_by_role("button", name="Make rows").click()
    expect(page.get_by_label("Time as written")).to_have_count(2)
    page.get_by_role("button", name="Remove: Conclusion").click()
    page.get_by_role("button", name="Save draft").click()

    expect(page.get_by_role("heading", name="Written by plain forms")).to_be_visible()
    expect(page.locator(".entry")).to_have_count(2)
    expect(page.get_by_role("heading", name="Conclusion")).to_have_count(0)


WHOLE = """\
# The mail was late

**Date:** 2026-03-04

## Summary

Mail waited for an hour.

## Timeline

- 10:00 the queue grows
- 11:00 the queue is empty

## Action items

- [ ] Watch the length of the queue
"""


@pytest.mark.parametrize("has_script", [True, False])
def test_a_whole_postmortem_that_is_pasted_fills_the_form(open_page: NewPage, has_script: bool) -> None:
    page = open_page("ada", java_script_enabled=has_script)
    page.goto("/incidents/new")
    box = page.get_by_label("A chat log or your notes")
    if not box.is_visible():
        page.get_by_text("Paste notes, get rows").click()
    box.fill(WHOLE)
    page.get_by_role("button", name="Make rows").click()
    expect(page.get_by_text("This is a whole postmortem")).to_be_visible()
    page.get_by_role("button", name="Fill the form").click()

    expect(page.get_by_label("Title", exact=True)).to_have_value("The mail was late")
    expect(page.get_by_label("Date", exact=True)).to_have_value("2026-03-04")
    expect(page.get_by_label("Time as written")).to_have_count(2)
    expect(page.get_by_label("What will be changed")).to_have_value("Watch the length of the queue")


@pytest.mark.parametrize("has_script", [True, False])
def test_a_scenario_is_recorded_now_edited_and_goes_through_its_text(
    open_page: NewPage, has_script: bool
) -> None:
    page = open_page("ada", java_script_enabled=has_script)
    page.goto("/incidents/2018-01-25-accidental-merge-to-prod")
    page.get_by_role("link", name="Scenario", exact=True).click()
    expect(page.get_by_label("Deploy to")).to_have_value("data8/prod")
    page.get_by_label("Name", exact=True).fill(f"Promoted in a hurry {has_script}")
    page.get_by_label("Asked at").fill("2018-01-25T15:30")
    page.get_by_label("Artifact digest").fill(digest("51"))
    page.get_by_role("button", name="Record now").click()
    # How many guards there are depends on the files whose tests the server has seen.
    expect(page.get_by_role("status")).to_contain_text(
        re.compile(r"Recorded what \d+ guards over data8/prod")
    )
    look = page.get_by_role("group", name="What staging-online saw")
    look.get_by_label("Status").fill("down")
    look.get_by_label("Did not answer").fill("")
    look.get_by_label("Was not asked").fill("")
    page.get_by_label("Add evidence").select_option("deploy")
    page.get_by_role("button", name="Add a row").click()
    deploy = page.get_by_role("group", name="Deploy, row")
    deploy.get_by_label("On the target").fill("data8/staging")
    page.get_by_role("button", name="Record and drill").click()

    expect(page.get_by_role("alert")).to_contain_text("write a whole number")
    expect(look.get_by_label("Status")).to_have_attribute("aria-invalid", "true")
    # What is changed before the scripts are there is told at the next change.
    page.wait_for_load_state()
    look.get_by_label("Status").fill("503")
    if has_script:
        look.get_by_label("Status").blur()
        expect(page.get_by_label("The facts as text")).to_contain_text("status: 503")
    page.get_by_role("button", name="Edit as text").click()
    text = page.get_by_label("Facts, as YAML or JSON")
    expect(text).to_have_value(re.compile("status: 503"))
    text.fill(text.input_value().replace("status: 503", "status: 502"))
    page.get_by_role("button", name="As a form").click()
    expect(look.get_by_label("Status")).to_have_value("502")
    deploy.get_by_role("button", name="Remove row").click()
    expect(deploy).to_have_count(0)
    page.get_by_role("button", name="Record and drill").click()

    expect(page.get_by_role("heading", name=f"Promoted in a hurry {has_script}")).to_be_visible()
    expect(page.locator("tr", has_text="staging-online")).to_contain_text("502: expected 200")


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.get_by_role("textbox", name="Summary").fill("A summary without a title.")
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_role("alert")).to_contain_text("Give it a title")
    expect(page.get_by_label("Title", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("textbox", name="Summary")).to_have_value("A summary without a title.")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Title", exact=True)).to_be_focused()


def test_who_saves_second_sees_both_texts_and_chooses(open_page: NewPage) -> None:
    first, second = open_page("ada"), open_page("admin")
    address = written(first, "Edited by two at once", "As it was.")
    for page in (first, second):
        page.goto(f"{address}/edit")
    first.get_by_role("textbox", name="Summary").fill("What Ada says.")
    first.get_by_role("button", name="Save draft").click()
    first.get_by_role("heading", name="Edited by two at once").wait_for()

    second.get_by_role("textbox", name="Summary").fill("What the admin says.")
    second.get_by_role("button", name="Save draft").click()
    expect(second.get_by_role("heading", name="Somebody saved in between")).to_be_visible()
    expect(second.get_by_label("Their text")).to_contain_text("What Ada says.")
    expect(second.get_by_label("Your text")).to_contain_text("What the admin says.")

    second.get_by_role("button", name="Edit on with both, then save").click()
    expect(second.get_by_role("textbox", name="Summary")).to_have_value(
        "What Ada says.\nWhat the admin says."
    )
    second.get_by_role("textbox", name="Summary").fill("What both say.")
    second.get_by_role("button", name="Save draft").click()
    expect(second.locator(".prose")).to_contain_text(["What both say."])
    second.goto(f"{address}/history")
    expect(second.locator("tbody").first.locator("tr")).to_have_count(3)


def test_markdown_with_scripts_never_runs(open_page: NewPage) -> None:
    page = open_page("ada")
    address = written(page, "Hostile <script>window.hurt = 1</script>", HOSTILE)
    for path in (address, f"{address}/edit", f"{address}/history/1", "/incidents", "/"):
        page.goto(path)
        assert page.evaluate("window.hurt") is None
        for link in page.locator("a", has_text="press").all():
            assert not (link.get_attribute("href") or "").startswith(("javascript:", "data:"))
    page.goto(f"{address}/edit")
    page.get_by_role("button", name="Preview Summary").click()
    page.locator(".preview-text, .preview p").first.wait_for()
    assert page.evaluate("window.hurt") is None


def test_the_toolbar_formats_what_is_selected(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    summary = page.get_by_role("textbox", name="Summary")
    summary.fill("loud")
    summary.select_text()
    page.get_by_role("toolbar", name="Format: Summary").get_by_label("Bold").click()
    expect(summary).to_have_value("**loud**")


def test_a_viewer_of_the_filters_can_share_the_address(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents?severity=SEV2")
    rows = page.locator("#incidents tbody tr")
    shown = rows.count()
    page.goto("/incidents")
    page.get_by_label("Severity").select_option("SEV2")
    page.wait_for_url("**/incidents?severity=SEV2")
    expect(rows).to_have_count(shown)
    page.get_by_label("Search all text").fill("proxy")
    page.wait_for_url("**q=proxy**")


def test_a_request_that_fails_behind_the_page_is_told(open_page: NewPage) -> None:
    page = open_page("ada", expects=("Failed to load resource: net::ERR_FAILED", "htmx:", "Response Status"))
    page.goto("/action-items?status=any")
    page.route("**/row?edit=1", lambda route: route.abort())
    page.get_by_role("link", name="Edit AI-1", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")

    page.unroute("**/row?edit=1")
    page.locator("details.more > summary").click()
    page.evaluate("document.querySelector('[name=due_before]').type = 'text'")
    page.get_by_label("Due before").fill("tomorrow")
    page.get_by_label("Due before").blur()
    expect(page.get_by_role("alert")).to_contain_text("is no date")
    expect(page.locator("#items-list tbody tr").first).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False])
def test_a_section_removed_with_its_text_can_be_put_back(open_page: NewPage, has_script: bool) -> None:
    page = open_page("ada", java_script_enabled=has_script)
    page.goto("/incidents/new")
    page.get_by_role("textbox", name="Summary").fill("Typed\n\nand <b>removed</b>.")
    page.get_by_role("button", name="Remove: Summary").click()
    expect(page.get_by_role("textbox", name="Summary")).to_have_count(0)
    page.get_by_role("button", name="Entry", exact=True).click()
    expect(page.get_by_label("Time as written")).to_have_count(2)
    page.get_by_role("button", name="Put back: Summary").click()

    expect(page.get_by_role("textbox", name="Summary")).to_have_value("Typed\n\nand <b>removed</b>.")
    expect(page.get_by_role("button", name="Put back: Summary")).to_have_count(0)
