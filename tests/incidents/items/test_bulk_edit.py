"""Edits of many items at once leave what as many saves would leave."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from postmortems import visibility
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Prose, Section
from postmortems.followup import queries
from postmortems.followup.filters import Filters
from postmortems.gate.enforcement import save_incident
from postmortems.gate.tallies import operations as tallies
from postmortems.incidents import rows
from postmortems.incidents.history import texts
from postmortems.incidents.items import bulk_edit
from postmortems.incidents.models import ActionItem, Incident, Revision
from postmortems.search.models import SearchEntry
from tests.conftest import Clock
from tests.statements import counted
from tests.world import World

LATER = date(2026, 9, 1)


def document(number: int) -> Document:
    items = (Category("Process"), Item("Do it", due=date(2026, 5, 1)), Item("Do that", owner="@ada"))
    return Document(
        title=f"Outage {number}", sections=(Section("Summary", (Prose("So."),)), Section("Items", items))
    )


def outages(world: World, count: int) -> list[str]:
    with db.transaction():
        return [
            save_incident.save(None, document(number), version=None, actor=world.ada).slug
            for number in range(count)
        ]


def apply(world: World, edits: dict[int, dict[str, Any]], **options: Any) -> bulk_edit.Outcome:
    with db.transaction():
        return bulk_edit.apply(edits, actor=world.ben, message="all at once", **options)


def left(slug: str) -> dict[str, Any]:
    """All that a save leaves of an incident, but for its name and times."""
    with db.reading():
        incident = session().scalars(select(Incident).where(Incident.slug == slug)).one()
        saved = select(Revision).where(Revision.incident_id == incident.id).order_by(Revision.version)
        versions = session().scalars(saved).all()
        refs = [item.ref for item in incident.items]
        about = select(Event).where(Event.subject.in_([slug, *refs])).order_by(Event.id)
        found = select(SearchEntry).where(SearchEntry.incident_id == incident.id).order_by(SearchEntry.id)
        entries = session().scalars(found).all()
        events = [(event.verb, event.actor, event.data) for event in session().scalars(about)]
        return {
            "version": incident.version,
            "document": rows.to_document(incident),
            "texts": dict(sorted(texts.of(incident.id, range(1, incident.version + 1)).items())),
            "revisions": [
                (each.version, each.author, each.message, each.changes, each.written) for each in versions
            ],
            "events": events,
            "found by": [(entry.kind, entry.title, entry.words, entry.overflow) for entry in entries],
            "owner keys": [item.owner_key for item in incident.items],
        }


def renamed(told: Any, names: dict[str, str]) -> str:
    said = re.sub(r"id='[0-9a-f]{8}'", "id=''", repr(told))
    for name, other in names.items():
        said = said.replace(name, other)
    return said


# What is set of the first and the second item of an incident.
EDITS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"due": LATER}, {}),
    ({"due": None}, {"due": LATER}),
    ({"owner": "@Kim"}, {"owner": ""}),
    ({"team": "platform", "priority": "P1"}, {"due": LATER, "owner": "cy"}),
]


@pytest.mark.parametrize("first, second", EDITS)
def test_it_leaves_what_saves_one_by_one_leave(
    any_database: str, world: World, clock: Clock, first: dict[str, Any], second: dict[str, Any]
) -> None:
    one, other = outages(world, 2)
    bulk = {number: values for number, values in ((1, first), (2, second)) if values}

    outcome = apply(world, bulk)
    with db.transaction():
        incident = session().scalars(select(Incident).where(Incident.slug == other)).one()
        both = {"AI-3": first, "AI-4": second}
        saved = rows.to_document(incident).with_items(lambda item: replace(item, **both[item.id]))
        save_incident.save(other, saved, version=1, actor=world.ben, message="all at once")

    assert sorted(outcome.changed) == sorted(bulk)
    names = {other: one, "outage 1": "outage 0", "Outage 1": "Outage 0", "AI-3": "AI-1", "AI-4": "AI-2"}
    names |= {"^outage ^1": "^outage ^0", "ai 3": "ai 1", "ai 4": "ai 2"}
    # The same in PostgreSQL's index, which has each word once.
    names |= {"'1':": "'0':", "'^1':": "'^0':", "'3':": "'1':", "'4':": "'2':"}
    assert renamed(left(one), {}) == renamed(left(other), names)


def test_an_incident_may_be_edited_so_again_and_again(any_database: str, world: World, clock: Clock) -> None:
    """Old texts are packed as those of saves are: each version reads as it was."""
    [slug] = outages(world, 1)

    for month in range(1, 8):
        apply(world, {1: {"due": date(2027, month, 1)}})

    found = left(slug)
    assert found["version"] == 8
    assert [f"2027-{month:02}-01" in found["texts"][month + 1] for month in range(1, 8)] == [True] * 7
    with db.transaction():
        save_incident.edit_item("AI-1", {"due": LATER}, actor=world.ada)


def test_what_others_changed_meanwhile_is_left_alone(any_database: str, world: World, clock: Clock) -> None:
    outages(world, 2)

    outcome = apply(
        world,
        {1: {"due": LATER}, 3: {"due": LATER}, 99: {"due": LATER}, 4: {"owner": "@ada"}},
        expected={1: {"due": date(2026, 5, 1)}, 3: {"due": date(2026, 5, 2)}},
    )

    assert (outcome.changed, outcome.conflicts, outcome.missing, outcome.same) == ([1], [3], [99], [4])
    with db.reading():
        rows_of = session().execute(select(ActionItem.number, ActionItem.due))
        dues = {row.number: row.due for row in rows_of}
    assert (dues[1], dues[3]) == (LATER, date(2026, 5, 1))


def test_items_of_restricted_incidents_are_not_there_for_others(world: World, clock: Clock) -> None:
    secret = replace(document(0), restricted=("ada",))
    with db.transaction():
        save_incident.save(None, secret, version=None, actor=world.ada)

    with visibility.seen_by(visibility.Viewer("ben")):
        outcome = apply(world, {1: {"due": LATER}})

    assert outcome.missing == [1]


def test_what_has_rules_of_its_own_is_not_set(world: World) -> None:
    with pytest.raises(ValueError, match="status"):
        apply(world, {1: {"status": "done"}})


def test_lists_and_sums_follow(any_database: str, world: World, clock: Clock) -> None:
    outages(world, 3)

    apply(world, {number: {"due": date(2026, 1, 1)} for number in range(1, 7)})

    with db.reading():
        assert queries.matching(Filters(overdue=True)) == 6
        ids = session().scalars(select(Incident.id)).all()
        assert tallies.stored(ids) == tallies.derive(ids)


def test_the_number_of_statements_does_not_grow_with_the_items(world: World, clock: Clock) -> None:
    slugs = outages(world, 30)
    counts = []
    # With a date already, so that no line of the text moves.
    for numbers in ([1], range(3, 2 * len(slugs) + 1, 2)):
        with counted() as statements:
            apply(world, {number: {"due": LATER} for number in numbers})
        # Sums for reports are restated by the row.
        counts.append(len([each for each in statements if not each.startswith("UPDATE tallies")]))

    assert counts[1] <= counts[0] + 2
