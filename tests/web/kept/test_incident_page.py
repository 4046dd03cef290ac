"""An incident's page is kept, and never out of date: each write that changes it shows at the next look."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from postmortems.accounts import operations as accounts
from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Section
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.scenarios import operations as scenarios
from postmortems.guards import operations as guards
from postmortems.incidents import operations, queries, warnings
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.comments import operations as comments
from postmortems.incidents.comments import queries as comments_queries
from postmortems.incidents.items import owners
from tests.conftest import Clock
from tests.gate import founding
from tests.incidents.documents import FOUNDING, save
from tests.runtimes import VAULT
from tests.web.kept.looks import (
    OF_ONE_ANSWER,
    REPORT,
    SLUG,
    Write,
    edited,
    forget,
    item,
    restricted,
    sql,
    stored_now,
)
from tests.world import Browser, World

Counting = Callable[[], AbstractContextManager[list[str]]]

OF_ONE_SERVICE = replace(REPORT, services=("data8/prod",))
DRAFT = replace(REPORT, status="draft")
GUARD = {"slug": "named", "title": "Named", "kind": "target", "config": {}, "targets": ["data8/prod"]}
SCENARIO = {"incident": SLUG, "name": "As it was", "kind": "bad", "description": "", "facts": founding.BAD}


def look(browser: Browser) -> str:
    """The page as it is shown, without what differs from answer to answer."""
    answer = browser.get(f"/incidents/{SLUG}")
    return OF_ONE_ANSWER.sub("", answer.text) if answer.status_code == 200 else str(answer.status_code)


def said(**options: Any) -> Write:
    return lambda world: comments.add(SLUG, "Who tried it?", actor=world.cy, **options)


def comment_id() -> int:
    return comments_queries.of(queries.front(SLUG, founding.ADA))[0].id


def guarded(world: World) -> None:
    guard_changes.create(GUARD, actor=world.ada, vault=VAULT)
    save_incident.edit_item("AI-1", {"guards": ["named"]}, actor=world.ada)


def recorded(world: World) -> None:
    scenarios.record(SCENARIO, actor=world.ada)


def again(world: World) -> None:
    later = replace(FOUNDING, title="And again", date=date(2019, 1, 1), recurrence_of=SLUG)
    operations.save(None, later, version=None, actor=world.ada)


def team(world: World) -> None:
    teams.create("sam", "Sam and friends", {}, actor=world.ben)


def warned(world: World) -> None:
    edited(sections=(*stored_now().sections, Section("Timeline", (Entry("26:99", "At no time."),))))(world)


def dismissed(world: World) -> None:
    number = warnings.open_of(queries.front(SLUG, founding.ADA))[0].id
    warnings.dismiss(SLUG, number, actor=world.ada)


# By what is written: what the report is before, what was written before, and the write itself.
WRITES: dict[str, tuple[Document, list[Write], Write]] = {
    "the title": (REPORT, [], edited(title="A merge")),
    "the severity": (REPORT, [], edited(severity="SEV1")),
    "an entry": (REPORT, [], edited(sections=(Section("Timeline", (Entry("15:31", "A minute later."),)),))),
    "a tag": (REPORT, [], edited(tags=("deploys",))),
    "what it repeats": (REPORT, [], edited(recurrence_of="2017-01-01-the-first")),
    "that another repeats it": (REPORT, [], again),
    "that it is published": (DRAFT, [], edited(status="published")),
    "an item's text": (REPORT, [], item(text="Name it twice.")),
    "an item's owner": (REPORT, [], item(owner="@cy")),
    "an item's due date": (REPORT, [], item(due=date(2026, 1, 1))),
    "an item's status": (REPORT, [], item(status="in_progress")),
    "an item's evidence": (REPORT, [], item(evidence="https://example.com/proof")),
    "a guard of an item": (REPORT, [], guarded),
    "that its guard is off": (OF_ONE_SERVICE, [guarded], sql("UPDATE guards SET is_enabled = :no", no=False)),
    "that its guard is gone": (
        OF_ONE_SERVICE,
        [guarded],
        lambda world: guards.delete("named", actor=world.ben),
    ),
    "that a guard of another went": (
        REPORT,
        [guarded],
        sql("UPDATE standings SET protection = 'regressed', why = 'It failed.'"),
    ),
    "a scenario with its drill": (REPORT, [guarded], recorded),
    "what a drill found": (
        REPORT,
        [guarded, recorded],
        sql("UPDATE drills SET decision = 'wait', is_as_expected = :yes", yes=True),
    ),
    "a comment": (REPORT, [], said()),
    "a comment on the item": (REPORT, [], said(part="AI-1")),
    "a second comment": (REPORT, [said()], said()),
    "a comment's words": (
        REPORT,
        [said()],
        lambda world: comments.edit(SLUG, comment_id(), "Nobody did.", actor=world.cy),
    ),
    "that a comment is settled": (
        REPORT,
        [said()],
        lambda world: comments.resolve(SLUG, comment_id(), is_resolved=True, actor=world.ada),
    ),
    "that a comment is gone": (
        REPORT,
        [said()],
        lambda world: comments.delete(SLUG, comment_id(), actor=world.cy),
    ),
    "who is asked for a review": (DRAFT, [], lambda world: approvals.ask(SLUG, ["cy"], actor=world.ada)),
    "an approval": (
        DRAFT,
        [lambda world: approvals.ask(SLUG, ["cy"], actor=world.ada)],
        lambda world: approvals.approve(SLUG, actor=world.cy),
    ),
    "that no report is written": (
        DRAFT,
        [],
        lambda world: approvals.skip(SLUG, "It is the same as before.", actor=world.ada),
    ),
    "how many have to approve": (
        DRAFT,
        [],
        sql(
            "INSERT INTO publish_rules (severity, approvals, due_days, required_fields, required_sections)"
            " VALUES ('SEV2', 2, 3, '[]', '[]')"
        ),
    ),
    "what looks odd": (REPORT, [], warned),
    "that it looks odd no more": (REPORT, [warned], dismissed),
    "an owner's account": (REPORT, [], lambda world: accounts.add_user("sam", "author", actor=world.ben)),
    "that an owner left": (
        REPORT,
        [lambda world: accounts.add_user("sam", "author", actor=world.ben)],
        lambda world: accounts.change_user("sam", role="author", is_active=False, actor=world.ben),
    ),
    "a team of an owner's name": (REPORT, [], team),
    "an owner's other name": (
        REPORT,
        [lambda world: accounts.add_user("zoe", "author", actor=world.ben)],
        lambda world: teams.name_owner("sam", account="zoe", actor=world.ben),
    ),
    "a commenter's new name": (
        REPORT,
        [said()],
        lambda world: owners.rename_account("cy", "cyrus", actor=world.ben),
    ),
    "the target that was hit": (
        REPORT,
        [sql("DELETE FROM targets")],
        lambda world: guards.save_service("data8", "Data 8", ["prod"], actor=world.ben),
    ),
    "the reader's role": (
        REPORT,
        [],
        lambda world: accounts.change_user("ada", role="viewer", is_active=True, actor=world.ben),
    ),
    "what came in the reader's inbox": (
        REPORT,
        [],
        lambda world: comments.add(SLUG, "Look, @ada.", actor=world.ben),
    ),
    "that it is for some alone": (REPORT, [], restricted("ben", "ada")),
    "that it is not for the reader": (REPORT, [], restricted("ben")),
    "that it is for all again": (REPORT, [restricted("ada")], restricted()),
    "that it is gone": (REPORT, [], lambda world: operations.delete(SLUG, actor=world.ben)),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_shows_at_the_next_look(app: Flask, world: World, clock: Clock, name: str) -> None:
    report, before, write = WRITES[name]
    save(report)
    for earlier in before:
        with db.transaction():
            earlier(world)
    browser = world.browser("ada")
    shown = look(browser)
    assert look(browser) == shown

    with db.transaction():
        write(world)
    then = look(browser)
    forget(app)

    assert then == look(browser)
    assert then != shown


def test_a_page_that_was_shown_is_not_made_again(
    any_database: str, world: World, count_queries: Counting
) -> None:
    save(REPORT)
    reader, another = world.browser("cy"), world.browser("cy")
    look(reader)

    with count_queries() as asked:
        look(another)

    # Who asks, a glance, whether anything is restricted, whether anything was written, and the inbox.
    assert len([one for one in asked if one.startswith(("SELECT", "WITH"))]) <= 5


def test_whoever_has_the_same_role_is_shown_the_same_with_a_token_of_their_own(world: World) -> None:
    save(REPORT)
    with db.transaction():
        accounts.add_user("eve", "viewer", actor=world.ben)
    cy, eve = (world.browser(name).get(f"/incidents/{SLUG}").text for name in ("cy", "eve"))

    assert OF_ONE_ANSWER.sub("", cy).replace("<strong>cy<", "<strong>eve<") == OF_ONE_ANSWER.sub("", eve)
    for page in (cy, eve):
        tokens = set(re.findall(r'name="csrf_token" value="([^"]*)"', page))
        assert tokens == set(re.findall(r'name="csrf-token" content="([^"]*)"', page))
        assert len(set(re.findall(r'name="written_by" value="([^"]*)"', page))) == 1
    assert set(re.findall(r'name="written_by" value="([^"]*)"', cy)).isdisjoint(
        re.findall(r'name="written_by" value="([^"]*)"', eve)
    )


@pytest.mark.parametrize("name", ["cy", "ada", "ben"])
def test_each_role_and_commenter_is_offered_what_is_theirs(app: Flask, world: World, name: str) -> None:
    save(REPORT)
    with db.transaction():
        comments.add(SLUG, "Who tried it?", actor=world.cy)
    for other in ("cy", "ada", "ben"):
        look(world.browser(other))

    shown = look(world.browser(name))
    forget(app)

    assert shown == look(world.browser(name))


def test_how_long_ago_it_was_is_told_as_of_now(world: World, clock: Clock) -> None:
    save(REPORT)
    browser = world.browser()
    assert "just now</time>" in look(browser)

    clock.advance(hours=3)

    assert "3 hours ago</time>" in look(browser)
    assert "just now</time>" not in look(browser)


def test_what_is_due_is_overdue_the_day_after(world: World, clock: Clock) -> None:
    save(REPORT)
    clock.set(datetime(2026, 5, 1, 23, 59, tzinfo=UTC))
    browser = world.browser()
    assert 'class="overdue"' not in look(browser)

    clock.advance(minutes=2)

    assert 'class="overdue"' in look(browser)


def test_nothing_restricted_is_kept_in_the_process(app: Flask, world: World) -> None:
    save(REPORT)
    with db.transaction():
        restricted("ada")(world)

    assert "Nobody had tried" in look(world.browser("ada"))

    assert look(world.browser("cy")) == "404"
    assert "Nobody had tried" not in repr(vars(app.extensions["kept_parts"]))


def test_what_repeats_it_is_told_to_whom_it_is_shown_alone(world: World) -> None:
    save(REPORT)
    save(replace(FOUNDING, title="A secret", recurrence_of=SLUG, restricted=("ada",)))

    for name, is_told in {"ada": True, "cy": False}.items():
        for _ in range(2):
            assert ("It happened again" in look(world.browser(name))) is is_told
