"""Home, the report of process fixes and coverage are kept, and never out of date."""

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
from postmortems.document.model import Item, Section
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.scenarios import operations as scenarios
from postmortems.incidents import operations
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.comments import operations as comments
from tests.conftest import Clock
from tests.gate import founding
from tests.incidents.documents import save
from tests.runtimes import VAULT
from tests.web.kept.looks import OF_ONE_ANSWER, REPORT, SLUG, Write, edited, forget, item, restricted, sql
from tests.world import Browser, World

PROTECTED = (
    "INSERT INTO standings (item_id, protection, since, was_proven, why)"
    " SELECT id, 'guarded', opened_at, was, '' FROM action_items, (SELECT :no AS was) AS known"
)
Counting = Callable[[], AbstractContextManager[list[str]]]
API, ONE = "/api/v1/reports/process-fixes", "/api/v1/reports/process-fixes?service=hub"
HOME, FIXES, GROUPED = "/", "/reports/process-fixes", "/reports/process-fixes?group=owner"
COVERAGE, UNCOVERED = "/coverage", "/api/v1/coverage?coverage=uncovered"
GUARD = {"slug": "named", "title": "Named", "kind": "target", "config": {}, "targets": ["data8/prod"]}
SCENARIO = {"incident": SLUG, "name": "As it was", "kind": "bad", "description": "", "facts": founding.BAD}
FIX = Item("Name the target.", owner="@sam", due=date(2026, 5, 1), kind="process")
PROCESS = replace(REPORT, status="draft", sections=(Section("Action items", (FIX,)),))


def look(browser: Browser, path: str) -> str:
    return OF_ONE_ANSWER.sub("", browser.get(path).text)


def another(world: World) -> None:
    save_incident.save(None, replace(PROCESS, title="Another"), version=None, actor=world.ada)


def drilled(world: World) -> None:
    guard_changes.create(GUARD, actor=world.ada, vault=VAULT)
    scenarios.record(SCENARIO, actor=world.ada)


# By what is written: the page that is looked at, what was written before, and the write itself.
WRITES: dict[str, tuple[str, list[Write], Write]] = {
    "an item of the reader": (HOME, [], item(owner="@ada")),
    "an item's due date": (HOME, [item(owner="@ada")], item(due=date(2026, 1, 1))),
    "an item that is dropped": (HOME, [item(owner="@ada")], item(status="wont_do", reason="It is gone.")),
    "another incident": (HOME, [], another),
    "a draft that is published": (HOME, [], edited(status="published")),
    "a mention": (HOME, [], lambda world: comments.add(SLUG, "Look, @ada.", actor=world.ben)),
    "a review": (HOME, [], lambda world: approvals.ask(SLUG, ["ada"], actor=world.ben)),
    "a team": (
        HOME,
        [item(due=date(2026, 1, 1), owner="@ops")],
        lambda world: teams.create("ops", "Operations", {"ada": True}, actor=world.ben),
    ),
    "a title": (HOME, [], edited(title="A merge")),
    "what is restricted": (HOME, [], restricted("ben")),
    "the reader's role": (
        HOME,
        [],
        lambda world: accounts.change_user("ada", role="viewer", is_active=True, actor=world.ben),
    ),
    "a fix": (FIXES, [], another),
    "a fix's text": (FIXES, [], item(text="Name it twice.")),
    "a fix's owner": (FIXES, [], item(owner="@cy")),
    "a fix's due date": (FIXES, [], item(due=date(2026, 1, 1))),
    "a fix that is dropped": (FIXES, [], item(status="wont_do", reason="It is gone.")),
    "a fix's owner, in groups": (GROUPED, [], item(owner="@cy")),
    "the account of a fix's owner": (
        FIXES,
        [],
        lambda world: accounts.add_user("sam", "author", actor=world.ben),
    ),
    "a fix, as JSON": (API, [], another),
    "a fix's text, as JSON": (API, [], item(text="Name it twice.")),
    "its protection, as JSON": (API, [], sql(PROTECTED, no=False)),
    "the incident's services, as JSON": (ONE, [], edited(services=("data8/prod",))),
    "that the fix is for some, as JSON": (API, [], restricted("ben")),
    "the incident's services": (FIXES, [], edited(services=("hub",))),
    "its protection": (FIXES, [], sql(PROTECTED, no=False)),
    "that the fix is for some": (FIXES, [], restricted("ben")),
    "that the fix is for all": (FIXES, [restricted("ben")], restricted()),
    "what a guard would stop": (COVERAGE, [], drilled),
    "that the guard is off": (
        COVERAGE,
        [drilled],
        lambda world: guard_changes.edit("named", {"is_enabled": False}, None, actor=world.ada, vault=VAULT),
    ),
    "an uncovered incident": (COVERAGE, [], another),
    "the title of an uncovered incident": (COVERAGE, [], edited(title="A merge")),
    "that an uncovered incident is for some": (COVERAGE, [], restricted("ben")),
    "what a guard would stop, as JSON": (UNCOVERED, [], drilled),
    "an uncovered incident, as JSON": (UNCOVERED, [], another),
    "that the fix is gone": (FIXES, [], lambda world: operations.delete(SLUG, actor=world.ben)),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_shows_at_the_next_look(app: Flask, world: World, clock: Clock, name: str) -> None:
    path, before, write = WRITES[name]
    save(PROCESS)
    for earlier in before:
        with db.transaction():
            earlier(world)
    browser = world.browser("ada")
    shown = look(browser, path)
    assert look(browser, path) == shown

    with db.transaction():
        write(world)
    then = look(browser, path)
    forget(app)

    assert then == look(browser, path)
    assert then != shown


@pytest.mark.parametrize("path", [HOME, FIXES, API, COVERAGE, UNCOVERED])
def test_a_page_that_was_shown_asks_for_no_sums(world: World, count_queries: Counting, path: str) -> None:
    save(PROCESS)
    browser = world.browser()
    look(browser, path)

    with count_queries() as asked:
        look(browser, path)

    assert not [one for one in asked if "FROM tally_sums" in one]
    # Who asks, whether anything is restricted, the moment, what is theirs alone, and the inbox.
    assert len([one for one in asked if one.startswith(("SELECT", "WITH"))]) <= 6


@pytest.mark.parametrize("path", [HOME, FIXES, GROUPED, COVERAGE])
@pytest.mark.parametrize("hour", [0, 9, 23])
def test_but_for_the_moment_the_time_of_day_changes_nothing(
    app: Flask, world: World, clock: Clock, path: str, hour: int
) -> None:
    save(PROCESS)
    clock.set(datetime(2026, 4, 1, hour, 59, 30, tzinfo=UTC))
    browser = world.browser()
    look(browser, path)
    clock.advance(seconds=29)
    kept = look(browser, path)
    forget(app)

    assert kept == look(browser, path)
    assert (f"2026-04-01 {hour:02}:59:59 UTC" in kept) is (path in {FIXES, GROUPED})


def test_each_sees_their_own_home(world: World) -> None:
    save(PROCESS)
    with db.transaction():
        item(owner="@ada")(world)

    for _ in range(2):
        assert "Name the target." in look(world.browser("ada"), HOME)
        assert "Name the target." not in look(world.browser("cy"), HOME)


def test_restricted_fixes_are_counted_for_the_named_alone(world: World) -> None:
    save(PROCESS)
    with db.transaction():
        restricted("ada")(world)

    for _ in range(2):
        assert "Name the target." in look(world.browser("ada"), FIXES)
        for other in ("cy", "ben"):
            assert "Name the target." not in look(world.browser(other), FIXES)


def test_as_json_it_says_when_it_was_asked_for_and_is_known_by_the_rest(world: World, clock: Clock) -> None:
    save(PROCESS)
    clock.set(datetime(2026, 4, 1, 9, 30, tzinfo=UTC))
    browser = world.browser()
    first = browser.get(API)

    clock.advance(minutes=5)
    later = browser.get(API)
    known = browser.get(API, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.json["as_of"], later.json["as_of"]) == (
        "2026-04-01T09:30:00+00:00",
        "2026-04-01T09:35:00+00:00",
    )
    assert first.json | {"as_of": ""} == later.json | {"as_of": ""}
    assert first.headers["ETag"] == later.headers["ETag"]
    assert (known.status_code, known.data) == (304, b"")
    assert later.content_type == "application/json"
