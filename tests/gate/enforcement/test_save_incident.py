"""Documents are saved under the closing rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item
from postmortems.errors import Invalid, NotAllowed, NotFound, Stale
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.protection import queries as protection_queries
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.items import item_edit
from postmortems.incidents.models import ActionItem
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import ADA, BEN, CY
from tests.runtimes import VAULT

SAM = Actor("person", "sam", role="author", user_id=4)


def item(ref: str) -> ActionItem:
    return session().scalars(select(ActionItem).where(ActionItem.number == int(ref[3:]))).one()


def change(ref: str, actor: Actor = ADA, **changes: Any) -> None:
    with db.transaction():
        save_incident.edit_item(ref, changes, actor=actor)


def refused(ref: str, actor: Actor = ADA, **changes: Any) -> Invalid:
    with pytest.raises(Invalid) as error:
        change(ref, actor, **changes)
    return error.value


def document(slug: str) -> Document:
    with db.reading():
        return rows.to_document(incidents.by_slug(slug, ADA))


def save(slug: str, mine: Document) -> None:
    with db.transaction():
        save_incident.save(slug, mine, version=1, actor=ADA)


def status(ref: str) -> str:
    with db.reading():
        return item(ref).status


@pytest.fixture
def unproven(services: None, clock: Clock) -> str:
    """The founding story with its guards at shadow."""
    return founding.tell(clock.now(), level="shadow")


def test_a_proven_fix_can_be_done(story: str) -> None:
    change("AI-3", status="done")
    assert status("AI-3") == "done"


def test_a_fix_that_nothing_proves_cannot_be_done(unproven: str) -> None:
    error = refused("AI-2", status="done")
    assert [problem.pointer for problem in error.problems] == ["/status"]
    assert "its protection is shadow" in error.detail
    assert status("AI-2") == "open"


def test_the_problem_stands_at_the_item_in_the_document(unproven: str) -> None:
    with pytest.raises(Invalid) as error:
        save(unproven, item_edit.with_item(document(unproven), "AI-2", status="done"))
    assert [problem.pointer for problem in error.value.problems] == ["/sections/0/blocks/2/status"]


def test_leaving_out_the_id_does_not_evade_the_rule(unproven: str) -> None:
    with pytest.raises(Invalid) as error:
        save(unproven, item_edit.with_item(document(unproven), "AI-2", status="done", id=""))
    assert [problem.pointer for problem in error.value.problems] == ["/sections/0/blocks/2/status"]


@pytest.mark.parametrize(
    "changes",
    [
        {"guardability": "not_guardable"},
        {"guardability": "attestable"},
        {"guardability": ""},
        {"kind": "documentation"},
        {"outcome": "it is fine"},
        {"reason": "because I say so"},
        {"owner": "somebody"},
        {"guards": []},
    ],
)
def test_what_is_changed_in_the_same_save_does_not_help(unproven: str, changes: dict[str, Any]) -> None:
    assert "its protection is" in refused("AI-2", status="done", **changes).detail


def test_undecided_proof_is_asked_for_and_a_choice_in_the_same_save_counts(services: None) -> None:
    with db.transaction():
        founding.add_incident(Item("Know the policy.", kind="process"))
    error = refused("AI-1", SAM, status="done")
    assert error.problems[0].reason_code == "undecided"
    assert "protection" not in error.detail
    assert "choose_attestable" in [way.code for way in error.problems[0].remedies]
    change("AI-1", SAM, status="done", guardability="attestable")
    assert status("AI-1") == "done"


def test_not_guardable_takes_its_reason_in_the_same_save(services: None) -> None:
    with db.transaction():
        founding.add_incident(Item("Know the policy.", kind="process"))
    assert "say in its reason" in refused("AI-1", SAM, status="done", guardability="not_guardable").detail
    change("AI-1", SAM, status="done", guardability="not_guardable", reason="It is a habit.")
    assert status("AI-1") == "done"


def test_an_attestable_item_is_closed_by_somebody_else(unproven: str) -> None:
    change("AI-1", owner="@Ada")
    assert "somebody else" in refused("AI-1", status="done").detail
    assert "somebody else" in refused("AI-1", status="done", owner="ben").detail
    change("AI-1", SAM, status="done")
    with db.reading():
        assert (item("AI-1").status, item("AI-1").closed_by) == ("done", "sam")


def test_an_admin_closes_with_a_reason_and_it_shows(unproven: str) -> None:
    assert "with a reason" in refused("AI-2", BEN, status="done").detail
    change("AI-2", BEN, status="done", reason="The hub is retired.")
    with db.reading():
        assert item("AI-2").closed_unproven
        event = next(one for one in audit.of("item", "AI-2") if one.verb == "item.closed_unproven")
        assert event.actor == "ben"
        assert event.data["reason"] == "The hub is retired."
        assert event.data["incident"] == item("AI-2").incident.slug


def test_what_is_opened_and_closed_with_proof_shows_no_longer(unproven: str) -> None:
    change("AI-3", BEN, status="done", reason="The hub is retired.")
    change("AI-3", status="open")
    with db.transaction():
        guard_changes.edit("target-confirmed", {"level": "soft"}, None, actor=ADA, vault=VAULT)
    change("AI-3", status="done")
    with db.reading():
        assert not item("AI-3").closed_unproven


def test_dropping_needs_a_reason(unproven: str) -> None:
    error = refused("AI-2", status="wont_do")
    assert [problem.pointer for problem in error.problems] == ["/status"]
    refused("AI-2", BEN, status="wont_do", reason="  ")
    change("AI-2", status="wont_do", reason="The hub is retired.")
    assert status("AI-2") == "wont_do"


def test_dropped_is_not_a_way_to_done(unproven: str) -> None:
    change("AI-2", status="wont_do", reason="The hub is retired.")
    refused("AI-2", status="done")
    assert status("AI-2") == "wont_do"


@pytest.mark.parametrize("step", ["proposed", "in_progress", "open"])
def test_other_steps_are_free(unproven: str, step: str) -> None:
    change("AI-2", status=step)
    assert status("AI-2") == step


def test_a_question_is_done_with_an_answer(services: None) -> None:
    question = Item("Determine whether the chart can be pinned.", guardability="attestable")
    with db.transaction():
        founding.add_incident(question)
    assert "record the outcome" in refused("AI-1", status="done").detail
    change("AI-1", status="done", outcome="It can: AI-9.")
    assert status("AI-1") == "done"


def test_what_comes_in_done_is_a_claim(services: None) -> None:
    with db.transaction():
        incident = founding.add_incident(
            Item("Done long ago.", status="done"), Item("Dropped.", status="wont_do")
        )
        assert {one.status for one in incident.items} == {"done", "wont_do"}
        assert not any(one.closed_unproven for one in incident.items)


def test_a_new_item_may_claim_to_be_done_but_not_to_be_dropped_without_a_reason(unproven: str) -> None:
    with pytest.raises(Invalid) as error, db.transaction():
        add(unproven, Item("Claimed.", status="done"), Item("Dropped.", status="wont_do"))
    assert [problem.pointer for problem in error.value.problems] == ["/sections/0/blocks/5/status"]
    with db.transaction():
        add(unproven, Item("Claimed.", status="done"), Item("Dropped.", status="wont_do", reason="too late"))
    assert [status(ref) for ref in ("AI-4", "AI-5")] == ["done", "wont_do"]


def add(slug: str, *items: Item) -> None:
    document = rows.to_document(incidents.by_slug(slug, ADA))
    first = document.sections[0]
    longer = replace(first, blocks=(*first.blocks, *items))
    save_incident.save(
        slug, replace(document, sections=(longer, *document.sections[1:])), version=None, actor=ADA
    )


def test_what_was_done_stays_done_while_other_things_change(unproven: str) -> None:
    change("AI-2", BEN, status="done", reason="The hub is retired.")
    change("AI-2", text="Block promotion while the staging hub is down.")
    with db.reading():
        assert (item("AI-2").status, item("AI-2").closed_unproven) == ("done", True)


def test_naming_a_guard_drills_at_once(services: None, clock: Clock) -> None:
    with db.transaction():
        incident = founding.add_incident(Item("Name it."))
        for kind, facts in (("bad", founding.BAD), ("good", founding.GOOD)):
            fields = {"incident": incident.slug, "name": kind, "kind": kind, "facts": facts}
            scenarios_operations.record(fields, actor=ADA)
        founding.add_guard("target-confirmed", clock.now(), level="soft")
    change("AI-1", guards=["target-confirmed"])
    with db.reading():
        assert protection_queries.of_items([item("AI-1").id])[item("AI-1").id].protection == "proven"


def test_saving_nothing_writes_nothing(story: str) -> None:
    with db.transaction():
        incident = incidents.by_slug(story, ADA)
        events = len(audit.latest())
        save_incident.save(story, rows.to_document(incident), version=1, actor=ADA)
        assert len(audit.latest()) == events
        assert incident.version == 1


def test_a_stale_save_is_refused_with_both_texts(story: str) -> None:
    change("AI-1", owner="kim")
    with pytest.raises(Stale) as stale:
        save(story, replace(document(story), title="Mine"))
    assert "Mine" in stale.value.mine
    assert "kim" in stale.value.theirs


EDITS: list[tuple[dict[str, Any], Any]] = [
    ({"owner": "kim"}, "kim"),
    ({"team": "hub"}, "hub"),
    ({"due": "2018-02-08"}, date(2018, 2, 8)),
    ({"due": date(2018, 2, 8)}, date(2018, 2, 8)),
    ({"due": None}, None),
    ({"due": ""}, None),
    ({"priority": "P1"}, "P1"),
    ({"done_when": "it is refused"}, "it is refused"),
    ({"tickets": ["HUB-1", "HUB-2"]}, ["HUB-1", "HUB-2"]),
    ({"outcome": "AI-9"}, "AI-9"),
    ({"text": "Better said."}, "Better said."),
    ({"guardability": "attestable"}, "attestable"),
]


@pytest.mark.parametrize("changes,stored", EDITS)
def test_fields_of_an_item_are_edited_one_by_one(story: str, changes: dict[str, Any], stored: Any) -> None:
    with db.transaction():
        edited = save_incident.edit_item("AI-2", changes, actor=ADA, message="a small thing")
        assert getattr(edited, next(iter(changes))) == stored
        assert edited.ref == "AI-2"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": "AI-9"}, "/id"),
    ({"colour": "red"}, "/colour"),
    ({"owner": 5}, "/owner"),
    ({"owner": None}, "/owner"),
    ({"owner": "x" * 201}, "/owner"),
    ({"due": "soon"}, "/due"),
    ({"due": 20180208}, "/due"),
    ({"priority": "P9"}, "/priority"),
    ({"status": "finished"}, "/status"),
    ({"kind": "magic"}, "/kind"),
    ({"guardability": "maybe"}, "/guardability"),
    ({"tickets": "HUB-1"}, "/tickets"),
    ({"guards": [1]}, "/guards"),
    ({"guards": ["lab-hours", "lab-hours"]}, "/guards/1"),
    ({"text": "a\0b"}, "/text"),
]


@pytest.mark.parametrize("changes,pointer", WRONG)
def test_a_wrong_edit_is_refused_at_its_field(story: str, changes: dict[str, Any], pointer: str) -> None:
    assert pointer in [problem.pointer for problem in refused("AI-2", **changes).problems]


@pytest.mark.parametrize("ref", ["AI-99", "AI-0", "2", "AI-2x", "", "ai-2 "])
def test_an_item_that_is_not_there_is_not_found(story: str, ref: str) -> None:
    with pytest.raises(NotFound), db.transaction():
        save_incident.edit_item(ref, {"owner": "kim"}, actor=ADA)


def test_a_viewer_saves_nothing(story: str) -> None:
    for act in (
        lambda: save_incident.edit_item("AI-2", {"owner": "kim"}, actor=CY),
        lambda: save_incident.save(None, Document(title="x"), version=None, actor=CY),
        lambda: save_incident.save(story, Document(title="x"), version=None, actor=CY),
    ):
        with pytest.raises(NotAllowed), db.transaction():
            act()


def test_an_incident_that_is_not_there_is_not_found(services: None) -> None:
    with pytest.raises(NotFound), db.transaction():
        save_incident.save("none", Document(title="x"), version=None, actor=ADA)
