"""The queue of proposed items: decided on one after the other, the oldest first."""

from __future__ import annotations

import re

import pytest

from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.followup import queries
from tests.incidents.documents import save
from tests.shown import words
from tests.world import Browser, World

PLACE = "/action-items/proposed"


@pytest.fixture
def browser(world: World) -> Browser:
    items = (
        Item("Page earlier", status="proposed"),
        Item("Page sooner", status="proposed", owner="kim"),
        Item("Buy disks", status="open"),
        Item("Buy a farm", status="proposed"),
    )
    save(Document("It fell", sections=(Section("Action items", items),)))
    return world.browser("ada")


def waiting(browser: Browser, query: str = "") -> list[str]:
    return re.findall(r'<section class="card" id="(AI-\d+)"', browser.get(PLACE + query).text)


def status(world: World, ref: str) -> tuple[str, str]:
    with db.reading():
        item = queries.by_ref(ref, world.ada)
        return item.status, item.owner


def test_each_is_accepted_merged_or_declined_and_is_gone_from_the_queue(
    world: World, browser: Browser
) -> None:
    assert waiting(browser) == ["AI-1", "AI-2", "AI-4"]
    assert waiting(browser, "?owner=kim&status=done&sort=due") == ["AI-2"]

    accepted = {"act": "accept", "owner": "@sam", "due": "2031-01-31"}
    assert browser.send(f"{PLACE}/AI-1", accepted | {"query": "kind=process"}).headers["Location"] == (
        f"{PLACE}?kind=process"
    )
    browser.send(f"{PLACE}/AI-2", {"act": "merge", "into": "ai-1"})
    browser.send(f"{PLACE}/AI-4", {"act": "decline", "reason": "there is no room"})

    assert waiting(browser) == []
    assert "Nothing is proposed" in browser.get(PLACE).text
    found = [status(world, f"AI-{number}") for number in (1, 2, 4)]
    assert found == [("open", "@sam"), ("wont_do", "kim"), ("wont_do", "")]


@pytest.mark.parametrize(
    "form, told",
    [
        ({"act": "decline"}, "say why it is declined"),
        ({"act": "merge", "into": "AI-1"}, "an item is not merged into itself"),
        ({"act": "merge", "into": "AI-99"}, "there is no action item AI-99"),
        ({"act": "merge", "into": "the other"}, "there is no action item the other"),
        ({"act": "accept", "due": "soon"}, "write it as 2018-01-25"),
        ({"act": "burn"}, "choose to accept, merge or decline it"),
        ({}, "choose to accept, merge or decline it"),
    ],
)
def test_what_is_refused_is_told_and_stays_in_the_queue(
    world: World, browser: Browser, form: dict[str, str], told: str
) -> None:
    answer = browser.send(f"{PLACE}/AI-1", form)

    assert answer.status_code == 422
    assert told in words(answer.text)
    assert status(world, "AI-1") == ("proposed", "")


def test_what_was_typed_stands_where_it_was_refused(browser: Browser) -> None:
    typed = {"act": "merge", "into": "AI-99", "query": "kind=other", "after": "", "next": "AI-2"}
    page = browser.send(f"{PLACE}/AI-1", typed).text

    assert re.findall(r'<section class="card" id="(AI-\d+)"', page) == waiting(browser, "?kind=other")
    (field,) = re.findall(r'<input[^>]*id="AI-1-into"[^>]*>', page)
    assert 'value="AI-99"' in field
    assert "autofocus" in field
    assert page.count('<details class="fold" open>') == 1


@pytest.mark.parametrize("said", ["4", "ai-4", "AI-4", " https://hub.example.org/action-items/AI-4 "])
def test_the_other_item_is_named_by_number_or_address(world: World, browser: Browser, said: str) -> None:
    browser.send(f"{PLACE}/AI-1", {"act": "merge", "into": said})

    assert status(world, "AI-1") == ("wont_do", "")


def test_one_goes_on_at_the_item_that_follows_on_the_same_page(browser: Browser) -> None:
    page = browser.get(PLACE).text
    following = re.findall(r'action="/action-items/proposed/(AI-\d)".*?name="next" value="(AI-\d)"', page)
    assert sorted(set(following)) == [("AI-1", "AI-2"), ("AI-2", "AI-4"), ("AI-4", "AI-2")]

    form = {"act": "accept", "query": "kind=other", "after": "x y", "next": "AI-2"}
    assert browser.send(f"{PLACE}/AI-1", form).headers["Location"] == f"{PLACE}?kind=other&after=x+y#AI-2"
    strange = {"act": "accept", "next": "//evil.example"}
    assert browser.send(f"{PLACE}/AI-2", strange).headers["Location"] == PLACE


def test_enter_in_a_field_does_what_the_field_is_for(browser: Browser) -> None:
    """The first button of a form is pressed by Enter: a reason typed must not accept what it is about."""
    for form in re.findall(r"<form[^>]*/action-items/proposed/AI.*?</form>", browser.get(PLACE).text, re.S):
        (act,) = re.findall(r'name="act" value="(\w+)"', form)
        fields = set(re.findall(r'name="(owner|due|into|reason)"', form))
        assert fields == {"accept": {"owner", "due"}, "merge": {"into"}, "decline": {"reason"}}[act]


def test_what_was_decided_before_is_told(world: World, browser: Browser) -> None:
    told = "AI-3 is open: only what is proposed is decided on"
    refused = browser.send(f"{PLACE}/AI-3", {"act": "accept"})

    assert told in words(refused.text)


def test_a_viewer_sees_the_queue_and_decides_nothing(world: World, browser: Browser) -> None:
    viewer = world.browser("cy")

    assert waiting(viewer) == ["AI-1", "AI-2", "AI-4"]
    assert "Accept" not in words(viewer.get(PLACE).text)
    assert viewer.send(f"{PLACE}/AI-1", {"act": "accept"}).status_code == 403
    assert viewer.send(f"{PLACE}/AI-99", {"act": "accept"}).status_code == 403


def test_the_list_of_what_is_proposed_leads_to_the_queue(browser: Browser) -> None:
    assert (
        'href="/action-items/proposed?status=proposed"' in browser.get("/action-items?status=proposed").text
    )
