"""The form under the list: preview of what changes, then applied, and undone; all by plain posts."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from postmortems.db import session as db
from postmortems.followup import queries
from postmortems.followup.bulk import queries as bulk_queries
from postmortems.followup.bulk.plan import ItemFacts
from postmortems.gate.enforcement import bulk_edits, save_incident
from postmortems.incidents.items import edit_sizes
from tests.followup.bulk.test_api import many, outages
from tests.shown import words
from tests.world import Browser, World


@pytest.fixture
def browser(world: World) -> Browser:
    outages(world, 2)
    return world.browser()


def owner(ref: str, world: World) -> str:
    with db.reading():
        return queries.by_ref(ref, world.ada).owner


def follow(browser: Browser, answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return browser.get(answer.location).text


def test_ticked_rows_name_the_form_under_the_list(browser: Browser, world: World) -> None:
    plain = browser.get("/action-items").text
    link = re.search(r'href="([^"]+)">Edit many</a>', plain)
    assert link is not None
    page = browser.get("/action-items" + link[1].replace("&amp;", "&")).text

    assert re.findall(r"name=i value=(\d+) form=bulk", page) == ["1", "2", "3", "4", "5", "6"]
    assert '<form class="card bulk-bar" id="bulk" method="post"' in page
    reader = world.browser("cy")
    assert "form=bulk" not in reader.get("/action-items?select=1").text
    assert "Edit many" not in reader.get("/action-items").text


def test_others_write_while_a_preview_looks_at_its_items(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bulk_queries.of_numbers

    def of_numbers(numbers: list[int]) -> list[ItemFacts]:
        items = found(numbers)
        with ThreadPoolExecutor(1) as beside:
            beside.submit(edited).result()
        return items

    def edited() -> None:
        with db.transaction():
            save_incident.edit_item("AI-2", {"owner": "lee"}, actor=world.ben)

    monkeypatch.setattr(bulk_queries, "of_numbers", of_numbers)
    answer = browser.send("/action-items/bulk", {"i": ["1", "2"], "owner": "kim", "of": "ticked"})
    browser.send(f"{answer.location.partition('?')[0]}/apply")

    assert [owner(ref, world) for ref in ("AI-1", "AI-2")] == ["kim", "lee"]


def test_the_form_alone_says_of_how_many_the_list_is(browser: Browser, world: World) -> None:
    part = browser.get("/action-items/bulk/new?q=guard").text

    assert "Preview all 2</button>" in part
    assert 'name="filter" value="q=guard"' in part
    assert world.browser("cy").get("/action-items/bulk/new").status_code == 403


def test_a_preview_changes_nothing_until_it_is_applied_and_then_can_be_undone(
    browser: Browser, world: World
) -> None:
    form = {"i": ["1", "3"], "owner": "kim", "of": "ticked", "filter": "status=open&kind=process"}
    answer = browser.send("/action-items/bulk", form)
    preview = follow(browser, answer)

    assert "2 would change" in words(preview)
    assert "owner: ada kim" in words(preview)
    assert "nobody can sign in as kim: no account" in words(preview).lower()
    assert owner("AI-1", world) == "ada"

    applied = browser.send("/action-items/bulk/1/apply", {"back": "status=open&kind=process"})
    assert applied.location == "/action-items?status=open&kind=process"
    assert 'changed. <a href="/action-items/bulk/1">' in follow(browser, applied)
    assert owner("AI-1", world) == "kim"

    undone = browser.send("/action-items/bulk/1/undo")
    assert "2 items given back." in words(follow(browser, undone))
    assert owner("AI-1", world) == "ada"
    again = follow(browser, browser.send("/action-items/bulk/1/undo"))
    assert "This bulk edit was undone before." in words(again)


def test_all_that_the_filters_let_through_are_taken_however_many_pages(browser: Browser) -> None:
    form = {"priority": "P1", "of": "all", "filter": "q=guard"}

    assert "2 would change" in words(follow(browser, browser.send("/action-items/bulk", form)))


def test_fields_are_emptied_where_that_is_ticked(browser: Browser, world: World) -> None:
    browser.send("/action-items/bulk", {"i": "1", "empty": "owner", "of": "ticked"})
    browser.send("/action-items/bulk/1/apply")

    assert owner("AI-1", world) == ""


def test_refused_rows_are_shown_with_their_reason(browser: Browser) -> None:
    form = {"i": ["2", "3"], "status": "done", "of": "ticked"}
    preview = words(follow(browser, browser.send("/action-items/bulk", form)))

    assert "1 refused" in preview
    assert "an enforceable item is done when it is proven or enforced" in preview


@pytest.mark.parametrize(
    "form, told",
    [
        ({"i": "1", "of": "ticked"}, "say what to set"),
        ({"owner": "kim", "of": "ticked"}, "tick the items that it is about"),
        ({"i": "x", "owner": "kim", "of": "ticked"}, "tick the items that it is about"),
        ({"i": "1", "owner": "kim", "due": "soon", "of": "ticked"}, "is no date; write it as 2018-01-25"),
        ({"owner": "kim", "of": "all", "filter": "status=gone"}, "must be one or more of"),
        ({"i": "1", "status": "done", "guard": "g", "of": "ticked"}, "link the guard first"),
    ],
)
def test_what_is_missing_is_said_and_what_was_written_stays(
    browser: Browser, form: dict[str, str], told: str
) -> None:
    answer = browser.send("/action-items/bulk", form)

    assert answer.status_code == 422
    assert told.lower() in words(answer.text).lower()
    assert f'value="{form.get("owner", "")}"' in answer.text


def test_a_long_edit_shows_how_far_it_is(world: World) -> None:
    many(world)
    browser = world.browser()
    browser.send("/action-items/bulk", {"owner": "kim", "of": "all", "filter": "status=any"})
    page = follow(browser, browser.send("/action-items/bulk/1/apply"))

    assert '<progress max="600" value="0"' in page
    assert 'hx-trigger="every 2s"' in page
    # A new one comes every two seconds, and only what has an id keeps the focus then.
    part = page.partition('id="bulk-edit"')[2].partition("</table>")[0]
    links = re.findall(r"<a [^>]*>", part)
    ids = [re.search(r' id="([^"]+)"', link) for link in links]
    assert len({found[1] for found in ids if found}) == len(links) > 200
    bulk_edits.work()
    done = browser.get("/action-items/bulk/1", headers={"HX-Request": "true"}).text
    assert "What changed" in words(done)
    assert "600 changed" in words(done)
    assert 'hx-trigger="every 2s"' not in done
    undoing = follow(browser, browser.send("/action-items/bulk/1/undo"))
    assert "Undoing" in words(undoing)
    assert "items changed" not in words(undoing)


def test_a_short_edit_of_long_incidents_shows_how_far_it_is_too(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One incident of three items fits into the request.
    monkeypatch.setattr(edit_sizes, "TOGETHER", 3)
    browser.send("/action-items/bulk", {"owner": "kim", "of": "all", "filter": "status=any"})
    page = follow(browser, browser.send("/action-items/bulk/1/apply"))

    assert '<progress max="6" value="3"' in page
    assert "3 of 6 items. You can leave and come back; the work goes on." in words(page)
    seen = browser.get("/api/v1/action-items/bulk/1", headers=world.headers("ada")).json
    assert seen is not None
    assert (seen["state"], seen["counts"], seen["ended_at"]) == ("running", {"done": 3, "waiting": 3}, None)

    monkeypatch.undo()
    assert bulk_edits.work() == 3
    assert "6 changed" in words(browser.get("/action-items/bulk/1").text)


def test_who_only_reads_gets_no_form_and_no_edit(browser: Browser, world: World) -> None:
    assert world.browser("cy").send("/action-items/bulk", {"i": "1", "owner": "kim"}).status_code == 403
