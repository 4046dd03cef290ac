"""Departures: what somebody had still to do goes to others, and to nobody who may not know of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postmortems import visibility
from postmortems.accounts import operations as accounts_operations
from postmortems.accounts import queries as accounts
from postmortems.accounts.programs import operations as programs
from postmortems.accounts.programs import queries as program_queries
from postmortems.accounts.teams import operations as teams
from postmortems.accounts.teams.queries import Meant
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from postmortems.followup.bulk import queries
from postmortems.gate.enforcement import bulk_edits, departures
from postmortems.visibility import Viewer
from tests.incidents.documents import save
from tests.world import World, build

OUTAGE = Document(
    title="Outage",
    sections=(
        Section(
            "Action items",
            (
                Item("Patch it", owner="@ada"),
                Item("Watch it", owner="ada", status="in_progress"),
                Item("Once done", owner="ada", status="wont_do", reason="no"),
                Item("Of another", owner="cy"),
            ),
        ),
    ),
)
HUSH = Section("Action items", (Item("Hush", owner="ada"),))
SECRET = replace(OUTAGE, title="Secret", restricted=("ada", "cy"), sections=(HUSH,))


@pytest.fixture
def world(any_database: str) -> World:
    world = build()
    save(OUTAGE)
    return world


def owners() -> dict[int, str]:
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        return {facts.number: facts.said["owner"] for facts in queries.of_numbers(range(1, 10))}


def leave(world: World, to: str = "", name: str = "ada") -> departures.Departure:
    with visibility.seen_by(Viewer("ben")), db.transaction():
        gone = departures.switch_off(name, to=to, actor=world.ben)
        _ = gone.edit is not None and gone.edit.total
        return gone


def test_unclosed_items_go_to_somebody_and_what_is_closed_stays_as_it_was(world: World) -> None:
    gone = leave(world, to="@Cy")

    assert owners() == {1: "cy", 2: "cy", 3: "ada", 4: "cy"}
    assert gone.stay == []
    with db.reading():
        assert not accounts.account("ada").is_active
        assert {event.verb for event in audit.latest(limit=20)} >= {"user.changed", "bulk_edit.begun"}


def test_a_hand_over_is_one_bulk_edit_and_can_be_undone(world: World) -> None:
    gone = leave(world, to="cy")
    assert gone.edit is not None

    with visibility.seen_by(Viewer("ben")), db.transaction():
        bulk_edits.undo(gone.edit.id, actor=world.ben)

    assert owners() == {1: "@ada", 2: "ada", 3: "ada", 4: "cy"}


def test_without_a_taker_items_keep_their_owner(world: World) -> None:
    gone = leave(world)

    assert gone.edit is None
    assert gone.stay == ["AI-1", "AI-2"]
    assert owners()[1] == "@ada"


def test_a_team_takes_them_by_its_name(world: World) -> None:
    with db.transaction():
        teams.create("platform", "Platform team", {"cy": True}, actor=world.ben)

    leave(world, to="platform")

    assert owners()[1] == "Platform team"


def test_what_was_left_is_handed_over_later(world: World) -> None:
    leave(world)
    gone = leave(world, to="cy")

    assert gone.stay == []
    assert owners()[1] == "cy"


def test_a_restricted_item_goes_to_whom_its_incident_names_alone(world: World) -> None:
    save(SECRET)
    with visibility.seen_by(visibility.EVERYTHING), db.transaction():
        gone = departures.switch_off("ada", to="ben", actor=world.system)
    assert gone.stay == ["AI-5"]

    with visibility.seen_by(visibility.EVERYTHING), db.transaction():
        gone = departures.switch_off("ada", to="cy", actor=world.system)
    assert gone.stay == []
    assert owners()[5] == "cy"


def test_who_may_not_see_a_restricted_item_neither_moves_nor_hears_of_it(world: World) -> None:
    save(SECRET)

    gone = leave(world, to="cy")

    assert gone.edit is not None
    assert (gone.edit.total, gone.stay, owners()[5]) == (2, [], "ada")


@pytest.mark.parametrize(
    "kind, name, admitted, may",
    [
        ("account", "cy", set(), True),
        ("team", "Platform", set(), True),
        ("account", "cy", {"ada", "cy"}, True),
        ("account", "ben", {"ada", "cy"}, False),
        ("team", "cy", {"ada", "cy"}, False),
    ],
)
def test_who_may_take_an_item(kind: str, name: str, admitted: set[str], may: bool) -> None:
    assert departures.may_take(Meant(kind, 1, name, name), admitted) is may


@pytest.mark.parametrize(
    "to, told",
    [
        ("dora", "no account and no team named 'dora'"),
        ("ada", "who leaves"),
        ("@Ada", "who leaves"),
        ("eve", "switched off itself"),
        ("  ", "no account and no team"),
        ("a\nb", "no account and no team"),
    ],
)
def test_nobody_takes_them_who_cannot_and_the_account_stays_on(world: World, to: str, told: str) -> None:
    with db.transaction():
        accounts_operations.add_user("eve", "author", actor=world.ben)
        accounts_operations.change_user("eve", role="author", is_active=False, actor=world.ben)

    with pytest.raises(Invalid, match=told) as refused:
        leave(world, to=to)

    assert [problem.pointer for problem in refused.value.problems] == ["/to"]
    assert owners()[1] == "@ada"
    with db.reading():
        assert accounts.account("ada").is_active


def test_the_only_admin_stays_with_all_that_is_theirs(world: World) -> None:
    with pytest.raises(Conflict, match="the only admin"):
        leave(world, to="cy", name="ben")


def test_only_admins_switch_off(world: World) -> None:
    with pytest.raises(NotAllowed), db.transaction():
        departures.switch_off("cy", actor=world.ada)
    with pytest.raises(NotFound), db.transaction():
        departures.switch_off("dora", actor=world.ben)


@pytest.mark.parametrize("to, owner, team", [("cy", "cy", ""), ("Platform", "", "platform"), ("", "ada", "")])
def test_whoever_takes_the_items_answers_for_the_service_accounts(
    world: World, to: str, owner: str, team: str
) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {}, actor=world.ben)
        fields = {"name": "ci-data8", "role": "viewer", "purpose": "deploys", "owner": "ada"}
        programs.add(fields, actor=world.ben)

    gone = leave(world, to=to)

    assert gone.programs == ["ci-data8"]
    with db.reading():
        said = programs.said_of(program_queries.by_name("ci-data8"))
    assert (said["owner"], said["team"]) == (owner, team)
