"""The server once for all browser tests, and people before it; any message in the console fails a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from tests import system_packages
from tests.browser import serving
from tests.browser.serving import Served

# What Chromium says of every answer from 400 on, also of those a test asks for.
EXPECTED = "Failed to load resource: the server responded with a status of 4"

NewPage = Callable[..., Page]

# A form that is being sent, or a link that is followed, hides its page until the answer is there: a test that
# goes on at once would else write into fields of the old page, which have the same names, and lose that when
# the new one comes.
LEAVING = """
const leave = () => { document.documentElement.style.visibility = "hidden"; };
addEventListener("submit", (event) => {
  const target = event.submitter?.formTarget || event.target.target;
  if (!event.defaultPrevented && target !== "_blank") leave();
});
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const stays = !link || event.defaultPrevented || event.ctrlKey || event.shiftKey || event.metaKey
    || link.target || link.hasAttribute("download");
  const page = (address) => address.split("#")[0];
  if (!stays && link.href.startsWith("http") && page(link.href) !== page(location.href)) leave();
});
// Nothing is pressed before the scripts are there: until then, buttons go to the server, or open another tab.
const loading = new CSSStyleSheet();
loading.replaceSync("html { pointer-events: none; }");
document.adoptedStyleSheets.push(loading);
addEventListener("load", () => { document.adoptedStyleSheets = []; });
// Going back may bring the very page back.
addEventListener("pageshow", () => document.documentElement.style.removeProperty("visibility"));
"""

# A wait ends when what it waits for is there: a machine that does other work may take long.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server with the demo, and the accounts admin (an admin) and ada (an author)."""
    system_packages.require(system_packages.why_chromium_is_missing())
    with serving.served(tmp_path_factory.mktemp("served")) as running:
        running.command("users", "add", "ada", "--role", "author")
        yield running


@pytest.fixture(scope="session")
def browser(served: Served) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = serving.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in(served: Served, browser: Browser) -> dict[str, object]:
    """By name, what a signed-in browser of that person remembers."""
    remembered: dict[str, object] = {}
    for name, link in {"admin": served.first_link, "ada": served.link("ada")}.items():
        context = browser.new_context()
        page = serving.sign_in(context, link)
        if name == "admin":
            serving.ask_the_gate(served, page)
        remembered[name] = context.storage_state()
        context.close()
    return remembered


@pytest.fixture
def open_page(browser: Browser, signed_in: dict[str, object], served: Served) -> Iterator[NewPage]:
    """`open_page("ada", java_script_enabled=False)` is a page of a signed-in browser.

    `expects`: how messages in the console, and errors that nobody catches, begin that the test provokes.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def new_page(name: str = "admin", expects: tuple[str, ...] = (), **options: object) -> Page:
        def note(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and not message.text.startswith((EXPECTED, *expects)):
                troubles.append(f"{message.type}: {message.text} ({message.location})")

        def note_error(error: Error) -> None:
            if not expects or not error.message.startswith(expects):
                troubles.append(f"uncaught: {error}")

        context = browser.new_context(
            base_url=served.url, storage_state=signed_in[name], accept_downloads=True, **options
        )
        context.set_default_timeout(PATIENCE_MS)
        # Without scripts there is nothing to wait for, and nobody to say when it is over.
        if options.get("java_script_enabled", True):
            context.add_init_script(LEAVING)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", note_error)
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert troubles == []
