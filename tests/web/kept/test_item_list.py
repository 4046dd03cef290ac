"""The list of items is kept, and never out of date: each write that changes it shows at the next look."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from postmortems.accounts import operations as accounts
from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import operations
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.web.kept.looks import OF_ONE_ANSWER, REPORT, SLUG, Write, edited, forget, item, restricted, sql
from tests.world import Browser, World

PROTECTED = (
    "INSERT INTO standings (item_id, protection, since, was_proven, why)"
    " SELECT id, 'guarded', opened_at, was, '' FROM action_items, (SELECT :no AS was) AS known"
)
Counting = Callable[[], AbstractContextManager[list[str]]]
ALL, MINE, FIRST, SAYS = "?status=any", "?status=any&owner=%40sam", "", "?q=target"


def look(browser: Browser, query: str) -> str:
    """The list as it is shown, without what differs from answer to answer."""
    return OF_ONE_ANSWER.sub("", browser.get(f"/action-items{query}").text)


def viewed(name: str, query: str, *, is_shared: bool = False) -> Write:
    return sql(
        "INSERT INTO saved_views (user_id, name, query, is_shared, revision, saved_at)"
        " SELECT id, 'A view', :query, :is_shared, 1, '2026-01-01 00:00:00' FROM users WHERE name = :name",
        name=name,
        query=query,
        is_shared=is_shared,
    )


# By what is written: the list that is looked at, what was written before, and the write itself.
WRITES: dict[str, tuple[str, list[Write], Write]] = {
    "an item's text": (ALL, [], item(text="Name it twice.")),
    "an item's text, where it is sought": (SAYS, [], item(text="Name the targets twice.")),
    "that an item's text has the word no more": (SAYS, [], item(text="Name it twice.")),
    "that an item's text has the word now": ("?q=twice", [], item(text="Name it twice.")),
    "an incident that is restricted, where it is sought": (SAYS, [], restricted("ben")),
    "an item's owner": (MINE, [], item(owner="@cy")),
    "an item's due date": (ALL, [], item(due=date(2026, 1, 1))),
    "an item's status": (FIRST, [], item(status="wont_do", reason="It is gone.")),
    "an item's priority": (ALL, [], item(priority="P1")),
    "another item": (
        ALL,
        [],
        lambda world: save_incident.save(
            None, replace(REPORT, title="Another"), version=None, actor=world.ada
        ),
    ),
    "the title of its incident": (ALL, [], edited(title="A merge")),
    "the services of its incident": (ALL, [], edited(services=("hub",))),
    "its protection": (ALL, [], sql(PROTECTED, no=False)),
    "that it was re-opened": (ALL, [], sql("UPDATE action_items SET reopened_because = 'It came back.'")),
    "an owner's account": (
        ALL,
        [],
        lambda world: accounts.add_user("sam", "author", actor=world.ben),
    ),
    "a team": (ALL, [], lambda world: teams.create("ops", "Operations", {}, actor=world.ben)),
    "the reader's role": (
        ALL,
        [],
        lambda world: accounts.change_user("ada", role="viewer", is_active=True, actor=world.ben),
    ),
    "that its incident is for others": (ALL, [], restricted("ben")),
    "that its incident is for all": (ALL, [restricted("ben")], restricted()),
    "that its incident is gone": (ALL, [], lambda world: operations.delete(SLUG, actor=world.ben)),
    "a view for all": (FIRST, [], viewed("ben", "overdue=1", is_shared=True)),
    "a view of one's own": (FIRST, [], viewed("ada", "overdue=1")),
    "that one begins with a view": (
        FIRST,
        [viewed("ada", "status=done")],
        sql("INSERT INTO default_views (user_id, view_id) SELECT user_id, id FROM saved_views"),
    ),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_shows_at_the_next_look(app: Flask, world: World, clock: Clock, name: str) -> None:
    query, before, write = WRITES[name]
    save(REPORT)
    for earlier in before:
        with db.transaction():
            earlier(world)
    browser = world.browser("ada")
    shown = look(browser, query)
    assert look(browser, query) == shown

    with db.transaction():
        write(world)
    then = look(browser, query)
    forget(app)

    assert then == look(browser, query)
    assert then != shown


@pytest.mark.parametrize("query", [FIRST, SAYS])
def test_a_list_that_was_shown_is_not_made_again(
    any_database: str, world: World, count_queries: Counting, query: str
) -> None:
    save(REPORT)
    reader, another = world.browser("cy"), world.browser("cy")
    look(reader, query)

    with count_queries() as asked:
        look(another, query)
    unwritten = [one for one in asked if one.startswith(("SELECT", "WITH"))]
    with db.transaction():
        # Something else: what is as it was, SQLite does not write at all.
        sql("UPDATE users SET password_hash = 'another' WHERE name = 'ben'")(world)
    with count_queries() as asked:
        look(another, query)
    written = [one for one in asked if one.startswith(("SELECT", "WITH"))]

    # Who asks, views, whether anything is restricted, the moment, and the inbox; else what it was made of.
    assert len(unwritten) <= 5
    assert 5 < len(written) <= 16


def test_a_part_and_its_page_say_the_same(world: World) -> None:
    save(REPORT)
    browser = world.browser()

    for _ in range(2):
        part = browser.get("/action-items?status=any", headers={"HX-Request": "true"}).text
        page = browser.get("/action-items?status=any").text
        assert part.lstrip().startswith('<div id="items-list">')
        assert part.strip() in page


def test_ages_and_what_is_overdue_move_with_the_day(world: World, clock: Clock) -> None:
    save(REPORT)
    clock.set(datetime(2026, 5, 1, 23, 59, tzinfo=UTC))
    browser = world.browser()
    before = look(browser, ALL)
    assert "overdue</b>" not in before

    clock.advance(minutes=2)

    assert "2026-05-01 overdue</b>" in look(browser, ALL)


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_the_time_of_day_changes_nothing(app: Flask, world: World, clock: Clock, hour: int) -> None:
    save(REPORT)
    clock.set(datetime(2026, 4, 1, 12, 30, tzinfo=UTC))
    browser = world.browser()
    before = look(browser, ALL)

    clock.set(datetime(2026, 4, 1, hour, 59, tzinfo=UTC))
    forget(app)

    assert look(browser, ALL) == before


def test_what_is_restricted_is_listed_for_the_named_alone(world: World) -> None:
    save(REPORT)
    with db.transaction():
        restricted("ada")(world)

    for _ in range(2):
        assert "Name the target." in look(world.browser("ada"), ALL)
        assert "Name the target." not in look(world.browser("cy"), ALL)
        assert "Name the target." not in look(world.browser("ben"), ALL)
