"""What an edit of one entry writes, however long its incident is; and that all that is kept agrees."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Table, delete, select

from postmortems import visibility
from postmortems.accounts import operations as accounts
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import front_matter, parser
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.document.times import timeline_times
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import operations, queries, rows, search_entries, warnings
from postmortems.incidents.models import Incident
from postmortems.incidents.warnings import IncidentWarning
from postmortems.search.models import SearchEntry
from tests.incidents.documents import stored
from tests.statements import counted, rows_written

ADA = Actor(kind="person", name="ada", role="author")
FRONT = Document("A long night", date(2024, 5, 6), "Europe/Berlin", services=("bench",))
# An edit of one entry: the version before is packed, and what search finds of the incident is put anew.
ROWS_OF_AN_EDIT = {
    "UPDATE entries": 1,
    "UPDATE incidents": 1,
    "INSERT revisions": 1,
    "UPDATE revisions": 1,
    "INSERT events": 1,
    "DELETE search_entries": 1,
    "INSERT search_entries": 1,
}


# Six read the parts that are stored, one begins on SQLite.
MOST_STATEMENTS = 22
# What a new incident has first rows in, and whoever works something out of it knows them.
ITS_OWN = {"sections", "prose", "entries", "categories", "revisions", "search_entries", "tallies"}


def document(entries: int, items: int) -> Document:
    timeline = tuple(Entry(f"{8 + n // 30:02}:{n % 30 * 2:02}", f"Step {n} is done.") for n in range(entries))
    asked = tuple(
        Item(f"Let step {n} ask somebody first.", owner="@kai", status="open") for n in range(items)
    )
    sections = (
        Section("Summary", (Prose("It was long."),)),
        Section("Timeline", timeline),
        Section("Action items", (Category("Process"), *asked)),
    )
    return replace(FRONT, sections=sections)


def begun(entries: int, items: int) -> str:
    """The slug of a new incident whose first entry was edited before."""
    with db.transaction():
        slug = save_incident.save(None, document(entries, items), version=None, actor=ADA).slug
    say(slug, "Edited.")
    return slug


def saying(slug: str, text: str) -> Document:
    """The document with another text in its first entry."""
    said = stored(slug)
    summary, timeline, items = said.sections
    blocks = (replace(timeline.entries[0], text=text), *timeline.blocks[1:])
    sections = (summary, replace(timeline, blocks=blocks), items)
    return replace(said, sections=sections)


def say(slug: str, text: str) -> None:
    """Edit the first entry."""
    edited = saying(slug, text)
    with db.transaction():
        save_incident.save(slug, edited, version=None, actor=ADA)


def test_an_edit_of_one_entry_writes_one_row_of_each_sort(any_database: str) -> None:
    slug = begun(entries=300, items=100)

    with rows_written() as written:
        say(slug, "Edited once more.")

    moved = written.pop("INSERT versions", 0)
    assert written == ROWS_OF_AN_EDIT
    assert moved <= 1


def test_an_edit_takes_as_many_statements_in_a_long_incident_as_in_a_short_one(any_database: str) -> None:
    counts = []
    for entries, items in ((10, 3), (300, 100)):
        slug = begun(entries, items)
        edited = saying(slug, "Edited once more.")
        with counted() as statements, db.transaction():
            save_incident.save(slug, edited, version=None, actor=ADA)
        counts.append(len(statements))

    assert counts[0] == counts[1] <= MOST_STATEMENTS


def test_a_new_document_is_written_as_it_came_and_with_its_ids_and_its_times_are_read_once(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What reads it back, stores it and answers it gets documents of their own, which say the same."""
    written, read = [], []
    write, read_section = front_matter.write, timeline_times._timeline
    monkeypatch.setattr(front_matter, "write", lambda *of: written.append(of) or write(*of))
    monkeypatch.setattr(timeline_times, "_timeline", lambda *of: read.append(of) or read_section(*of))
    new = replace(document(10, 3), title="Written twice")

    with db.transaction():
        incident = save_incident.save(None, new, version=None, actor=ADA)
        again = rows.to_document(incident)
        assert parser.write(again) == queries.revision(incident, 1).text
        timeline_times.read_entries(again, name=incident.slug)

    assert len(written) == 2
    assert len(read) == len(new.sections)


def everything(table: Table, *left_out: str) -> list[tuple[Any, ...]]:
    columns = [column for column in table.columns if column.name not in left_out]
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        return sorted(map(tuple, db.rows(select(*columns))), key=repr)


def edited(said: Document, dice: random.Random) -> Document:
    """The document with something changed as people change it."""
    summary, timeline, items = said.sections
    at, text = dice.randrange(len(timeline.blocks)), f"Said {dice.random()} at 12:30, TODO"
    told = dice.choice(
        (text, "12:40 a line of its own", f"Plain words {dice.random()}", "- a list\n- of two")
    )
    entry, item = timeline.blocks[at], items.items[0]
    assert isinstance(entry, Entry)
    before, behind = timeline.blocks[:at], timeline.blocks[at + 1 :]
    category, asked = items.blocks[0], items.items
    fronts = (
        {"title": text}, {"severity": dice.choice(("SEV1", "SEV2"))}, {"tags": (dice.choice("abc"),)}
    )  # fmt: skip
    timelines = (
        (*before, replace(entry, text=told), *behind),
        (*timeline.blocks, Entry("19:00", told)),
        (*before, *behind) or timeline.blocks,
        tuple(reversed(timeline.blocks)),
    )
    lists = (
        (category, *asked, Item(text, due=date(2026, 1, 1))),
        (Category(dice.choice(("Process", "Technical"))), *asked),
        (category, replace(item, owner="@sam", status="in_progress", text=told), *asked[1:]),
        (category, *asked[1:], item),
        (category, *(asked[1:] or asked)),
    )
    sections = (
        (replace(summary, blocks=(Prose(told),)), timeline, items),
        (summary, replace(timeline, blocks=dice.choice(timelines)), items),
        (summary, timeline, replace(items, blocks=dice.choice(lists))),
    )
    changes = (dice.choice(fronts), *({"sections": each} for each in sections))
    return replace(said, **dice.choice(changes))


@pytest.mark.parametrize("seed", range(2))
def test_what_is_kept_beside_an_incident_is_what_is_worked_out_anew(any_database: str, seed: int) -> None:
    dice, slug = random.Random(seed), begun(entries=4, items=2)
    for _ in range(25):
        wanted = edited(stored(slug), dice)
        with db.transaction():
            save_incident.save(slug, wanted, version=None, actor=ADA)
        entries, warned = SearchEntry.__table__, IncidentWarning.__table__
        assert isinstance(entries, Table)
        assert isinstance(warned, Table)
        kept = everything(entries), everything(warned, "id")

        with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
            incident = session().scalars(select(Incident).where(Incident.slug == slug)).one()
            said, text = rows.to_document(incident), queries.revision(incident, incident.version).text
            for table in (entries, warned):
                session().connection().execute(delete(table))
            session().expire_all()
            warnings.restate(incident, said, text)
            search_entries.put(session().connection(), [incident.id])

        assert (everything(entries), everything(warned, "id")) == kept


TITLED = document(2, 0)
NEW: dict[str, Document] = {
    "without items": TITLED,
    "a draft with tags that few may see": replace(
        document(1, 1), status="draft", tags=("dns", "b"), severity="SEV1", restricted=("ada",)
    ),
    "items in two sections, with all that they say": replace(
        TITLED,
        sections=(
            Section("Action items", (Category("Process"), Item("Ask first.", guards=("two-reviewers",)))),
            *TITLED.sections,
            Section(
                "Later",
                (
                    Category("Technical"),
                    Item(
                        "Buy a **second** proxy.\n\nNot a third.",
                        owner="@kai",
                        team="Platform",
                        due=date(2026, 1, 1),
                        status="in_progress",
                        tickets=("https://example.org/1", "#7"),
                        done_when="It runs.",
                    ),
                    Item("Sleep.", status="wont_do", reason="Nobody can."),
                ),
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", ["", "2024-05-06-night.md"], ids=["written here", "a file's"])
@pytest.mark.parametrize("new", NEW.values(), ids=NEW)
@pytest.mark.parametrize("more", ["", "edited in the same unit"])
def test_what_is_found_of_a_new_incident_is_what_is_read_of_its_rows(
    any_database: str, new: Document, name: str, more: str
) -> None:
    entries = SearchEntry.__table__
    assert isinstance(entries, Table)
    with db.transaction():
        accounts.add_user("ada", "author", actor=Actor.system("test"))
    with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
        incident = save_incident.save(None, new, version=None, actor=ADA, name=name)
        if more:
            asked = Section("Follow-ups", (Category("Process"), Item("Write it down.")))
            said = replace(rows.to_document(incident), tags=("another",))
            wanted = replace(said, sections=(*said.sections, asked))
            save_incident.save(incident.slug, wanted, version=None, actor=ADA)
    kept = everything(entries)

    with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
        found = session().scalars(select(Incident)).one()
        session().connection().execute(delete(entries))
        count = search_entries.put(session().connection(), [found.id])

    assert len(kept) == count == 1 + len(new.items) + bool(more)
    assert everything(entries) == kept


def test_a_new_incident_asks_nothing_about_what_it_just_stored(any_database: str) -> None:
    begun(entries=1, items=1)
    new = replace(document(10, 3), title="Another night", status="published")
    with counted() as statements, db.transaction():
        save_incident.save(None, new, version=None, actor=ADA)

    asked = [word for one in statements if one.startswith("SELECT") for word in one.split()]
    assert "incidents" in asked, "whether its slug is free"
    assert ITS_OWN.isdisjoint(asked)
    assert not [one for one in statements if one.startswith("DELETE")]


def test_what_is_taken_back_or_deleted_in_the_unit_of_its_save_is_not_found(any_database: str) -> None:
    slug, other = begun(entries=4, items=0), begun(entries=4, items=0)
    entries = SearchEntry.__table__
    assert isinstance(entries, Table)
    before = [row for row in everything(entries) if slug in row]
    edits = {each: saying(each, "Edited once more.") for each in (slug, other)}

    with db.transaction():
        with suppress(ZeroDivisionError), session().begin_nested():
            save_incident.save(slug, edits[slug], version=None, actor=ADA)
            raise ZeroDivisionError
        save_incident.save(other, edits[other], version=None, actor=ADA)
        operations.delete(other, actor=Actor.system("test"))

    assert everything(entries) == before
