"""Passkeys in Chromium with its virtual authenticator: the whole way of script, browser and pages."""

from __future__ import annotations

from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.serving import Served

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
HERE = "/settings/second-step"


def with_device(page: Page) -> tuple[CDPSession, str]:
    """Give the page a device that is unlocked at once; the session to steer it by, and its id."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def sign_out(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").first.click()


def test_a_passkey_is_made_signs_in_and_is_nothing_once_taken_away(
    open_page: NewPage, served: Served
) -> None:
    served.command("users", "add", "kim", "--role", "viewer")
    # A passkey is of a name: by its number this machine has none.
    url = served.url.replace("127.0.0.1", "localhost")
    page = open_page("ada", viewport={"width": 1280, "height": 900})
    cdp, device = with_device(page)

    page.goto(served.link("kim").replace(served.url, url))
    page.get_by_role("button", name="Sign in as").click()
    expect(page.get_by_text("Choose a password")).to_be_visible()

    page.goto(f"{url}{HERE}")
    page.get_by_label("Name of the passkey").fill("my laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_role("cell", name="my laptop")).to_be_visible()

    # The same device makes no second one for the same person.
    page.get_by_label("Name of the passkey").fill("again")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert").get_by_text("has a passkey for you already")).to_be_visible()

    # Without name and password.
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("kim", exact=True).first).to_be_visible()

    # After a link, as the second step.
    sign_out(page)
    page.goto(served.link("kim").replace(served.url, url))
    page.get_by_role("button", name="Sign in as").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("kim", exact=True).first).to_be_visible()

    # Who cannot unlock the device is not let in.
    sign_out(page)
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert").get_by_text("No passkey was given")).to_be_visible()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("kim", exact=True).first).to_be_visible()

    # Taken away here, it is still on the device, and worth nothing.
    page.goto(f"{url}{HERE}")
    page.get_by_text("Take away", exact=False).first.click()
    page.get_by_role("button", name="Take “my laptop” away").click()
    expect(page.get_by_role("cell", name="my laptop")).to_have_count(0)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert").get_by_text("not known here")).to_be_visible()


def test_without_scripts_the_page_for_signing_in_has_no_button_for_passkeys(open_page: NewPage) -> None:
    page = open_page("ada", java_script_enabled=False)
    page.context.clear_cookies()
    page.goto("/sign-in")

    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
