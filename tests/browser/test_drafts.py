"""What is typed and not saved outlives the tab, the network, the session and the server."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import forked
from tests.browser import serving
from tests.browser.conftest import PATIENCE_MS, NewPage
from tests.browser.serving import Served
from tests.browser.test_unsent import PASSWORD, sign_in

pytestmark = pytest.mark.browser

AWAY = ("Failed to load resource: net::", "Failed to load resource: the server responded with a status of 5")
BIDI = "שלום \u202eabc\u202c e\u0301\u0327 👩\u200d👩\u200d👧 ﷽"


@pytest.fixture(scope="module")
def dora(served: Served) -> str:
    """An account with a password, for sessions that end."""
    served.command("users", "add", "dora", "--role", "author", "--password-stdin", sent=f"{PASSWORD}\n")
    return "dora"


def begins(page: Page, title: str, text: str = "Typed for an hour.") -> None:
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("textbox", name="Summary").fill(text)


def is_kept(page: Page) -> None:
    state = page.locator("[data-draft-state=kept]")
    # Until it is there: each look of `expect` at what is not goes through the whole page, which may be long.
    state.wait_for()
    expect(state).to_contain_text("Draft saved")


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-draft-state=trouble]")).to_contain_text(words)


def shows(page: Page, title: str, text: str = "Typed for an hour.") -> None:
    expect(page.get_by_label("Title", exact=True)).to_have_value(title)
    expect(page.get_by_role("textbox", name="Summary")).to_have_value(text)


def resumes(page: Page, title: str) -> None:
    page.get_by_role("link", name=f"Resume {title}").click()


def test_a_tab_that_is_closed_is_resumed_compared_and_ended_by_the_save(open_page: NewPage) -> None:
    page = open_page("ada")
    begins(page, "Closed in the middle")
    is_kept(page)
    other = page.context.new_page()
    page.close()
    other.goto("/")
    expect(other.get_by_role("heading", name="Your drafts")).to_be_visible()
    other.goto("/incidents/new")
    expect(other.get_by_label("Title", exact=True)).to_have_value("")
    other.locator(".draft-offer", has_text="Closed in the middle").get_by_role(
        "link", name="See what"
    ).click()
    expect(other.locator(".diff")).to_contain_text("Typed for an hour.")
    other.get_by_role("link", name="Resume").click()
    shows(other, "Closed in the middle")
    other.get_by_role("button", name="Save draft").click()

    expect(other.get_by_role("heading", name="Closed in the middle")).to_be_visible()
    other.goto("/drafts")
    expect(other.get_by_text("Closed in the middle")).to_have_count(0)


def test_what_was_typed_a_moment_before_the_tab_closed_is_there(open_page: NewPage) -> None:
    page = open_page("ada")
    page.route("**/drafts/*", lambda route: route.abort())
    begins(page, "Closed at once")
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('draft '))")
    other = page.context.new_page()
    page.close()
    other.goto("/")
    expect(other.locator(".draft-offer")).to_contain_text("Closed at once")
    other.get_by_role("link", name="Resume").click()

    shows(other, "Closed at once")


def test_reload_and_back_show_what_was_typed(open_page: NewPage) -> None:
    page = open_page("ada")
    begins(page, "Loaded again")
    page.reload()
    # The page leads on to its draft: what is typed before that is a draft of its own.
    page.wait_for_url("**?draft=*")
    shows(page, "Loaded again")
    page.get_by_role("textbox", name="Summary").fill("Typed on.")
    is_kept(page)
    page.reload()
    shows(page, "Loaded again", "Typed on.")
    page.goto("/guards")
    page.go_back()

    shows(page, "Loaded again", "Typed on.")


def test_rows_and_notes_that_are_half_filled_come_back(open_page: NewPage) -> None:
    page = open_page("ada")
    begins(page, "Half-filled", BIDI)
    page.get_by_label("A chat log or your notes").fill("14:30 pasted and not made into rows")
    page.get_by_role("button", name="Entry", exact=True).click()
    expect(page.get_by_label("Time as written")).to_have_count(2)
    page.get_by_label("Time as written").last.fill("14:3")
    is_kept(page)
    page.reload()

    shows(page, "Half-filled", BIDI)
    expect(page.get_by_label("Time as written").last).to_have_value("14:3")
    expect(page.get_by_label("A chat log or your notes")).to_have_value("14:30 pasted and not made into rows")


def test_a_megabyte_is_kept(open_page: NewPage) -> None:
    text = ("word " * 20 + "\n") * 10_000
    page = open_page("ada")
    begins(page, "A long paste")
    # As a paste does: to have it typed takes a minute.
    page.get_by_role("textbox", name="Summary").evaluate(
        "(area, text) => { area.value = text; area.dispatchEvent(new Event('input', { bubbles: true })); }",
        text,
    )
    is_kept(page)
    page.reload()

    shows(page, "A long paste", text)


def test_five_hundred_rows_are_kept(open_page: NewPage) -> None:
    page = open_page("ada")
    begins(page, "Many rows")
    page.get_by_label("A chat log or your notes").fill(
        "\n".join(f"{n // 60:02}:{n % 60:02} row {n}" for n in range(500))
    )
    # Asked by name: to look so many up by their labels takes the better part of a minute.
    times = page.locator("[name$='.written']")
    page.get_by_role("button", name="Make rows").click()
    expect(times).to_have_count(500)
    # It is folded until somebody opens it.
    times.nth(400).evaluate(
        "(field) => { field.value = 'about 7'; field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    is_kept(page)
    page.reload()

    expect(times).to_have_count(500)
    expect(times.nth(400)).to_have_value("about 7")


def test_without_a_network_it_is_kept_in_the_browser_and_sent_later(open_page: NewPage) -> None:
    page = open_page("ada", expects=AWAY)
    page.goto("/incidents/new")
    page.context.set_offline(True)
    page.get_by_label("Title", exact=True).fill("On a train")
    says(page, "the server does not answer; kept in this browser")
    page.context.set_offline(False)
    is_kept(page)
    other = page.context.new_page()
    other.goto("/drafts")

    expect(other.get_by_role("link", name="On a train", exact=True)).to_be_visible()


def test_when_the_session_has_ended_it_waits_for_its_writer(open_page: NewPage, dora: str) -> None:
    page = open_page("ada")
    page.context.clear_cookies()
    page.goto("/sign-in")
    sign_in(page, dora)
    begins(page, "Over lunch")
    is_kept(page)
    page.context.clear_cookies()
    page.get_by_role("textbox", name="Summary").fill("Typed after lunch.")
    says(page, "your session has ended; kept in this browser")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in another tab").click()
    sign_in(opened.value, dora)
    expect(opened.value.get_by_role("button", name="Sign out").first).to_be_attached()
    page.bring_to_front()
    is_kept(page)
    page.get_by_role("button", name="Save draft").click()

    expect(page.get_by_role("heading", name="Over lunch")).to_be_visible()
    expect(page.locator(".prose")).to_contain_text(["Typed after lunch."])


def test_somebody_else_who_signs_in_there_neither_sees_nor_keeps_it(
    open_page: NewPage, dora: str, served: Served
) -> None:
    page = open_page("ada")
    page.context.clear_cookies()
    page.goto("/sign-in")
    sign_in(page, dora)
    page.goto("/incidents/new")
    page.context.clear_cookies()
    page.get_by_label("Title", exact=True).fill("Dora's words")
    says(page, "your session has ended")
    other = page.context.new_page()
    other.goto(served.link("ada"))
    other.get_by_role("button", name="Sign in as").click()
    page.bring_to_front()
    says(page, "somebody else is signed in here")
    page.close()
    other.goto("/drafts")
    expect(other.get_by_text("Dora's words")).to_have_count(0)
    other.context.clear_cookies()
    other.goto("/sign-in")
    sign_in(other, dora)

    expect(other.locator(".draft-offer")).to_contain_text("Dora's words")


def test_two_tabs_keep_both_and_say_so(open_page: NewPage) -> None:
    page = open_page("ada")
    begins(page, "In two tabs", "The first tab.")
    is_kept(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("textbox", name="Summary").fill("The second tab.")
    is_kept(other)
    page.get_by_role("textbox", name="Summary").fill("The first tab goes on.")
    expect(page.locator(".draft-offer", has_text="Another tab of yours")).to_be_visible()
    is_kept(page)
    other.goto("/drafts")
    rows = other.locator(".list-row", has_text="In two tabs")

    expect(rows).to_have_count(2)
    texts = set()
    for link in [row.get_attribute("href") for row in rows.locator("a.main").all()]:
        other.goto(str(link))
        texts.add(other.get_by_role("textbox", name="Summary").input_value())
    assert texts == {"The second tab.", "The first tab goes on."}


def test_what_is_refused_goes_on_as_the_same_draft(open_page: NewPage) -> None:
    page = open_page("ada")
    begins(page, "Refused at first")
    is_kept(page)
    page.get_by_label("Shown to").fill("nobody-of-that-name")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#errors")).to_be_visible()
    page.get_by_role("textbox", name="Summary").fill("Typed on after that.")
    is_kept(page)
    expect(page.locator(".draft-offer", has_text="Another tab")).to_have_count(0)
    other = page.context.new_page()
    other.goto("/drafts")
    expect(other.locator(".list-row", has_text="Refused at first")).to_have_count(1)
    page.get_by_label("Shown to").fill("")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Refused at first")).to_be_visible()
    other.reload()

    expect(other.locator(".list-row", has_text="Refused at first")).to_have_count(0)


def test_of_two_people_at_once_the_second_goes_on_as_the_same_draft(open_page: NewPage) -> None:
    page, theirs = open_page("ada"), open_page("admin")
    begins(page, "Two people and a draft", "First.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Two people and a draft")).to_be_visible()
    for one, text in ((page, "Mine."), (theirs, "Theirs.")):
        one.goto("/incidents?q=Two people and a draft")
        one.get_by_role("link", name="Two people and a draft").click()
        one.get_by_role("link", name="Edit", exact=True).click()
        one.get_by_role("textbox", name="Summary").fill(text)
    theirs.get_by_role("button", name="Save draft").click()
    expect(theirs.get_by_role("heading", name="Two people and a draft")).to_be_visible()
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("button", name="Edit on with both").click()
    is_kept(page)
    expect(page.locator(".draft-offer", has_text="Another tab")).to_have_count(0)
    other = page.context.new_page()
    other.goto("/drafts")
    expect(other.locator(".list-row", has_text="Two people and a draft")).to_have_count(1)
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".prose")).to_contain_text(["Mine."])
    other.reload()

    expect(other.locator(".list-row", has_text="Two people and a draft")).to_have_count(0)


def test_pressed_twice_it_is_one_incident_and_back_edits_it(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("Pressed twice")
    form = page.locator("#editor")
    # As where both presses are faster than any script.
    form.evaluate(
        """async (form) => {
            const body = new URLSearchParams(new FormData(form));
            body.set("do", "save");
            await Promise.all([1, 2].map(() => fetch(form.action, { method: "POST", body })));
        }"""
    )
    page.goto("/incidents?q=Pressed")

    expect(page.locator("#incidents td > a", has_text="Pressed twice")).to_have_count(1)


def test_the_clock_of_the_browser_does_not_matter(open_page: NewPage) -> None:
    page = open_page("ada")
    page.add_init_script("const now = Date.now; Date.now = () => now() - 3600000;")
    begins(page, "An hour slow")
    is_kept(page)
    other = page.context.new_page()
    other.add_init_script("const now = Date.now; Date.now = () => now() + 3600000;")
    other.goto(page.url)
    other.get_by_role("textbox", name="Summary").fill("An hour fast.")
    is_kept(other)
    page.goto("/incidents/new")
    offer = page.locator(".draft-offer", has_text="An hour slow")

    expect(offer).to_contain_text("just now")
    resumes(page, "An hour slow")
    shows(page, "An hour slow", "An hour fast.")


@contextmanager
def running(folder: Path, port: str = "0") -> Iterator[tuple[forked.Process, Served]]:
    """A server of its own, to be killed."""
    words = (*serving.words_of("serve", "--port", port, "--no-worker"),)
    process = forked.Process(
        words, cwd=folder, env=serving._env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        said = ""
        while "It has the" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        found = re.search(r"is at (http://\S+)", said)
        link = serving.LINK.search(said)
        assert found is not None
        yield process, Served(found[1], folder, link[0] if link else "")
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_a_server_that_is_killed_while_somebody_types_loses_nothing(browser: Browser, tmp_path: Path) -> None:
    context: BrowserContext
    with running(tmp_path) as (process, first):
        context = browser.new_context(base_url=first.url)
        context.set_default_timeout(PATIENCE_MS)
        serving.sign_in(context, first.first_link).close()
        page = context.new_page()
        begins(page, "Killed while typing", "Before.")
        is_kept(page)
        process.send_signal(signal.SIGKILL)
        process.wait()
        page.get_by_role("textbox", name="Summary").press_sequentially(" And after.")
        says(page, "does not answer; kept in this browser")
    with running(tmp_path, first.url.rpartition(":")[2]):
        is_kept(page)
        again = context.new_page()
        page.close()
        again.goto("/incidents/new")
        resumes(again, "Killed while typing")

        shows(again, "Killed while typing", "Before. And after.")
        context.close()
