"""Touched items are restated once, by the unit of work itself, as it ends or before it shows them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.errors import Conflict
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.models import Drill, ItemProtection
from postmortems.gate.protection import operations as protection_operations
from postmortems.gate.protection import queries as protection_queries
from postmortems.gate.tallies import recount
from postmortems.guards.models import Guard
from postmortems.incidents import rows
from postmortems.incidents.models import ActionItem, Incident
from postmortems.search.models import SearchEntry
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BEN
from tests.incidents.documents import FOUNDING, SYSTEM, stored, with_item
from tests.runtimes import VAULT
from tests.world import World

TOUCHES: list[tuple[str, Callable[[str, list[int]], None]]] = [
    ("by ids", lambda slug, items: protection_operations.touch(items=items, actor=ADA)),
    ("by incident", lambda slug, items: protection_operations.touch(incidents=[slug, ""], actor=ADA)),
    ("by guard", lambda slug, items: protection_operations.touch(guards=["target-confirmed"], actor=ADA)),
]


@pytest.fixture
def told(any_database: str, clock: Clock) -> str:
    """The founding story, all three items proven; the value is the incident's slug."""
    return founding.tell(clock.now())


def disable(slug: str = "target-confirmed") -> None:
    """Behind the gate's back: nothing is touched by it."""
    session().execute(update(Guard).where(Guard.slug == slug).values(is_enabled=False))


def items() -> list[int]:
    return list(session().scalars(select(ActionItem.id).order_by(ActionItem.number)))


def protections() -> list[str]:
    with db.reading():
        wanted = select(ItemProtection.protection).order_by(ItemProtection.item_id)
        return list(session().scalars(wanted))


@pytest.mark.parametrize("touch", [row[1] for row in TOUCHES], ids=[row[0] for row in TOUCHES])
def test_an_operation_that_only_touches_leaves_the_right_protection(
    told: str, touch: Callable[[str, list[int]], None]
) -> None:
    with db.transaction():
        disable()
        touch(told, items())

    assert protections() == ["proven", "proven", "regressed"]


def test_what_is_not_touched_stays_as_it_was_stored(told: str) -> None:
    with db.transaction():
        disable()
        protection_operations.touch(incidents=["there-is-none"], guards=["lab-hours"], actor=ADA)

    assert protections() == ["proven"] * 3


def test_two_touches_restate_once(told: str, count_queries: Any) -> None:
    counts = []
    for times in (1, 2, 20):
        with count_queries() as statements, db.transaction():
            wanted = items()
            for _ in range(times):
                protection_operations.touch(items=wanted, actor=ADA)
        counts.append(len(statements))

    assert counts == counts[:1] * 3


def test_a_unit_that_is_taken_back_leaves_nothing(told: str) -> None:
    def fails() -> None:
        with db.transaction():
            disable()
            protection_operations.touch(items=items(), actor=ADA)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with db.transaction():
        disable("staging-online")

    assert protections() == ["proven"] * 3


def test_an_item_that_is_gone_by_the_end_is_left_out(told: str) -> None:
    with db.transaction():
        protection_operations.touch(items=[*items(), 4711], actor=ADA)

    assert protections() == ["proven"] * 3


def test_readers_in_the_same_unit_see_what_was_touched(told: str) -> None:
    with db.transaction():
        disable()
        protection_operations.touch(items=items(), actor=ADA)
        (_, _, last) = items()
        assert protection_queries.of_items([last])[last].protection == "regressed"


def test_a_done_item_is_opened_once_and_by_whose_act(told: str) -> None:
    with db.transaction():
        save_incident.edit_item("AI-3", {"status": "done", "outcome": "a guard"}, actor=ADA)
    with db.transaction():
        guard_changes.edit("target-confirmed", {"is_enabled": False}, None, actor=BEN, vault=VAULT)
        guard_changes.edit("target-confirmed", {"title": "Off"}, None, actor=ADA, vault=VAULT)

    with db.reading():
        assert session().scalar(select(ActionItem.status).where(ActionItem.number == 3)) == "open"
        (fall,) = [one for one in audit.of("item", "AI-3") if one.verb == "item.regressed"]
        assert fall.data["after"] == "ben (person)"
        assert fall.data["incident"] == session().scalar(select(Incident.slug))
        assert session().scalar(select(func.max(Incident.version))) == 3


@pytest.fixture
def done(world: World, clock: Clock) -> World:
    """The founding story in a whole application, AI-3 proven and done."""
    founding.tell(clock.now())
    with db.transaction():
        save_incident.edit_item("AI-3", {"status": "done", "outcome": "a guard"}, actor=world.ada)
    return world


def _answer(world: World, method: str, path: str, **words: Any) -> Any:
    assert world.app is not None
    headers = world.headers() | words.pop("headers", {})
    answer = world.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **words)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_answer_to_an_edited_item_tells_its_new_protection(done: World) -> None:
    answer = _answer(done, "PATCH", "/action-items/AI-3", json={"guards": []})
    assert (answer.json["protection"], answer.json["status"]) == ("regressed", "open")
    assert _answer(done, "GET", "/action-items/AI-3").json == answer.json


def test_the_row_of_an_edited_item_shows_its_new_protection(done: World) -> None:
    with db.transaction():
        disable()
    edit = {"owner": "@kim", "status": "done"}
    answer = done.browser().send("/action-items/AI-3/row", edit, headers={"HX-Request": "true"})
    assert "regressed" in answer.text


def test_the_answer_to_a_saved_incident_is_what_is_stored_then(done: World) -> None:
    slug = _answer(done, "GET", "/action-items/AI-3").json["incident"]["slug"]
    path, text = f"/incidents/{slug}", parser.write(with_item(stored(slug), "AI-3", guards=()))
    sent = {"Content-Type": "text/markdown", "If-Match": "*"}
    answer = _answer(done, "PUT", path, data=text, headers=sent)
    shown = _answer(done, "GET", path)
    assert (answer.json, answer.headers["ETag"]) == (shown.json, shown.headers["ETag"])
    assert answer.headers["ETag"] == '"4"'


@pytest.mark.parametrize(
    "method,path,body",
    [
        ("PATCH", "/guards/target-confirmed", {"title": "Off", "revision": 1}),
        ("POST", "/scenarios/1/drill", None),
    ],
)
def test_after_the_answer_the_items_are_restated(
    done: World, method: str, path: str, body: dict[str, Any] | None
) -> None:
    with db.transaction():
        disable()
    _answer(done, method, path, json=body)
    assert protections()[2] == "regressed"
    assert _answer(done, "GET", "/action-items/AI-3").json["status"] == "open"


def test_a_refusal_at_the_end_of_the_unit_is_answered_as_any(
    done: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_touched: object) -> None:
        raise Conflict("the item is held by somebody else")

    monkeypatch.setattr(protection_operations, "restate", refuses)
    answer = done.browser().send("/gate/scenarios/1/drill", {})
    assert answer.status_code == 409
    assert "held by somebody else" in answer.text
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Drill)) == 2


def test_of_a_new_incident_nothing_is_asked_that_cannot_be_there(
    any_database: str, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    founding.tell(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))

    with count_queries() as statements, db.transaction():
        save_incident.save(None, FOUNDING, version=None, actor=ADA)

    assert not [
        one for one in statements if "FROM search_entries" in one or "FROM standings" in one.split("WHERE")[0]
    ]
    assert any("INSERT INTO search_entries" in one for one in statements)
    assert any("INSERT INTO standings" in one for one in statements)


@pytest.mark.parametrize("is_begun_twice", [False, True])
def test_what_changes_again_in_the_unit_that_began_it_is_kept_once(
    any_database: str, is_begun_twice: bool
) -> None:
    with db.transaction():
        if is_begun_twice:
            savepoint = session().begin_nested()
            save_incident.save(None, FOUNDING, version=None, actor=SYSTEM)
            db.catch_up()
            savepoint.rollback()
        begun = save_incident.save(None, FOUNDING, version=None, actor=SYSTEM)
        db.catch_up()
        edited = replace(rows.to_document(begun), title="Told otherwise")
        save_incident.save(begun.slug, edited, version=1, actor=SYSTEM)
        protection_operations.touch(incidents=[begun.slug], actor=SYSTEM)

    with db.reading():
        kept = session().execute(select(SearchEntry.kind, SearchEntry.title).order_by(SearchEntry.kind)).all()
        assert [title for kind, title in kept if kind == "incident"] == ["Told otherwise"]
        assert len(kept) == 1 + len(FOUNDING.items)
        assert session().scalar(select(func.count()).select_from(ItemProtection)) == len(FOUNDING.items)
        assert list(recount.differences()) == []
