"""Saving when the session has ended or the server is away: what was typed is there, and then saved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

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
    expect(page.get_by_role("status")).to_contain_text("Your session has ended")
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
