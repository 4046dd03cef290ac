"""What the three people come for, done in a real browser from the first click to the last."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from postmortems.document.markdown import parser
from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser

NOTES = """\
2026-03-04
09:12 deploy of the new chart begins
~09:20 alerts for the login page
09:31 - 09:40 rollback
users confirm that they can log in
"""


def test_an_author_pastes_notes_writes_and_publishes(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/")
    page.get_by_role("link", name="Write a postmortem").click()
    page.get_by_label("Title", exact=True).fill("The login page was down")
    page.get_by_label("Date", exact=True).fill("2026-03-04")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Services").fill("data8/prod")
    page.get_by_role("textbox", name="Summary").fill("Nobody could **log in** for half an hour.")

    page.get_by_label("A chat log or your notes").fill(NOTES)
    page.get_by_role("button", name="Make rows").click()
    expect(page.get_by_label("Time as written")).to_have_count(3)
    page.locator("details.line > summary", has_text="deploy of the new chart").click()
    expect(page.get_by_text("read as 2026-03-04 09:12")).to_be_visible()

    page.get_by_role("button", name="Preview Summary").click()
    expect(page.locator(".preview strong", has_text="log in")).to_be_visible()

    page.get_by_label("What will be changed").fill("Refuse a deploy whose login page does not answer.")
    page.get_by_label("Owner").fill("@ada")
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_role("heading", name="The login page was down")).to_be_visible()
    expect(page.locator(".page-head").get_by_text("published")).to_be_visible()
    expect(page.locator(".entry")).to_have_count(3)
    expect(page.locator(".entry", has_text="users confirm that they can log in")).to_be_visible()
    expect(page.locator(".item", has_text="Refuse a deploy")).to_contain_text("@ada")


def test_an_admin_finds_assigns_and_closes(open_page: NewPage) -> None:
    page = open_page("admin")
    page.goto("/reports/process-fixes")
    page.locator(".counts li", has_text="Unowned").get_by_role("link").click()
    row = page.locator("tr", has_text="which deployment is about to be changed")
    expect(row).to_contain_text("nobody")

    row.get_by_role("link", name="Edit AI-3").click()
    form = page.locator("#row-AI-3")
    form.get_by_label("Owner").fill("@kai")
    form.get_by_label("Due").fill("2030-01-31")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#row-AI-3")).to_contain_text("@kai")
    expect(page.locator("#row-AI-3")).to_contain_text("2030-01-31")

    page.locator("#row-AI-3").get_by_role("link", name="Edit AI-3").click()
    form = page.locator("#row-AI-3")
    form.get_by_label("Status").select_option("done")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#row-AI-3 .badge", has_text="done")).to_be_visible()
    page.reload()
    expect(page.locator("#row-AI-3")).to_have_count(0)
    page.goto("/action-items/AI-3")
    expect(page.locator(".facts").get_by_text("done")).to_be_visible()


def test_what_is_proposed_waits_is_discussed_and_is_merged(open_page: NewPage) -> None:
    page = open_page("admin")
    page.goto("/action-items/AI-24")
    page.get_by_text("Add an item that it waits for").click()
    page.locator("#blocker").fill("ai-2")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#links .badge", has_text="blocked")).to_be_visible()

    page.locator("#comments").get_by_label("Comment", exact=True).fill("The same as **AI-2**?")
    page.locator("#comments").get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment strong", has_text="AI-2")).to_be_visible()

    page.get_by_text("Merge into another item").click()
    page.locator("#merge-into").fill("ai-2")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("link", name="AI-2: Find out whether")).to_have_count(2)
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.locator("#history")).to_contain_text("won't do → proposed")


def test_what_lacks_its_proof_is_closed_only_with_a_reason(open_page: NewPage) -> None:
    page = open_page("admin")
    page.goto("/action-items?q=inode&status=any")
    page.get_by_role("link", name="Bring the repair of the inode leak forward.").click()
    page.get_by_label("Proof asked").select_option("enforceable")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Status").select_option("done")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()

    page.locator("#f-reason").fill("The node image that leaked is gone.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("closed without proof")).to_be_visible()


def test_a_team_takes_its_document_along_as_markdown(open_page: NewPage, tmp_path: Path) -> None:
    page = open_page("ada")
    page.goto("/incidents")
    page.get_by_label("Search all text").fill("lab instructors")
    expect(page.locator("#incidents tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Accidental merge to prod").click()
    expect(page.get_by_role("heading", name="Accidental merge to prod").first).to_be_visible()
    page.get_by_text("Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Markdown", exact=True).click()

    assert download.value.suggested_filename == "2018-01-25-accidental-merge-to-prod.md"
    download.value.save_as(tmp_path / "report.md")
    document = parser.parse((tmp_path / "report.md").read_text())
    assert document.title == "Accidental merge to prod brings things down"
    assert [item.id for item in document.items] == ["AI-1", "AI-2", "AI-3"]
    assert [entry.kind for entry in document.entries] == ["change", "trigger", "detection", "recovery"]


def test_the_replay_is_stopped_and_says_why(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/2018-01-25-accidental-merge-to-prod")
    page.get_by_role("button", name="Drill now").click()
    panel = page.locator("#would-stop")
    expect(panel).to_contain_text("Yes.")
    expect(panel.locator(".replay", has_text="Promoted in lab hours")).to_contain_text("block")

    page.goto("/gate")
    # The oldest is the demo's: others may have asked since.
    page.get_by_role("link", name="block on data8/prod, explained").last.click()
    for guard in ("No deploys to production in lab hours", "names the deployment", "opened this very build"):
        card = page.locator(".guard-answer", has_text=guard)
        expect(card).to_contain_text("fail")
        expect(card).to_contain_text(re.compile("Because.*Accidental merge to prod.*AI-"))


def test_a_service_named_in_a_form_exists_until_an_admin_registers_it(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("The till took no cards")
    page.get_by_label("Date", exact=True).fill("2026-03-05")
    page.get_by_label("Services").fill("Kasse Süd/prod")
    page.get_by_role("button", name="Publish").click()

    page.locator(".page-head .chip", has_text="Kasse Süd/prod").click()
    expect(page.get_by_role("heading", name="Kasse Süd")).to_contain_text("unconfirmed")
    expect(page.get_by_text("An admin registers it here")).to_be_visible()

    page.goto("/incidents")
    page.get_by_label("Service").select_option(label="Kasse Süd (unconfirmed)")
    expect(page.locator("#incidents tbody tr")).to_have_count(1)
    page.get_by_role("link", name="The till took no cards").click()

    page.get_by_role("link", name="Scenario").click()
    page.get_by_label("Name", exact=True).fill("As it was sold")
    page.get_by_label("Asked at").fill("2026-03-05T10:00")
    expect(page.get_by_label("Deploy to")).to_have_value("Kasse Süd/prod")
    page.get_by_role("button", name="Record and drill").click()
    expect(page.get_by_text("No guard covers Kasse Süd/prod, so nothing would stop it.")).to_be_visible()

    admin = open_page("admin")
    admin.goto("/services")
    admin.locator("tr", has_text="Kasse Süd").get_by_role("link", name="Register it").click()
    expect(admin.get_by_label("Targets, one a line")).to_have_value("prod")
    admin.get_by_role("button", name="Register").click()
    expect(admin.get_by_text("Kasse Süd is registered.")).to_be_visible()
    expect(admin.get_by_role("heading", name="Kasse Süd")).not_to_contain_text("unconfirmed")
    expect(admin.get_by_role("heading", name="prod", exact=True)).to_be_visible()


def test_a_refused_done_is_chosen_and_saved_by_one_press_in_the_form(open_page: NewPage) -> None:
    page = open_page("ada", ("Failed to load resource",), viewport={"width": 390, "height": 844})
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("The queue stood still")
    page.get_by_role("textbox", name="Summary").fill("Nothing moved.")
    page.get_by_label("What will be changed").fill("Have somebody look every morning.")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("#editor.scripted").wait_for()

    page.get_by_text("Have somebody look every morning.").first.click()
    page.get_by_label("Status").select_option("done")
    page.get_by_role("button", name="Save draft").click()
    refused = page.locator(".item-block", has_text="nobody has chosen which proof it asks for")
    told, way = refused.locator(".error").first, refused.get_by_role("button", name="People confirm it")
    expect(told).to_be_visible()
    assert (told.bounding_box() or {})["width"] > 250
    expect(page.locator(".flash.kept")).to_have_count(0)

    way.click()
    expect(page.locator(".item .badge", has_text="done")).to_be_visible()
    expect(page.locator(".flash", has_text="was not saved")).to_have_count(0)
