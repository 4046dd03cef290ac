"""An admin's Monday: find, sort, choose 20, date them anew, undo, close 3 with evidence, mail the report."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import forked
from tests.browser import serving
from tests.browser.conftest import LEAVING, PATIENCE_MS
from tests.browser.serving import Served
from tests.notify.mail.sink import Came, sink

pytestmark = pytest.mark.browser

ITEMS = 24
# Presses of the mouse; fields are typed or chosen by keys.
PRESSES = 15


class Arrivals(list[Came]):
    """What a mail server took, to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: Queue[Came] = Queue()

    def append(self, came: Came) -> None:
        self.queue.put(came)


class Hand:
    """Presses, and counts them."""

    def __init__(self) -> None:
        self.presses = 0

    def press(self, what: Locator, **how: Any) -> None:
        what.click(**how)
        self.presses += 1


def call(served: Served, path: str, body: dict[str, Any]) -> None:
    """Make something as an admin, before anybody looks."""
    words = [word for scope in ("read", "write", "admin") for word in ("--scope", scope)]
    token = served.command("tokens", "add", "--user", "admin", "--name", path, *words).strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    address = f"{served.url}/api/v1{path}"
    request = urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 201


def furnish(served: Served) -> None:
    items = [
        {
            "type": "item",
            "text": f"Label rack {number:02}",
            "owner": "@ada",
            "status": "open",
            "due": date(2026, 1, number + 1).isoformat(),
            "guardability": "attestable",
        }
        for number in range(1, ITEMS + 1)
    ]
    section = {"heading": "Action items", "blocks": items}
    call(served, "/incidents", {"title": "Racks without labels", "sections": [section]})
    served.command("users", "add", "ada", "--role", "author")


@contextmanager
def working(served: Served) -> Iterator[None]:
    """The worker, beside the server."""
    process = forked.Process(
        serving.words_of("worker"), cwd=served.folder, env=served.env, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def page(
    browser: Browser, tmp_path: Path, arrivals: Arrivals, smtp_url: str
) -> Iterator[tuple[Served, Page]]:
    settings = {"POSTMORTEMS_SMTP_URL": smtp_url, "POSTMORTEMS_MAIL_FROM": "postmortems@example.org"}
    with serving.served(tmp_path, settings=settings) as served:
        furnish(served)
        context = browser.new_context(base_url=served.url)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(LEAVING)
        tab = serving.sign_in(context, served.first_link)
        # A token may not say where mail goes.
        tab.goto("/settings/people/ada/mail")
        tab.get_by_label("Mail address").fill("ada@example.org")
        with tab.expect_navigation():
            tab.get_by_label("Mail address").press("Enter")
        tab.goto("/")
        yield served, tab
        context.close()


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals()


@pytest.fixture
def smtp_url(arrivals: Arrivals) -> Iterator[str]:
    with sink() as mail:
        mail.came = arrivals
        yield mail.url


def boxes(page: Page) -> Locator:
    return page.locator('.of-items input[form="bulk"]')


def test_an_admins_monday_takes_few_presses(page: tuple[Served, Page], arrivals: Arrivals) -> None:
    served, tab = page
    hand = Hand()

    # Find, and sort.
    hand.press(tab.get_by_role("navigation").get_by_role("link", name="Action items"))
    tab.get_by_label("Search", exact=True).fill("label rack")
    tab.get_by_label("Search", exact=True).press("Enter")
    expect(tab.get_by_text(f"{ITEMS} items", exact=True)).to_be_visible()
    hand.press(tab.get_by_role("columnheader", name="Due").get_by_role("link"))
    expect(tab.get_by_role("columnheader", name="Due")).to_have_attribute("aria-sort", re.compile("cending"))

    # Choose 20, date them anew, and take it back.
    first = boxes(tab).first
    hand.press(first)
    hand.press(boxes(tab).nth(19), modifiers=["Shift"])
    expect(tab.locator(".bulk-count")).to_have_text("· 20 ticked")
    tab.locator("#b-due").fill("2031-05-06")
    hand.press(tab.get_by_role("button", name="Preview ticked items"))
    hand.press(tab.get_by_role("button", name="Change 20 items"))
    expect(tab.get_by_text("20 items changed.")).to_be_visible()
    hand.press(tab.get_by_role("link", name="Look at it or undo it"))
    hand.press(tab.get_by_role("button", name="Undo"))
    expect(tab.get_by_text("20 items given back.")).to_be_visible()

    # Close three with evidence.
    expect(boxes(tab).first).to_be_visible()
    hand.press(boxes(tab).first)
    hand.press(boxes(tab).nth(2), modifiers=["Shift"])
    tab.locator("#b-status").select_option("done")
    tab.locator("#b-evidence").fill("https://example.org/photos-of-the-racks")
    hand.press(tab.get_by_role("button", name="Preview ticked items"))
    hand.press(tab.get_by_role("button", name="Change 3 items"))
    expect(tab.get_by_text("3 items changed.")).to_be_visible()

    # Mail the report of the month.
    hand.press(tab.get_by_role("navigation").get_by_role("link", name="Reports", exact=True))
    hand.press(tab.get_by_role("link", name="Month by month"))
    title = tab.get_by_role("heading", level=1).inner_text()
    hand.press(tab.get_by_role("button", name="Mail this report"))
    expect(tab.get_by_text("It is on its way to everybody")).to_be_visible()
    with working(served):
        while title not in (mail := arrivals.queue.get(timeout=PATIENCE_MS / 1000)).message["Subject"]:
            pass
    assert mail.recipients == ["ada@example.org"]
    assert hand.presses == PRESSES
