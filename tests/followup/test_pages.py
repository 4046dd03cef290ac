"""The list of action items and one item: filters are the address, edits go through the document."""

from __future__ import annotations

import re

import pytest

from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.followup import queries
from tests.incidents.documents import save
from tests.shown import with_demo, words
from tests.world import Browser, World


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


def refs(browser: Browser, query: str) -> list[str]:
    return re.findall(
        r'<tr><td><code>[^<]*</code> <a href="/action-items/(AI-\d+)"',
        browser.get(f"/action-items?{query}").text,
    )


def status_of(world: World, ref: str) -> str:
    with db.reading():
        return queries.by_ref(ref, world.ada).status


def test_without_filters_it_shows_what_is_not_closed(shown: World) -> None:
    browser = shown.browser()

    assert refs(browser, "") == refs(browser, "status=proposed,open,in_progress")
    assert set(refs(browser, "")) < set(refs(browser, "status=any"))


@pytest.mark.parametrize(
    "query, expected",
    [
        ("kind=process&service=biology", {"AI-24"}),
        ("owner=@sam&kind=process", {"AI-2"}),
        ("kind=process&status=any&sort=-owner&owner=@sam", {"AI-2"}),
        ("age=100000", set()),
        ("q=staging+hub+is+not+online", {"AI-2"}),
        ("incident=2018-01-25-accidental-merge-to-prod&unowned=1", {"AI-1", "AI-3"}),
        ("incident=2018-01-25-accidental-merge-to-prod&due_before=2018-02-10", {"AI-2"}),
        ("incident=2018-01-25-accidental-merge-to-prod&protection=proven", {"AI-1", "AI-2", "AI-3"}),
        ("protection=regressed", set()),
        ("owner=@nobody-of-that-name", set()),
    ],
)
def test_filters_are_the_address(shown: World, query: str, expected: set[str]) -> None:
    assert set(refs(shown.browser(), query)) == expected


def test_every_view_says_how_many_it_shows(shown: World) -> None:
    browser = shown.browser()
    html = browser.get("/action-items").text
    for query in re.findall(r'<a href="/action-items\?([^"]+)"', html.split("</nav>")[-2]):
        answer = browser.get(f"/action-items?{query}").text
        told = re.search(r"(\d+) items?", words(answer))
        assert told is None or int(told[1]) >= len(re.findall("<tr><td>", answer))


def test_an_item_is_assigned_and_dated_through_its_document(shown: World) -> None:
    browser = shown.browser()

    answer = browser.send(
        "/action-items/AI-3", {"owner": "@kai", "due": "2030-01-31", "status": "in_progress"}
    )

    assert answer.status_code == 303
    text = browser.get("/incidents/2018-01-25-accidental-merge-to-prod.md").text
    assert "- Owner: @kai" in text
    assert "- Due: 2030-01-31" in text
    assert "assigned by ada" in words(browser.get("/action-items/AI-3").text)


@pytest.mark.parametrize(
    "form, message",
    [
        ({"due": "tomorrow"}, "write it as 2018-01-25"),
        ({"status": "finished"}, "finished"),
        ({"status": "wont_do"}, "reason"),
    ],
)
def test_what_is_refused_is_said_in_the_form_and_changes_nothing(
    shown: World, form: dict[str, str], message: str
) -> None:
    for path in ("/action-items/AI-3", "/action-items/AI-3/row"):
        answer = shown.browser().send(path, form)
        assert answer.status_code == 422
        assert message in words(answer.text)
    assert status_of(shown, "AI-3") == "open"


def test_without_its_proof_only_an_admin_closes_an_item_and_says_why(shown: World) -> None:
    unproven = refs(shown.browser(), "q=cordoned+nodes")[0]
    done = {"status": "done", "reason": "The machine is gone."}

    assert shown.browser("ada").send(f"/action-items/{unproven}", done).status_code == 422
    assert shown.browser("ben").send(f"/action-items/{unproven}", {"status": "done"}).status_code == 422
    assert shown.browser("ben").send(f"/action-items/{unproven}", done).status_code == 303

    assert status_of(shown, unproven) == "done"
    assert "closed without proof" in words(shown.browser("cy").get(f"/action-items/{unproven}").text)


def test_a_row_becomes_a_form_and_a_row_again(shown: World) -> None:
    browser = shown.browser()
    form = browser.get("/action-items/AI-3/row?edit=1").text
    assert form.lstrip().startswith('<tr id="row-AI-3" class="row-form">')
    assert 'name="owner"' in form

    changes = {"owner": "@kai", "status": "open"}
    row = browser.send("/action-items/AI-3/row", changes, headers={"HX-Request": "true"}).text

    assert row.lstrip().startswith("<tr><td><code>AI-3")
    assert "@kai" in row


def test_a_viewer_changes_nothing(shown: World) -> None:
    for path in ("/action-items/AI-3", "/action-items/AI-3/row"):
        assert shown.browser("cy").send(path, {"owner": "@cy"}).status_code == 403


def test_the_page_after_this_one_keeps_the_filters(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postmortems.followup.pages.PAGE_ROWS", 3)
    browser, seen, path = shown.browser(), [], "/action-items?status=any&kind=process"
    while path:
        html = browser.get(path).text
        seen += re.findall(r'<tr><td><code>[^<]*</code> <a href="/action-items/(AI-\d+)"', html)
        following = re.search(r'href="([^"]+)" rel="next"', html)
        path = following[1].replace("&amp;", "&") if following else ""
    monkeypatch.undo()

    assert seen == refs(browser, "status=any&kind=process")


def test_a_heading_sorts_and_turns_round(shown: World) -> None:
    browser = shown.browser()
    plain = refs(browser, "kind=process&sort=age")
    html = browser.get("/action-items?kind=process&sort=age").text

    assert 'aria-sort="ascending"><a href="?kind=process&sort=-age" aria-current="true">Age</a>' in html
    assert refs(browser, "kind=process&sort=-age") == plain[::-1]
    assert "must be one of due, priority" in words(browser.get("/action-items?sort=height").text)


def test_what_cannot_be_sorted_is_listed_all_the_same(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postmortems.followup.key_order.MOST_SORTED", 3)

    answer = shown.browser().get("/action-items?status=any&sort=text")

    assert "Not sorted as asked: that puts 3 items in order at most" in words(answer.text)
    assert refs(shown.browser(), "status=any&sort=text") == refs(shown.browser(), "status=any")


def test_what_a_template_asks_and_nobody_filled_in_is_no_part_of_a_heading(world: World) -> None:
    text = "Page when **logins** fail\n- Owner:\n- Due: TBD"
    save(Document(title="It broke", sections=(Section("Action items", (Item(text),)),)))
    browser = world.browser()

    assert '<a href="/action-items/AI-1">Page when **logins** fail</a>' in browser.get("/action-items").text
    page = browser.get("/action-items/AI-1").text
    assert "<bdi>Page when <strong>logins</strong> fail</bdi></h1>" in page
    assert "<title>AI-1: Page when **logins** fail" in page
    told = browser.get("/api/v1/action-items/AI-1", headers=world.headers("ada")).json
    assert told is not None
    assert told["text"] == text
