"""A row of the list is edited where it stands without a script: a plain form in its place, on demand."""

from __future__ import annotations

import re
from html import unescape

import pytest

from postmortems.document.model import Document, Item, Section
from tests.incidents.documents import save, stored
from tests.shown import words
from tests.world import Browser, World

ITEMS = tuple(Item(f"Do {number}", owner="@kim", kind="process") for number in range(3))


@pytest.fixture
def slug(world: World) -> str:
    return save(Document(title="It broke", sections=(Section("Action items", ITEMS),))).slug


def form_of(html: str) -> dict[str, str]:
    """The hidden fields of the form in the row's place."""
    row = html.partition('class="row-form"')[2].partition("</tr>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', row)
    return {name: unescape(value) for name, value in found}


def opened(browser: Browser, query: str) -> str:
    return browser.get(f"/action-items?{query}").text


@pytest.mark.parametrize("name, is_offered", [("ada", True), ("cy", False)])
def test_the_list_offers_it_to_who_may(world: World, slug: str, name: str, is_offered: bool) -> None:
    page = opened(world.browser(name), "status=any")

    assert ("<noscript><form>" in page) is is_offered


def test_a_row_becomes_a_form_and_the_list_comes_back_as_it_was(world: World, slug: str) -> None:
    browser, query = world.browser(), "kind=process&sort=-id"
    page = opened(browser, f"{query}&edit=AI-2")
    assert re.findall(r"/action-items/(AI-\d+)\">Do", page) == ["AI-3", "AI-1"]

    saved = browser.post(
        "/action-items/AI-2/row", data=form_of(page) | {"owner": "@sam", "due": "2030-01-02"}
    )

    assert (saved.status_code, saved.location) == (303, "/action-items?kind=process&sort=-id")
    assert "AI-2 saved." in words(browser.get(saved.location).text)
    assert [item.owner for item in stored(slug).items] == ["@kim", "@sam", "@kim"]


def test_what_is_wrong_is_said_in_the_list_with_what_was_typed(world: World, slug: str) -> None:
    browser = world.browser()
    form = form_of(opened(browser, "kind=process&edit=AI-2")) | {"owner": "@lin", "due": "tomorrow"}

    refused = browser.post("/action-items/AI-2/row", data=form)

    text = words(refused.text)
    assert (refused.status_code, "write it as 2018-01-25" in text) == (422, True)
    assert 'value="@lin"' in refused.text
    assert all(shown in text for shown in ("Do 0", "Do 2"))
    assert form_of(refused.text)["back"] == form["back"]


def test_an_item_that_the_list_does_not_show_any_more_is_edited_all_the_same(world: World, slug: str) -> None:
    page = opened(world.browser(), "owner=nobody-of-that-name&edit=AI-2")

    assert form_of(page)["back"] == "owner=nobody-of-that-name"


@pytest.mark.parametrize("ref", ["AI-99", "x", "AI-0", "../x"])
def test_no_item_is_not_found(world: World, slug: str, ref: str) -> None:
    assert world.browser().get("/action-items", query_string={"edit": ref}).status_code == 404


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org", "a=b\r\nX: y", "&&&=", "\x00=1"])
def test_it_leads_back_to_the_list_and_nowhere_else(world: World, slug: str, back: str) -> None:
    browser = world.browser()
    form = form_of(opened(browser, "edit=AI-2")) | {"owner": "@sam", "back": back}

    saved = browser.post("/action-items/AI-2/row", data=form)

    assert saved.status_code == 303
    assert saved.location.partition("?")[0] == "/action-items"
    assert "\n" not in saved.location


def test_who_may_only_read_is_shown_no_form_and_refused(world: World, slug: str) -> None:
    browser = world.browser("cy")

    assert "row-form" not in opened(browser, "status=any&edit=AI-2")
    assert browser.send("/action-items/AI-2/row", {"owner": "@sam"}).status_code == 403
