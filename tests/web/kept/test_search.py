"""What a search finds is kept, and never out of date: each write that changes it shows at the next look."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from postmortems.db import session as db
from postmortems.document.model import Item, Prose, Section
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.incidents import operations
from postmortems.incidents.comments import operations as comments
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.runtimes import VAULT
from tests.web.kept.looks import OF_ONE_ANSWER, REPORT, SLUG, Write, edited, forget, item, restricted, sql
from tests.world import Browser, World

Counting = Callable[[], AbstractContextManager[list[str]]]
GUARD = {"slug": "named", "title": "The chart is named", "kind": "target", "targets": ["data8/prod"]}


def look(browser: Browser, words: str) -> str:
    """What is found, without what differs from answer to answer."""
    return OF_ONE_ANSWER.sub("", browser.get("/search", query_string={"q": words}).text)


def another(world: World) -> None:
    save_incident.save(None, replace(REPORT, title="Another chart"), version=None, actor=world.ada)


# By what is written: the words, what was written before, and the write itself.
WRITES: dict[str, tuple[str, list[Write], Write]] = {
    "a title": ("merge", [], edited(title="Accidental merges")),
    "a text": ("chart", [], edited(sections=(Section("Summary", (Prose("Nobody had tried that chart."),)),))),
    "a text without the word": ("chart", [], edited(sections=(Section("Summary", (Prose("Nobody."),)),))),
    "a word that begins so": ("charti", [], edited(title="Charting")),
    "an item's text": ("target", [], item(text="Name the target twice.")),
    "an item's due date": ("is:overdue", [], item(due=date(2016, 1, 1))),
    "another incident": ("chart", [], another),
    "a guard": ("chart", [], lambda world: guard_changes.create(GUARD, actor=world.ada, vault=VAULT)),
    "a comment": ("tried", [], lambda world: comments.add(SLUG, "I tried.", actor=world.cy)),
    "that it is for others": ("chart", [], restricted("ben")),
    "that it is for all": ("chart", [restricted("ben")], restricted()),
    "that it is gone": ("chart", [], lambda world: operations.delete(SLUG, actor=world.ben)),
    "nothing but its entry": ("chart", [], sql("DELETE FROM search_entries")),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_shows_at_the_next_look(app: Flask, world: World, clock: Clock, name: str) -> None:
    words, before, write = WRITES[name]
    save(REPORT)
    for earlier in before:
        with db.transaction():
            earlier(world)
    browser = world.browser("ada")
    shown = look(browser, words)
    assert look(browser, words) == shown

    with db.transaction():
        write(world)
    then = look(browser, words)
    forget(app)

    assert then == look(browser, words)
    if name != "a comment":
        # It is found, and not shown.
        assert then != shown


@pytest.mark.parametrize("words", ["chart", "merge", '"had tried"', "chart -merge"])
def test_what_was_found_is_not_looked_for_again(
    any_database: str, world: World, count_queries: Counting, words: str
) -> None:
    save(REPORT)
    reader, other = world.browser("cy"), world.browser("cy")
    look(reader, words)

    with count_queries() as asked:
        look(other, words)

    # Who asks, whether anything is restricted, whether anything was written, and the inbox.
    assert len([one for one in asked if one.startswith(("SELECT", "WITH"))]) <= 4


def test_what_is_restricted_is_found_by_the_named_alone(app: Flask, world: World) -> None:
    save(REPORT)
    with db.transaction():
        restricted("ada")(world)

    for _ in range(2):
        assert "had tried" in look(world.browser("ada"), "chart")
        for name in ("cy", "ben"):
            assert "Nothing found" in look(world.browser(name), "chart")
    assert "had tried" not in repr(vars(app.extensions["kept_parts"]))


def test_what_is_due_is_overdue_the_day_after(world: World, clock: Clock) -> None:
    save(REPORT)
    clock.set(datetime(2026, 5, 1, 23, 59, tzinfo=UTC))
    browser = world.browser()
    assert "Nothing found" in look(browser, "is:overdue")

    clock.advance(minutes=2)

    assert "AI-1" in look(browser, "is:overdue")


def test_a_wrong_query_is_refused_each_time(app: Flask, world: World) -> None:
    browser = world.browser()

    for _ in range(2):
        answer = browser.get("/search?q=severity:9")
        assert answer.status_code == 422
        assert "is none of SEV1" in answer.text


def test_of_what_is_long_a_digest_is_kept(app: Flask, world: World) -> None:
    text = "Nobody had tried the chart. " * 2_000
    items = Section("Action items", (Item("Name the target."),))
    save(replace(REPORT, sections=(Section("Summary", (Prose(text),)), items)))
    browser = world.browser()

    shown = look(browser, "tried")
    assert look(browser, "tried") == shown
    kept = repr(vars(app.extensions["kept_parts"]))
    assert "FROM search_entries" in kept
    assert "tried the chart. Nobody had tried the chart. Nobody had" not in kept
    with db.transaction():
        edited(sections=(Section("Summary", (Prose(f"Or tried it: {text}"),)), items))(world)
    assert "Or <mark>tried</mark> it" in look(browser, "tried")
