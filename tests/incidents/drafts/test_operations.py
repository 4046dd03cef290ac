"""Drafts: which save goes over which, how many there may be, who sees them, and when they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from postmortems import limits, visibility
from postmortems.accounts import operations as accounts
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Entry, Prose, Section
from postmortems.errors import Invalid, NotAllowed, NotFound
from postmortems.incidents import operations as incidents
from postmortems.incidents.drafts import draft_values, operations, queries, retention
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.drafts.operations import Mark, Typed, Unkept
from postmortems.incidents.models import Incident
from postmortems.visibility import Viewer
from tests.conftest import Clock
from tests.world import World

NAME, OTHER = "a" * 32, "b" * 32
DOCUMENT = Document(title="It broke", sections=(Section("Summary", (Prose("It did."),)),))


@pytest.fixture
def people(any_database: str, world: World, clock: Clock) -> World:
    return world


def saved(world: World, document: Document = DOCUMENT, slug: str | None = None) -> Incident:
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        return incidents.save(slug, document, version=None, actor=world.ada)


def typed(words: str, version: int = 0) -> Typed:
    values = draft_values.of_document(replace(DOCUMENT, title=words))
    return Typed(draft_values.content(values), words, version)


def kept(
    actor: Actor, words: str, mark: Mark, name: str = NAME, slug: str | None = None, version: int = 0
) -> str:
    """Keep a draft; its title as it then is."""
    with db.transaction(), visibility.seen_by(Viewer(actor.name)):
        return operations.save(name, slug, typed(words, version), mark, actor=actor).title


def mine(actor: Actor) -> list[str]:
    with db.reading(), visibility.seen_by(Viewer(actor.name)):
        return [draft.title for draft in queries.mine(actor)]


def remaining() -> int:
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        return session().scalar(select(func.count()).select_from(Draft)) or 0


@pytest.mark.parametrize(
    "mark, words, then",
    [
        (Mark("one", 2), "later", "later"),
        (Mark("one", 2, "whatever-1"), "later", "later"),
        (Mark("one", 1), "late", "first"),
        (Mark("one", 0), "late", "first"),
        (Mark("two", 1, "one-1"), "resumed", "resumed"),
        (Mark("two", 1), "first", "first"),
        (Mark("two", 1), "blind", "overtaken"),
        (Mark("two", 9, "one-0"), "blind", "overtaken"),
        (Mark("two", 1, "two-0"), "blind", "overtaken"),
    ],
)
def test_a_save_goes_over_what_it_knows_and_nothing_else(
    people: World, mark: Mark, words: str, then: str
) -> None:
    kept(people.ada, "first", Mark("one"))

    if then == "overtaken":
        with pytest.raises(Unkept) as refused:
            kept(people.ada, words, mark)
        assert refused.value.state == "overtaken"
        then = "first"
    else:
        kept(people.ada, words, mark)

    assert mine(people.ada) == [then]


@pytest.mark.parametrize("after", ["", "one-1"])
def test_what_ended_does_not_come_back(people: World, after: str) -> None:
    kept(people.ada, "typed", Mark("one"))
    incident = saved(people)
    with db.transaction():
        operations.end(NAME, incident, actor=people.ada)

    with pytest.raises(Unkept) as refused:
        kept(people.ada, "late", Mark("one", 2, after))

    assert refused.value.state == "ended"
    assert mine(people.ada) == []


def test_what_is_saved_before_it_was_ever_kept_is_not_kept_late(people: World) -> None:
    incident = saved(people)
    with db.transaction():
        operations.end(NAME, incident, actor=people.ada)

    with pytest.raises(Unkept):
        kept(people.ada, "late", Mark("one"))


def test_it_is_read_by_its_author_alone_and_is_no_event(people: World) -> None:
    incident = saved(people)
    with db.reading():
        before = session().scalar(select(func.count()).select_from(Event))
    kept(people.ada, "mine", Mark("one"), slug=incident.slug, version=1)

    assert (mine(people.ada), mine(people.ben)) == (["mine"], [])
    with db.reading(), visibility.seen_by(Viewer("ben")), pytest.raises(NotFound):
        queries.named(NAME, people.ben)
    with db.reading(), visibility.seen_by(Viewer("ada")):
        assert session().scalar(select(func.count()).select_from(Event)) == before
        assert session().get_one(Incident, incident.id).version == 1


def test_two_people_may_use_the_same_name(people: World) -> None:
    kept(people.ada, "hers", Mark("one"))
    kept(people.ben, "his", Mark("one"))

    assert (mine(people.ada), mine(people.ben)) == (["hers"], ["his"])


@pytest.mark.parametrize(
    "name, mark, slug, version, field",
    [
        ("", Mark("one"), False, 0, "/id"),
        ("A" * 32, Mark("one"), False, 0, "/id"),
        ("a" * 33, Mark("one"), False, 0, "/id"),
        (NAME, Mark(""), False, 0, "/tab"),
        (NAME, Mark("x" * 33), False, 0, "/tab"),
        (NAME, Mark("one", -1), False, 0, "/tab"),
        (NAME, Mark("one", 10**9 + 1), False, 0, "/tab"),
        (NAME, Mark("one"), False, 1, "/version"),
        (NAME, Mark("one"), True, 0, "/version"),
        (NAME, Mark("one"), True, 2, "/version"),
        (NAME, Mark("one"), True, 10**9, "/version"),
    ],
)
def test_what_cannot_be_kept_names_its_field(
    people: World, name: str, mark: Mark, slug: bool, version: int, field: str
) -> None:
    incident = saved(people)
    with pytest.raises(Invalid) as refused:
        kept(people.ada, "words", mark, name, incident.slug if slug else None, version)

    assert [wrong.pointer for wrong in refused.value.problems] == [field]


def test_neither_a_viewer_nor_the_service_keeps_drafts(people: World) -> None:
    for actor in (people.cy, people.system):
        with pytest.raises(NotAllowed):
            kept(actor, "words", Mark("one"))


def test_there_are_only_so_many_and_the_kept_ones_go_on(
    people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST", 2)
    kept(people.ada, "one", Mark("one"))
    kept(people.ada, "two", Mark("one"), OTHER)

    with pytest.raises(Unkept) as refused:
        kept(people.ada, "three", Mark("one"), "c" * 32)

    assert refused.value.state == "full"
    assert kept(people.ada, "more", Mark("one", 2)) == "more"
    assert kept(people.ben, "his", Mark("one")) == "his"


def test_they_are_only_so_long(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_BYTES", len(typed("x").content) + 20)
    kept(people.ada, "x", Mark("one"))
    with pytest.raises(Unkept):
        kept(people.ada, "y", Mark("one"), OTHER)
    with pytest.raises(Unkept):
        kept(people.ada, "x" * 40, Mark("one", 2))
    assert kept(people.ada, "", Mark("one", 2)) == ""

    monkeypatch.setattr(limits, "BODY", 10)
    with pytest.raises(Invalid):
        kept(people.ada, "z", Mark("one", 3))


def test_text_of_any_kind_comes_back_as_it_was(people: World) -> None:
    text = "שלום \u202eabc\u202c e\u0301 👩\u200d👩\u200d👧 \x00 \x07 ﷽ \u2028 end"
    values = draft_values.of_document(replace(DOCUMENT, sections=(Section("S", (Entry("14:30", text),)),)))
    with db.transaction():
        content = draft_values.content(values, text)
        operations.save(NAME, None, Typed(content, text), Mark("one"), actor=people.ada)

    with db.reading():
        found, message = draft_values.fields(queries.named(NAME, people.ada))
    assert (found["sections"][0]["blocks"][0]["text"], message) == (text, text)


def switch_off(world: World, clock: Clock) -> None:
    with db.transaction():
        accounts.change_user("ada", role="author", is_active=False, actor=world.ben)


def restrict_to_ben(world: World, clock: Clock) -> None:
    with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
        document = replace(DOCUMENT, restricted=("ben",))
        incidents.save("it-broke", document, version=None, actor=world.system)


def restrict_to_ada(world: World, clock: Clock) -> None:
    saved(world, replace(DOCUMENT, restricted=("ada",)), "it-broke")


def delete(world: World, clock: Clock) -> None:
    with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
        incidents.delete("it-broke", actor=world.system)


def wait(**span: int) -> Callable[[World, Clock], None]:
    return lambda _, clock: clock.advance(**span)


@pytest.mark.parametrize(
    "happens, left",
    [
        (wait(days=89), 1),
        (wait(days=91), 0),
        (switch_off, 0),
        (restrict_to_ben, 0),
        (restrict_to_ada, 1),
        (delete, 0),
    ],
)
def test_what_becomes_of_it(
    people: World, clock: Clock, happens: Callable[[World, Clock], None], left: int
) -> None:
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        slug = incidents.save(None, DOCUMENT, version=None, actor=people.ada, name="it-broke.md").slug
    assert slug == "it-broke"
    kept(people.ada, "typed", Mark("one"), slug=slug, version=1)

    happens(people, clock)
    if happens in (restrict_to_ben, delete):
        # At once for who looks; the row itself goes within the hour.
        assert mine(people.ada) == []
    retention.remove(clock.now())

    assert remaining() == left


def test_that_it_ended_is_known_for_a_day(people: World, clock: Clock) -> None:
    incident = saved(people)
    with db.transaction():
        operations.end(NAME, incident, actor=people.ada)
    clock.advance(hours=23)
    retention.remove(clock.now())
    assert remaining() == 1

    clock.advance(hours=2)
    retention.remove(clock.now())

    assert remaining() == 0
