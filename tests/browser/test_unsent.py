"""Saving when the session has ended or the server is away: what was typed is there, and then saved."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import serving
from tests.browser.conftest import NewPage
from tests.browser.serving import Served

pytestmark = pytest.mark.browser

PASSWORD = "a long enough word for grace"


@pytest.fixture(scope="module")
def grace(served: Served) -> str:
    """An account with a password."""
    served.command("users", "add", "grace", "--role", "author", "--password-stdin", sent=f"{PASSWORD}\n")
    return "grace"


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("has_script", [True, False])
def test_who_saves_after_the_session_ended_signs_in_and_it_is_saved(
    open_page: NewPage, grace: str, has_script: bool
) -> None:
    page = open_page("ada", java_script_enabled=has_script)
    page.context.clear_cookies()
    page.goto("/sign-in")
    sign_in(page, grace)
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill(f"Written before the session ended {has_script}")
    page.get_by_role("textbox", name="Summary").fill("Typed for an hour.\n\n<b>&amp; more")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("status")).to_contain_text("The session has ended")
    sign_in(page, grace)
    if not has_script:
        page.get_by_role("button", name="Send it again").click()

    expect(page.get_by_role("heading", name=f"Written before the session ended {has_script}")).to_be_visible()
    expect(page.locator(".prose")).to_contain_text(["Typed for an hour."])


def test_while_the_server_is_away_the_button_says_so_and_the_text_stays(open_page: NewPage) -> None:
    page = open_page("ada", expects=("Failed to load resource: net::ERR_FAILED",))
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("Written while it was away")

    def fail(route: Route) -> None:
        route.abort()

    page.route("**/livez", fail)
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("button", name="Server away: try again")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("still here")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Written while it was away")

    page.unroute("**/livez")
    page.get_by_role("button", name="Server away: try again").click()
    expect(page.get_by_role("heading", name="Written while it was away")).to_be_visible()


def writes(page: Page, title: str) -> None:
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("textbox", name="Summary").fill("Typed for an hour.")


def test_what_a_page_of_the_server_itself_refuses_is_offered_to_who_goes_back(open_page: NewPage) -> None:
    page = open_page("ada", expects=("Failed to load resource: the server responded with a status of 503",))
    writes(page, "Refused as there was much to do")

    def refuse(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
            return
        busy = "<!doctype html><title>Busy</title><p>503: ask again in a moment.</p>"
        route.fulfill(status=503, content_type="text/html", headers={"Cache-Control": "no-store"}, body=busy)

    page.route("**/incidents/new", refuse)
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("ask again in a moment")).to_be_visible()
    page.unroute("**/incidents/new")
    page.go_back()
    expect(page.get_by_role("textbox", name="Summary")).to_have_value("Typed for an hour.")
    page.get_by_role("button", name="Save draft").click()

    expect(page.get_by_role("heading", name="Refused as there was much to do")).to_be_visible()
    page.goto("/incidents/new")
    expect(page.get_by_label("Title", exact=True)).to_have_value("")
    expect(page.locator(".draft-offer", has_text="Refused as there was much to do")).to_have_count(0)


def test_what_is_refused_again_and_again_is_told_once(open_page: NewPage) -> None:
    page = open_page("ada", expects=("Failed to load resource: the server responded with a status of 503",))
    busy = "<!doctype html><title>Busy</title><p>503: ask again in a moment.</p>"

    def refuse(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            route.fulfill(status=503, content_type="text/html", body=busy)

    page.route("**/action-items/**", refuse)
    for words in ("Refused.", "Refused.", "Refused, and written on.", "Refused, and written on."):
        page.goto("/action-items/AI-2")
        page.get_by_label("Done when").fill(words)
        page.locator("#change").get_by_role("button", name="Save").click()
        expect(page.get_by_text("ask again in a moment")).to_be_visible()
    page.unroute("**/action-items/**")

    page.goto("/guards")
    expect(page.locator(".kept")).to_have_count(1)
    page.get_by_role("link", name="Go there").click()
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Done when")).to_have_value("Refused, and written on.")
    page.locator("#change").get_by_role("button", name="Save").click()

    # What was typed before it, and not put back, is not lost.
    expect(page.locator(".kept")).to_have_count(1)
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Done when")).to_have_value("Refused.")


def test_what_was_left_unsaved_is_offered_on_every_page_until_thrown_away(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/action-items/AI-2")
    page.get_by_label("Done when").fill("Left for something else.")
    page.goto("/guards")
    expect(page.locator(".kept")).to_contain_text("was not saved")
    page.get_by_role("link", name="Go there").click()
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator(".kept")).to_have_count(0)
    page.goto("/guards")

    expect(page.locator(".kept")).to_have_count(0)


def test_what_was_left_of_an_item_comes_back_into_its_own_form(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/action-items/AI-2")
    page.get_by_label("Done when").fill("A deploy of it is refused.")
    page.goto("/action-items/AI-3")
    expect(page.get_by_label("Done when")).not_to_have_value("A deploy of it is refused.")
    page.get_by_role("link", name="Go there").click()
    page.get_by_role("button", name="Put it back").click()

    expect(page.get_by_label("Done when")).to_have_value("A deploy of it is refused.")


def test_what_a_refusing_page_held_leads_back_to_where_it_was_typed(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/action-items/AI-2")
    page.get_by_label("Done when").fill("Nobody can skip it.")
    page.locator("#change input[name=csrf_token]").evaluate("(field) => { field.value = 'of before'; }")
    page.locator("#change").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="What you wrote is still here")).to_be_visible()
    page.goto("/guards")

    expect(page.locator(".kept")).to_contain_text("AI-2")
    page.get_by_role("link", name="Go there").click()
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Done when")).to_have_value("Nobody can skip it.")


def test_what_is_too_large_is_told_beside_the_button_and_stays(open_page: NewPage) -> None:
    page = open_page("ada")
    writes(page, "Too much of it")
    page.get_by_role("textbox", name="Summary").fill("x" * 20_000)
    page.locator("meta[name=limits]").evaluate("(limits) => { limits.content = '10000 10000'; }")
    page.get_by_role("button", name="Save draft").click()

    expect(page.get_by_role("alert")).to_contain_text("The longest part is “Summary”")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Too much of it")


def test_notes_are_read_after_signing_in_again_in_another_tab(open_page: NewPage, grace: str) -> None:
    page = open_page("ada", expects=("Failed to load resource: net::ERR_FAILED",))
    # A draft or a reading of times would take the new token before anything is pressed.
    page.route("**/drafts/*", lambda route: route.abort())
    page.route(re.compile("/write/(?!rows)"), lambda route: route.abort())
    page.context.clear_cookies()
    page.goto("/sign-in")
    sign_in(page, grace)
    writes(page, "Signed in again elsewhere")
    page.get_by_label("A chat log or your notes").fill("09:00 it breaks\n10:00 it works")
    page.context.clear_cookies()
    page.get_by_role("button", name="Make rows").click()
    expect(page.locator("#savebar .said")).to_contain_text("Your session has ended")
    other = page.context.new_page()
    other.goto("/sign-in")
    sign_in(other, grace)
    expect(other.get_by_role("button", name="Sign out").first).to_be_attached()
    page.get_by_role("button", name="Make rows").click()

    expect(page.get_by_label("Time as written")).to_have_count(2)
    expect(page.get_by_role("textbox", name="Summary")).to_have_value("Typed for an hour.")


def test_the_preview_is_drawn_after_signing_in_again_in_another_tab(
    open_page: NewPage, served: Served
) -> None:
    page = open_page("ada", expects=("Failed to load resource: net::ERR_FAILED",))
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("Shown after the session ended")
    # Only the preview is to find out that the token is of an earlier session.
    page.route("**/drafts/*", lambda route: route.abort())
    page.context.clear_cookies()
    serving.sign_in(page.context, served.link("ada")).close()
    page.locator("#preview-switch").click()

    expect(page.locator("#whole-preview")).to_contain_text("Shown after the session ended")


PROPOSED = """# Racks that nobody labelled

## Action items

- Label rack one
  - Status: proposed
- Label rack two
  - Status: proposed
"""


def test_what_the_queue_refuses_stands_where_it_was_typed_and_enter_declines(
    open_page: NewPage, served: Served, tmp_path: Path
) -> None:
    (tmp_path / "racks.md").write_text(PROPOSED)
    served.command("import", str(tmp_path))
    page = open_page("ada", expects=("Failed to load resource: the server responded with a status of 422",))
    page.goto("/action-items/proposed")
    card = page.locator(".queue .card", has_text="Label rack two")
    card.get_by_text("Merge or decline").click()
    card.get_by_label("Merge into").fill("AI-9999")
    card.get_by_label("Merge into").press("Enter")
    expect(card.get_by_label("Merge into")).to_be_focused()
    expect(card.get_by_label("Merge into")).to_have_value("AI-9999")
    expect(card).to_contain_text("there is no action item AI-9999")
    expect(page.locator(".kept")).to_have_count(0)

    card.get_by_label("Or decline, because").fill("the racks are gone")
    card.get_by_label("Or decline, because").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("declined")
    expect(page.locator(".queue .card", has_text="Label rack one")).to_be_visible()
    expect(card).to_have_count(0)
