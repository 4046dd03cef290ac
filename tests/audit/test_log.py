"""Admins find in the audit log what they look for, and learn of restricted incidents only that they are."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from postmortems.actor import Actor
from postmortems.audit import log
from postmortems.audit import operations as audit
from postmortems.audit.log import Filters
from postmortems.db import session as db
from tests.audit.trail import ADA, do, write
from tests.conftest import Clock
from tests.world import World

SOME = (
    ("ada", "item.closed", "AI-3", {"incident": "a-fall", "evidence": 'said "so"'}),
    ("ben", "item.edited", "AI-3", {"fields": ["due"]}),
    ("ada", "incident.saved", "a-fall", {"message": "Straße, 100 % and_more"}),
    ("ada", "items.counted", "all", {}),
)


@pytest.fixture
def some(any_database: str, clock: Clock) -> None:
    """One event a day, from 2 March 2026 on."""
    for actor, verb, subject, data in SOME:
        with db.transaction():
            by = Actor("person", actor, "editor", user_id=1)
            audit.record(by, verb, verb.partition(".")[0], subject, **data)
        clock.advance(days=1)


def found(filters: Filters) -> list[str]:
    with db.reading():
        return [event.verb for event in log.page(filters).events]


@pytest.mark.parametrize(
    "filters, verbs",
    [
        (Filters(), ["items.counted", "incident.saved", "item.edited", "item.closed"]),
        (Filters(actor="ben"), ["item.edited"]),
        (Filters(actor="be"), []),
        (Filters(verb="item.closed"), ["item.closed"]),
        (Filters(verb="item.*"), ["item.edited", "item.closed"]),
        (Filters(verb="item"), []),
        (Filters(verb="*"), []),
        (Filters(subject="AI-3", actor="ada"), ["item.closed"]),
        (Filters(since=date(2026, 3, 4)), ["items.counted", "incident.saved"]),
        (Filters(until=date(2026, 3, 3)), ["item.edited", "item.closed"]),
        (Filters(since=date(2026, 3, 3), until=date(2026, 3, 3)), ["item.edited"]),
        (Filters(since=date(2027, 1, 1)), []),
        (Filters(until=date(2020, 1, 1)), []),
        (Filters(until=date.max), ["items.counted", "incident.saved", "item.edited", "item.closed"]),
        (Filters(q="A-FALL"), ["incident.saved", "item.closed"]),
        (Filters(q="Straße"), ["incident.saved"]),
        (Filters(q='"so"'), ["item.closed"]),
        (Filters(q="100 %"), ["incident.saved"]),
        (Filters(q="0 % a"), ["incident.saved"]),
        (Filters(q="d_m"), ["incident.saved"]),
        (Filters(q="s_c"), []),
        (Filters(q="'; DROP TABLE events"), []),
    ],
)
def test_what_is_asked_for_is_found(some: None, filters: Filters, verbs: list[str]) -> None:
    assert found(filters) == verbs


def test_words_are_looked_for_some_events_at_a_time(
    any_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LOOKED_THROUGH", 10)
    with db.transaction():
        audit.record(ADA, "item.closed", "item", "AI-3", evidence="a needle")
    write(25)
    with db.reading():
        pages = [log.page(Filters(q="needle"))]
        while pages[-1].more is not None:
            pages.append(log.page(Filters(q="needle"), before=pages[-1].more))

    assert [len(page.events) for page in pages] == [0, 0, 1]


INDEXES = {
    "ix_events_actor_id": Filters(actor="gil"),
    "ix_events_verb_id": Filters(verb="rare.thing"),
    "ix_events_subject_id": Filters(subject="one-rare"),
}


def test_each_filter_has_its_index(any_database: str, count_queries: Any) -> None:
    write(3_000, random.Random(1))
    with db.transaction():
        do("UPDATE events SET actor = 'gil', verb = 'rare.thing', subject = 'one-rare' WHERE id = 7")
        do("ANALYZE")
    for index, filters in INDEXES.items():
        with db.reading() as session:
            statement = log.wanted(filters, 1, 3_001)
            sql = str(statement.compile(session.bind, compile_kwargs={"literal_binds": True}))
            explain = "EXPLAIN QUERY PLAN " if "sqlite" in any_database else "EXPLAIN "
            plan = "\n".join(str(row) for row in session.execute(text((explain + sql).replace(":", "\\:"))))
        # On PostgreSQL each part of the table has its own of it.
        of_a_part = index.replace("ix_events_", "events_rest_") + "_idx"
        assert (index if "sqlite" in any_database else of_a_part) in plan, plan


def test_a_page_costs_the_same_statements_however_long_the_log_is(
    app: Flask, world: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    browser, client = world.browser("ben"), app.test_client()

    def cost(path: str) -> int:
        with count_queries() as statements:
            assert browser.get(f"/settings/audit{path}").status_code == 200
            assert client.get(f"/api/v1/audit{path}", headers=world.headers("ben")).status_code == 200
        return len(statements)

    paths = ("", "?actor=ada&verb=item.*", "?q=one&since=2020-01-01", "?subject=one-1")
    write(10)
    cost("")  # That the token was used is noted once a minute.
    few = [cost(path) for path in paths]
    write(1_000)

    assert [cost(path) for path in paths] == few


@pytest.mark.parametrize(
    "query, field",
    [("since=x", "since"), ("until=2018-13-01", "until"), ("q=" + "a" * 101, "q"), ("limit=0", "limit")],
)
def test_what_cannot_be_asked_is_told_at_its_field(app: Flask, world: World, query: str, field: str) -> None:
    answer = app.test_client().get(f"/api/v1/audit?{query}", headers=world.headers("ben"))

    assert answer.status_code == 422
    assert field in answer.text


@pytest.mark.parametrize(
    "query",
    ["since=x", "until=2018-13-01", "q=" + "a" * 101, "since=2020-01-02&until=2020-01-01", "actor=%00"],
)
def test_a_page_that_cannot_be_asked_for_says_so(world: World, query: str) -> None:
    answer = world.browser("ben").get(f"/settings/audit?{query}")

    assert answer.status_code == 422
    assert "f-" + ("until" if "&" in query else query.partition("=")[0]) in answer.text


def test_only_admins_ask(app: Flask, world: World) -> None:
    client = app.test_client()
    for name in ("ada", "cy"):
        assert client.get("/api/v1/audit", headers=world.headers(name)).status_code == 403
    narrow = {"Authorization": f"Bearer {world.token('ben', 'read')}"}
    assert client.get("/api/v1/audit", headers=narrow).status_code == 403


def test_filters_stay_from_page_to_page(world: World) -> None:
    write(120)
    browser, path, seen = world.browser("ben"), "/settings/audit?verb=item.*", 0
    while path:
        page = browser.get(path).text
        seen += page.count('data-label="When"')
        path = (
            page.partition('rel="next"')[0].rpartition('<a href="')[2].partition('"')[0]
            if 'rel="next"' in page
            else ""
        )
        path = path.replace("&amp;", "&")

    with db.reading():
        assert seen == len(log.page(Filters(verb="item.*"), limit=200).events)
    assert seen > 25
