"""Notes and chat commands: what is remembered of them, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from postmortems.capture import chat_commands, operations
from postmortems.capture.models import ChatCommand, NoteKey
from postmortems.capture.notes import Note
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import operations as incidents
from postmortems.incidents import queries, rows
from postmortems.jobs import batches
from tests.conftest import Clock
from tests.world import World

TEXT = "---\ntitle: Hub down\n---\n\n## Timeline\n\n### 2026-03-02 08:50 UTC - down\n"


def begun(world: World) -> str:
    with db.transaction():
        return save_incident.save(None, parser.parse(TEXT), version=None, actor=world.ada).slug


@pytest.mark.usefixtures("any_database")
def test_old_keys_and_requests_are_forgotten_and_young_ones_stay(world: World, clock: Clock) -> None:
    slug = begun(world)
    for key in ("old", "young"):
        with db.transaction():
            operations.append(slug, Note(key), actor=world.ada, key=key)
            chat_commands.remember(key)
        clock.advance(days=40)

    before = clock.now() - timedelta(days=60)
    counts = [batches.walk(forget, before) for forget in (operations.forget, chat_commands.forget)]

    with db.reading():
        left = [*session().scalars(select(NoteKey.key)), *session().scalars(select(ChatCommand.digest))]
    assert counts == [1, 1]
    assert left == ["young", "young"]


@pytest.mark.usefixtures("any_database", "clock")
def test_an_incident_that_is_deleted_takes_its_keys_along(world: World) -> None:
    slug = begun(world)
    with db.transaction():
        operations.append(slug, Note("x"), actor=world.ada, key="k")

    with db.transaction():
        incidents.delete(slug, actor=world.ben)

    with db.reading():
        assert session().scalars(select(NoteKey)).all() == []


@pytest.mark.usefixtures("clock")
def test_a_key_of_an_entry_that_was_taken_out_says_so(world: World) -> None:
    slug = begun(world)
    with db.transaction():
        operations.append(slug, Note("x"), actor=world.ada, key="k")
        save_incident.save(slug, parser.parse(TEXT), version=None, actor=world.ada)

    with pytest.raises(NotFound, match="taken out since"), db.transaction():
        operations.append(slug, Note("x"), actor=world.ada, key="k")


@pytest.mark.usefixtures("any_database", "clock")
def test_the_fortieth_entry_costs_no_more_statements_than_the_tenth(
    world: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    slug = begun(world)
    counts = []
    for number in range(40):
        with db.transaction(), count_queries() as statements:
            operations.append(slug, Note(f"note {number}"), actor=world.ada)
        counts.append(len(statements))

    with db.reading():
        document = rows.to_document(queries.by_slug(slug, world.ada))
    assert [entry.text for entry in document.entries[1:]] == [f"note {number}" for number in range(40)]
    assert max(counts[20:]) <= max(counts[5:10])


REFUSALS: list[tuple[Exception, str]] = [
    (Invalid("wrong"), "wrong"),
    (NotFound("none"), "none"),
    (NotAllowed("not you"), "not you"),
    (Conflict("it changed"), "it changed"),
    (StaleDataError("1 row"), chat_commands.OVERTAKEN),
    (IntegrityError("INSERT", {}, Exception()), chat_commands.OVERTAKEN),
]


@pytest.mark.usefixtures("any_database", "world")
@pytest.mark.parametrize("refusal, told", REFUSALS, ids=lambda each: type(each).__name__)
def test_what_is_refused_is_told_in_words_and_taken_once(refusal: Exception, told: str) -> None:
    """A chat shows no other answer than one of success."""

    def act() -> str:
        raise refusal

    assert chat_commands.carried_out("once", act, lambda refused: refused.detail) == told
    with pytest.raises(chat_commands.Taken):
        chat_commands.carried_out("once", lambda: "done", lambda refused: refused.detail)
