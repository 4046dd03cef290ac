"""Roles in teams, tried by whoever has one elsewhere: incidents, items, closing, bulk edits."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any

import pytest

from postmortems import visibility
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Prose, Section
from postmortems.errors import Invalid, NotAllowed, NotFound
from postmortems.followup.bulk import queries as bulk_queries
from postmortems.followup.policies import exceptions
from postmortems.gate.enforcement import (
    bulk_edits,
    bulk_plans,
    confirmations,
    item_merges,
    item_saves,
    save_incident,
)
from postmortems.guards import operations as guards
from postmortems.incidents import operations as incidents
from postmortems.incidents import queries, rows
from postmortems.incidents.items import bulk_edit, owners, team_rights
from postmortems.visibility import Viewer
from tests import world as worlds
from tests.conftest import Clock
from tests.statements import counted
from tests.world import World

SYSTEM = Actor.system("test")
MEMBERS = {"anna": ("hub", "author"), "abe": ("hub", "admin"), "rae": ("hub", "reviewer")}
MEMBERS |= {"dora": ("disks", "author"), "dean": ("disks", "admin")}


@pytest.fixture
def world(any_database: str, clock: Clock) -> World:
    """Two teams with a service each, and people who only read beside their role in one."""
    world = worlds.build()
    with db.transaction():
        for name in MEMBERS:
            accounts.add_user(name, "viewer", actor=SYSTEM)
        for team in ("hub", "disks"):
            roles = {name: role for name, (of, role) in MEMBERS.items() if of == team}
            owners.create_team(team, team.title(), dict.fromkeys(roles, False), roles, actor=SYSTEM)
            guards.add_service(team + "-service", "", ["prod"], team=team, actor=SYSTEM)
    return world


def person(name: str, **more: Any) -> Actor:
    with nullcontext() if db.is_open() else db.reading():
        user = accounts_queries.account(name)
        given = teams.roles_of(user.id)
    return Actor("person", name, user.role, user_id=user.id, team_roles=given, **more)


def incident(*services: str, items: tuple[Item, ...] = (Item("Look twice."),), title: str = "Down") -> str:
    sections = (Section("Summary", (Prose("It was down."),)), Section("Action items", items))
    document = Document(title=title, services=services, sections=sections)
    with db.transaction():
        return save_incident.save(None, document, version=None, actor=SYSTEM).slug


def edit(slug: str, actor: Actor, **changes: Any) -> None:
    with visibility.seen_by(Viewer(actor.name)), db.transaction():
        document = replace(rows.to_document(queries.by_slug(slug, actor)), **changes)
        save_incident.save(slug, document, version=None, actor=actor)


def item(number: int) -> dict[str, Any]:
    with db.reading():
        (facts,) = bulk_queries.of_numbers([number])
        return {"status": facts.status, **facts.said}


# Services that an incident names, and who may edit it and delete it.
SHARED = [
    (("hub-service",), {"anna", "abe"}, {"abe"}),
    (("hub-service/prod",), {"anna", "abe"}, {"abe"}),
    (("disks-service",), {"dora", "dean"}, {"dean"}),
    (("hub-service", "disks-service"), {"anna", "abe", "dora", "dean"}, set()),
    (("hub-service", "unknown"), {"anna", "abe"}, set()),
    (("hub-service", "data8"), {"anna", "abe"}, set()),
    (("data8",), set(), set()),
    (("unknown",), set(), set()),
    ((), set(), set()),
]


@pytest.mark.parametrize("services, editors, deleters", SHARED)
def test_whose_services_it_names_may_edit_an_incident_and_who_is_admin_for_all_of_them_delete_it(
    world: World, services: tuple[str, ...], editors: set[str], deleters: set[str]
) -> None:
    slug = incident(*services)
    edited, deleted = set(), set()
    for name in MEMBERS:
        try:
            edit(slug, person(name), title=f"Down, says {name}")
        except NotAllowed:
            continue
        edited.add(name)
    for name in MEMBERS:
        try:
            with db.transaction():
                incidents.delete(slug, actor=person(name))
        except (NotAllowed, NotFound):
            continue
        deleted.add(name)

    assert (edited, deleted) == (editors, deleters)


@pytest.mark.parametrize(
    "services, may", [(("hub-service",), True), (("disks-service",), False), ((), False), (("x",), False)]
)
def test_a_new_incident_names_a_service_of_the_team(
    world: World, services: tuple[str, ...], may: bool
) -> None:
    document = Document(title="New", services=services)
    if may:
        with db.transaction():
            assert save_incident.save(None, document, version=None, actor=person("anna")).slug
    else:
        with pytest.raises(NotAllowed, match="name a service of a team"), db.transaction():
            save_incident.save(None, document, version=None, actor=person("anna"))


def test_naming_ones_own_service_in_anothers_incident_gives_no_right_to_it(world: World) -> None:
    slug = incident("disks-service")
    with pytest.raises(NotAllowed, match="one of the teams that this belongs to"):
        edit(slug, person("anna"), services=("disks-service", "hub-service"))
    with pytest.raises(NotAllowed):
        edit(slug, person("anna"), services=("hub-service",))


def test_an_editor_may_give_an_incident_to_another_team_and_has_no_right_to_it_then(world: World) -> None:
    slug = incident("hub-service")
    edit(slug, person("anna"), services=("disks-service",))
    with pytest.raises(NotAllowed):
        edit(slug, person("anna"), services=("hub-service",))
    edit(slug, person("dora"), title="Theirs now")


def test_a_right_follows_its_service_to_another_team_and_ends_with_the_team(world: World) -> None:
    slug = incident("hub-service")
    with db.transaction():
        guards.save_service("hub-service", "", ["prod"], team="disks", actor=SYSTEM)
    with pytest.raises(NotAllowed):
        edit(slug, person("anna"), title="Still mine")
    edit(slug, person("dora"), title="Now mine")
    with db.transaction():
        owners.change_team("disks", "Storage", {"dora": False}, actor=SYSTEM)
    edit(slug, person("dora"), title="By any name")
    stale = person("dora")
    with db.transaction():
        owners.delete_team("disks", actor=SYSTEM)
    # Even one whose request began before.
    with pytest.raises(NotAllowed):
        edit(slug, stale, title="After the end")


def test_a_team_edits_what_it_owns_in_anothers_incident_and_nothing_beside_it(world: World) -> None:
    incident("disks-service", items=(Item("Ours.", owner="hub"), Item("Theirs."), Item("Both", team="Hub")))
    for ref in ("AI-1", "AI-3"):
        with db.transaction():
            save_incident.edit_item(ref, {"priority": "P1"}, actor=person("anna"))
    with pytest.raises(NotAllowed), db.transaction():
        save_incident.edit_item("AI-2", {"priority": "P1"}, actor=person("anna"))
    with pytest.raises(NotAllowed), db.transaction():
        save_incident.edit_item("AI-2", {"owner": "hub"}, actor=person("anna"))
    assert [item(number)["priority"] for number in (1, 2, 3)] == ["P1", "", "P1"]


# Services of the incident, what the item says, and who may confirm that it is done.
CONFIRMERS: list[tuple[tuple[str, ...], dict[str, str], set[str]]] = [
    (("hub-service",), {}, {"rae", "anna", "abe"}),
    (("hub-service",), {"owner": "rae"}, {"anna", "abe"}),
    (("hub-service",), {"owner": "hub"}, {"rae", "anna", "abe"}),
    (("disks-service",), {}, {"dora", "dean"}),
    (("disks-service",), {"owner": "Hub"}, {"rae", "anna", "abe", "dora", "dean"}),
    (("disks-service",), {"owner": "ada", "team": "hub"}, {"rae", "anna", "abe", "dora", "dean"}),
    (("hub-service", "disks-service"), {}, {"rae", "anna", "abe", "dora", "dean"}),
    (("unknown",), {"owner": "ada"}, set()),
    ((), {}, set()),
]


@pytest.mark.parametrize("services, said, confirmers", CONFIRMERS)
def test_a_reviewer_in_a_team_confirms_what_belongs_to_it_and_is_not_their_own(
    world: World, services: tuple[str, ...], said: dict[str, str], confirmers: set[str]
) -> None:
    attested = Item("Rehearse it.", kind="process", guardability="attestable", **said)
    incident(*services, items=(attested,) * len(MEMBERS))
    confirmed = set()
    for number, name in enumerate(MEMBERS, 1):
        with suppress(NotAllowed, Invalid), db.transaction():
            confirmations.confirm(f"AI-{number}", actor=person(name))
            confirmed.add(name)

    assert confirmed == confirmers
    assert {name for n, name in enumerate(MEMBERS, 1) if item(n)["status"] == "done"} == confirmers


def test_who_confirms_for_a_team_changes_nothing_else_of_the_item(world: World) -> None:
    slug = incident("hub-service", items=(Item("Rehearse it.", guardability="attestable"), Item("Else.")))
    with db.reading():
        document = rows.to_document(queries.by_slug(slug, SYSTEM))
    wider = document.with_items(lambda each: replace(each, status="done"))
    with pytest.raises(NotAllowed, match="only AI-1 may be changed"), db.transaction():
        save_incident.save(
            slug, wider, version=None, actor=person("rae"), items=["AI-1"], act=confirmations.ACT
        )
    with pytest.raises(NotAllowed), db.transaction():
        save_incident.edit_item("AI-1", {"status": "done"}, actor=person("rae"))


def test_a_save_that_is_about_an_item_keeps_to_it(world: World) -> None:
    slug = incident("disks-service", items=(Item("Ours.", owner="hub"), Item("Theirs.")))
    with db.reading():
        document = rows.to_document(queries.by_slug(slug, SYSTEM))
    others = [
        replace(document, title="Another"),
        replace(document, services=("hub-service",)),
        document.with_items(lambda each: replace(each, priority="P0")),
        replace(document, sections=document.sections[1:]),
        replace(document, restricted=("anna",)),
    ]
    for wanted in others:
        with (
            pytest.raises(NotAllowed, match=r"only AI-1 may be changed|whom it is shown to"),
            db.transaction(),
        ):
            save_incident.save(slug, wanted, version=None, actor=person("anna"), items=["AI-1"])
    with pytest.raises(NotAllowed), db.transaction():
        save_incident.save(slug, document, version=None, actor=person("anna"), items=["AI-1", "AI-2"])


@pytest.mark.parametrize(
    "text", ["Ours.\n\n## More\n\nWords", "Ours.\n- [ ] Another", "Ours. (owner: @dora)"]
)
def test_an_items_own_words_do_not_reach_beyond_it(world: World, text: str) -> None:
    slug = incident("disks-service", items=(Item("Ours.", owner="hub"), Item("Theirs.")))
    with db.reading():
        before = rows.to_document(queries.by_slug(slug, SYSTEM))
    with suppress(Invalid, NotAllowed), db.transaction():
        save_incident.edit_item("AI-1", {"text": text}, actor=person("anna"))
    with db.reading():
        after = rows.to_document(queries.by_slug(slug, SYSTEM))
    alike = [
        document.with_items(lambda each: Item("") if each.id == "AI-1" else each)
        for document in (before, after)
    ]
    assert alike[0] == alike[1]


def test_closing_without_proof_takes_an_admin_of_each_team_that_has_the_item(world: World) -> None:
    enforceable = Item("Stop it.", kind="process", guardability="enforceable", status="open")
    incident("hub-service", items=(enforceable,))
    incident("hub-service", "disks-service", items=(enforceable,), title="Both")
    incident("hub-service", items=(replace(enforceable, owner="disks"),), title="Given")
    closed = {"status": "done", "reason": "It is gone."}
    for number, may in ((1, True), (2, False), (3, False)):
        for name in ("anna", "abe"):
            try:
                with db.transaction():
                    save_incident.edit_item(f"AI-{number}", closed, actor=person(name))
            except (Invalid, NotAllowed):
                continue
        assert (item(number)["status"] == "done") is may, number


def test_what_a_save_takes_off_gives_no_right_in_the_same_save(world: World) -> None:
    enforceable = Item("Stop it.", kind="process", guardability="enforceable", status="open")
    slug = incident("hub-service", "disks-service", items=(enforceable,))
    with db.reading():
        document = rows.to_document(queries.by_slug(slug, SYSTEM))
    done = document.with_items(lambda each: replace(each, status="done", reason="It is gone."))
    wanted = replace(done, services=("hub-service",))
    with pytest.raises(Invalid, match="AI-1"), db.transaction():
        save_incident.save(slug, wanted, version=None, actor=person("abe"))


def test_a_bulk_edit_says_of_each_row_whether_it_may(world: World) -> None:
    incident("hub-service")
    incident("disks-service", items=(Item("Theirs."), Item("Ours.", owner="hub")), title="Other")
    anna = person("anna")
    for wanted in ({"priority": "P1"}, {"status": "in_progress"}):
        with db.reading():
            planned = bulk_plans.planned(bulk_queries.of_numbers([1, 2, 3]), wanted, actor=anna)
        assert [row.code for row in planned] == ["", "not_allowed", ""]
        with db.transaction():
            edit = bulk_edits.begin(bulk_queries.of_numbers([1, 2, 3]), wanted, actor=anna).id
        with db.reading():
            assert bulk_queries.counts(edit) == {"done": 2, "refused": 1}
    assert [item(number)["priority"] for number in (1, 2, 3)] == ["P1", "", "P1"]
    assert [item(number)["status"] for number in (1, 2, 3)] == ["in_progress", "", "in_progress"]


def test_what_was_planned_is_judged_anew_when_it_is_done(world: World) -> None:
    incident("hub-service")
    with db.transaction():
        edit = bulk_edits.begin(
            bulk_queries.of_numbers([1]), {"priority": "P1"}, actor=person("anna"), is_planned=True
        ).id
    with db.transaction():
        guards.save_service("hub-service", "", ["prod"], team="disks", actor=SYSTEM)
    with db.transaction():
        bulk_edits.apply(edit, actor=person("anna"))
    with db.reading():
        assert bulk_queries.counts(edit) == {"refused": 1}
    assert item(1)["priority"] == ""


def test_a_tag_is_the_incidents_and_takes_a_right_to_it(world: World) -> None:
    slug = incident("disks-service", items=(Item("Ours.", owner="hub"),))
    with db.transaction():
        edit = bulk_edits.begin(bulk_queries.of_numbers([1]), {"tag": "x"}, actor=person("anna")).id
    with db.reading():
        assert bulk_queries.counts(edit) == {"refused": 1}
        assert queries.by_slug(slug, SYSTEM).tags == []


def test_the_doors_behind_a_bulk_edit_leave_others_items_alone(world: World) -> None:
    incident("disks-service")
    with db.transaction():
        outcome = bulk_edit.apply({1: {"priority": "P1"}}, actor=person("anna"))
        saved = item_saves.save({1: {"status": "wont_do"}}, {}, actor=person("anna"), message="")
    assert (outcome.forbidden, outcome.changed) == ([1], [])
    assert (set(saved.refused), saved.done) == ({1}, [])


def test_merging_takes_a_right_to_both_items(world: World) -> None:
    incident("hub-service")
    incident("disks-service", title="Other")
    for one, other in (("AI-1", "AI-2"), ("AI-2", "AI-1")):
        with pytest.raises(NotAllowed), db.transaction():
            item_merges.merge(one, other, actor=person("anna"))
    with db.transaction():
        item_merges.merge("AI-1", "AI-2", actor=world.ada)
    with pytest.raises(NotAllowed), db.transaction():
        item_merges.undo("AI-1", actor=person("anna"))


def test_a_restricted_incident_is_as_hidden_as_before(world: World, clock: Clock) -> None:
    document = Document(title="Hush", services=("hub-service",), restricted=("ben",))
    with visibility.seen_by(Viewer("ben")), db.transaction():
        slug = save_incident.save(None, document, version=None, actor=world.ben).slug
    for name in ("anna", "abe"):
        with pytest.raises(NotFound):
            edit(slug, person(name), title="Found")
    with visibility.seen_by(Viewer("abe")), pytest.raises(NotFound), db.transaction():
        incidents.delete(slug, actor=person("abe"))


def test_an_exception_of_a_due_date_is_asked_of_the_items_team(world: World, clock: Clock) -> None:
    incident("disks-service")
    today = clock.now().date()
    told = {"due": today, "until": today, "reason": "later"}
    with pytest.raises(NotAllowed), db.transaction():
        exceptions.grant("AI-1", **told, actor=person("anna"))
    with db.transaction():
        exceptions.grant("AI-1", **told, actor=person("dora"))


def test_only_for_whom_it_depends_on_teams_these_are_looked_up(world: World) -> None:
    slug = incident("hub-service")
    anna = person("anna")
    for actor, most in ((world.ada, 0), (world.ben, 0), (world.cy, 0), (anna, 1)):
        with db.reading(), counted() as statements:
            found = queries.by_slug(slug, SYSTEM)
            before = len(statements)
            team_rights.may(actor, "incident.save", found)
            assert len(statements) - before == most, actor.name


@pytest.mark.parametrize("count", [1, 100])
def test_the_rows_of_a_page_take_as_many_statements_as_one(world: World, count: int) -> None:
    incident("hub-service", items=tuple(Item(f"Do {n}.", owner="disks") for n in range(count)))
    anna = person("anna")
    with db.reading(), counted() as statements:
        assert len(team_rights.allowed_numbers(anna, "item.edit", range(1, count + 1))) == count
    # Beside who is told of restricted incidents: the items, their teams, and those of their incidents.
    asked = [each for each in statements if each.startswith("SELECT") and "FROM admitted" not in each[:60]]
    assert len(asked) == 3
