"""That what people attest is done is confirmed by a reviewer, and by nobody about their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from postmortems.followup import queries
from postmortems.gate.enforcement import confirmations, save_incident
from postmortems.incidents.models import ActionItem
from tests.conftest import Clock
from tests.world import World

ATTESTED = {"kind": "process", "guardability": "attestable", "owner": "ada"}


@pytest.fixture
def reviewer(any_database: str, world: World, clock: Clock) -> Actor:
    return replace(world.cy, role="reviewer")


def save(world: World, restricted: tuple[str, ...] = (), **fields: Any) -> None:
    items = (Item(**{"text": "Rehearse it"} | ATTESTED | fields), Item("Another", owner="ada"))
    document = Document(title="It broke", restricted=restricted, sections=(Section("Action items", items),))
    with db.transaction():
        save_incident.save(None, document, version=None, actor=world.ada)


def confirm(actor: Actor, evidence: str = "") -> None:
    with db.transaction():
        confirmations.confirm("AI-1", evidence, actor=actor)


def item(actor: Actor) -> ActionItem:
    with db.reading():
        return queries.by_ref("AI-1", actor)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": "in_progress"},
        {"guardability": "not_guardable", "reason": "It is the vendor's."},
        {"kind": "other", "guardability": ""},
    ],
)
def test_a_reviewer_confirms_what_people_attest(
    world: World, reviewer: Actor, fields: dict[str, Any]
) -> None:
    save(world, **fields)
    confirm(reviewer, " https://example.org/rehearsal ")

    found = item(reviewer)
    assert (found.status, found.closed_by, found.closed_unproven) == ("done", "cy", False)
    assert found.evidence == "https://example.org/rehearsal"


def test_evidence_that_stands_there_stays_where_none_is_given(world: World, reviewer: Actor) -> None:
    save(world, evidence="the minutes")
    confirm(reviewer)

    assert item(reviewer).evidence == "the minutes"


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"owner": "cy"}, "cy owns it"),
        ({"owner": "ada, @cy"}, "cy owns it"),
        ({"guardability": "enforceable"}, "confirmed by nobody's word"),
        ({"guardability": ""}, "confirmed by nobody's word"),
        ({"guardability": "not_guardable"}, "say in its reason"),
        ({"text": "Decide whether it is rehearsed"}, "record the outcome"),
    ],
)
def test_what_a_reviewer_may_not_confirm_says_why(
    world: World, reviewer: Actor, fields: dict[str, Any], told: str
) -> None:
    save(world, **fields)

    with pytest.raises(Invalid, match=told):
        confirm(reviewer)
    assert item(reviewer).status == "open"


@pytest.mark.parametrize("status", ["proposed", "wont_do", "done"])
def test_only_what_is_open_is_confirmed(world: World, reviewer: Actor, status: str) -> None:
    save(world, status=status, reason="so")

    with pytest.raises(Conflict, match="only what is open"):
        confirm(reviewer)


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_whose_word_does_not_count_confirms_nothing(world: World, reviewer: Actor, role: str) -> None:
    save(world)

    with pytest.raises(NotAllowed, match="role reviewer"):
        confirm(replace(reviewer, role=role))
    assert item(reviewer).status == "open"


def test_a_reviewer_still_edits_nothing_else(world: World, reviewer: Actor) -> None:
    save(world)

    for changes in ({"status": "done"}, {"owner": "cy"}, {"evidence": "x"}):
        with pytest.raises(NotAllowed), db.transaction():
            save_incident.edit_item("AI-1", changes, actor=reviewer)


def test_what_is_restricted_is_not_there_for_whom_it_does_not_name(world: World, reviewer: Actor) -> None:
    save(world, restricted=("ada",))

    with pytest.raises(NotFound), visibility.seen_by(visibility.Viewer("cy")):
        confirm(reviewer)
