"""What of the events that happen is told to whom: once, only to who may see it and wants to hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from postmortems import visibility
from postmortems.accounts.teams import operations as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.document.model import Document, Item, Prose, Section
from postmortems.followup.bulk import queries as bulk_queries
from postmortems.followup.item import blockers
from postmortems.gate.enforcement import bulk_edits, save_incident
from postmortems.gate.exemptions import overrides
from postmortems.gate.models import Override
from postmortems.guards import operations as guards
from postmortems.guards.models import Service
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.items import owners
from postmortems.incidents.models import ActionItem
from postmortems.notify import event_reader
from postmortems.notify.inbox import queries, texts
from postmortems.notify.inbox.models import Notification
from postmortems.notify.models import Message
from postmortems.notify.people import operations as people
from postmortems.visibility import Viewer
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.world import World, build


@pytest.fixture
def world(request: pytest.FixtureRequest, clock: Clock) -> World:
    """Three people, and nothing of their making left to tell."""
    request.getfixturevalue("any_database" if "any_database" in request.fixturenames else "database")
    world = build()
    told(clock)
    return world


def told(clock: Clock, *, sends_mail: bool = False) -> list[tuple[str, str, str]]:
    """Read what happened, and give what was told by now: to whom, of which kind, about which item."""
    with db.transaction():
        event_reader.tell(clock.now(), sends_mail=sends_mail)
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        rows = session().scalars(select(Notification).order_by(Notification.id)).all()
        names = {1: "ada", 2: "ben", 3: "cy"}
        return [(names[row.user_id], row.kind, f"AI-{row.item}" if row.item else "") for row in rows]


def incident(*items: Item, **fields: Any) -> Document:
    sections = (Section("Summary", (Prose("It went down."),)), Section("Action items", items))
    return Document(title="It went down", sections=sections, **fields)


def changed(document: Document, *items: Item) -> Document:
    return replace(document, sections=(document.sections[0], Section("Action items", items)))


def test_who_gets_an_item_is_told_once(any_database: str, world: World, clock: Clock) -> None:
    document = incident(Item("Do it", owner="@cy"), Item("And this"))
    slug = save(document, actor=world.ada).slug
    assert told(clock) == [("cy", "assigned", "AI-1")]
    save(changed(document, Item("Do it", owner="@cy"), Item("And this", owner="ben")), slug, actor=world.ada)
    assert told(clock) == [("cy", "assigned", "AI-1"), ("ben", "assigned", "AI-2")]
    assert told(clock) == [("cy", "assigned", "AI-1"), ("ben", "assigned", "AI-2")]


def test_an_item_that_is_added_with_an_owner_is_told_to_them(world: World, clock: Clock) -> None:
    document = incident(Item("Do it"))
    slug = save(document, actor=world.ada).slug
    save(changed(document, Item("Do it"), Item("And this", owner="@cy")), slug, actor=world.ada)

    assert told(clock) == [("cy", "assigned", "AI-2")]


def test_who_puts_it_on_their_own_name_is_not_told(world: World, clock: Clock) -> None:
    document = incident(Item("Do it"))
    slug = save(document, actor=world.ada).slug
    save(changed(document, Item("Do it", owner="ada")), slug, actor=world.ada)

    assert told(clock) == []


def test_who_gave_it_on_before_anybody_looked_is_not_told(world: World, clock: Clock) -> None:
    document = incident(Item("Do it"))
    slug = save(document, actor=world.ada).slug
    save(changed(document, Item("Do it", owner="cy")), slug, actor=world.ada)
    save(changed(document, Item("Do it", owner="ben")), slug, actor=world.ada)

    assert told(clock) == [("ben", "assigned", "AI-1")]


def given_to_ben(world: World) -> int:
    """A bulk edit that gives both items of cy to ben."""
    with db.transaction():
        items = bulk_queries.of_numbers([1, 2])
        return bulk_edits.begin(items, {"owner": "ben"}, actor=world.ada).id


def undo(world: World, number: int) -> None:
    with db.transaction():
        bulk_edits.undo(number, actor=world.ada)


def headline() -> str | None:
    """What the newest notice says."""
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        newest = session().scalars(select(Notification).order_by(Notification.id.desc()).limit(1)).one()
        item = session().scalars(select(ActionItem).where(ActionItem.number == newest.item)).one()
        return texts.HEADLINES[newest.kind](texts.Told(newest, item.incident, item), date(2026, 3, 2))


def test_who_gets_back_what_was_theirs_a_moment_ago_is_told_nothing(
    any_database: str, world: World, clock: Clock
) -> None:
    save(incident(Item("Do it", owner="cy"), Item("And this", owner="cy")), actor=world.ada)
    number = given_to_ben(world)
    count = len(told(clock))
    assert told(clock)[-2:] == [("ben", "assigned", "AI-1"), ("ben", "assigned", "AI-2")]
    clock.advance(minutes=50)
    undo(world, number)

    assert told(clock)[count:] == []


def test_who_gets_it_back_later_is_told_that_it_was_undone(world: World, clock: Clock) -> None:
    save(incident(Item("Do it", owner="cy"), Item("And this", owner="cy")), actor=world.ada)
    number = given_to_ben(world)
    count = len(told(clock))
    clock.advance(hours=2)
    undo(world, number)

    assert told(clock)[count:] == [("cy", "assigned", "AI-1"), ("cy", "assigned", "AI-2")]
    assert headline() == "AI-2 is on your list again: ada undid the edit that took it away"


def test_who_is_given_an_item_by_hand_after_an_undo_is_told_as_ever(world: World, clock: Clock) -> None:
    document = incident(Item("Do it", owner="cy"), Item("And this", owner="cy"))
    slug = save(document, actor=world.ada).slug
    undo(world, given_to_ben(world))
    clock.advance(minutes=1)
    for owner in ("ben", "cy"):
        items = (Item("Do it", owner=owner), Item("And this", owner="cy"))
        save(changed(document, *items), slug, actor=world.ada)
        count = len(told(clock))

    assert told(clock)[count - 1 :] == [("cy", "assigned", "AI-1")]
    assert headline() == "ada put AI-1 on your list"


@pytest.mark.parametrize(
    "members, expected", [({"ben": True, "cy": False}, ["ben"]), ({"ben": False, "cy": False}, ["ben", "cy"])]
)
def test_a_team_hears_by_its_leads_or_where_it_has_none_by_all(
    world: World, clock: Clock, members: dict[str, bool], expected: list[str]
) -> None:
    with db.transaction():
        teams.create("platform", "Platform", members, actor=world.ben)
    document = incident(Item("Do it"))
    slug = save(document, actor=world.ada).slug
    save(changed(document, Item("Do it", owner="Platform")), slug, actor=world.ada)

    assert [name for name, _, _ in told(clock)] == expected


def test_an_item_that_came_back_is_told_to_its_owner_with_the_reason(world: World, clock: Clock) -> None:
    document = incident(Item("Do it", owner="cy", status="wont_do", reason="no time"))
    slug = save(document, actor=world.ada).slug
    told(clock)
    save(changed(document, Item("Do it", owner="cy", status="open")), slug, actor=world.ada)

    assert told(clock) == [("cy", "reopened", "AI-1")]


def closed(clock: Clock, world: World, ref: str, status: str = "done") -> None:
    clock.advance(hours=1)
    with db.transaction():
        save_incident.edit_item(ref, {"status": status, "reason": "no"}, actor=world.ada)


def waiting(world: World, clock: Clock, owner: str = "@cy", **fields: Any) -> None:
    """AI-1 is the owner's and waits for AI-2 and AI-3."""
    save(incident(Item("Build", owner=owner), Item("Buy"), Item("Ask"), **fields), actor=world.ada)
    with db.transaction(), visibility.seen_by(Viewer("ada")):
        for blocker in ("AI-2", "AI-3"):
            blockers.add("AI-1", blocker, actor=world.ada)
    told(clock)


def free(clock: Clock, **more: Any) -> list[str]:
    return [name for name, kind, _ in told(clock, **more) if kind == "free"]


@pytest.mark.parametrize("status", ["done", "wont_do"])
@pytest.mark.parametrize("is_read_between", [True, False])
def test_the_owner_is_told_once_when_the_last_blocker_is_closed(
    any_database: str, world: World, clock: Clock, status: str, is_read_between: bool
) -> None:
    waiting(world, clock)
    closed(clock, world, "AI-2")
    if is_read_between:
        assert free(clock) == []
    closed(clock, world, "AI-3", status)

    assert free(clock) == ["cy"]
    closed(clock, world, "AI-1")
    assert free(clock) == ["cy"]


def test_a_blocker_that_is_opened_and_closed_again_frees_again(world: World, clock: Clock) -> None:
    waiting(world, clock)
    closed(clock, world, "AI-2")
    closed(clock, world, "AI-3")
    assert free(clock) == ["cy"]
    closed(clock, world, "AI-3", "open")
    assert free(clock) == ["cy"]
    closed(clock, world, "AI-3")

    assert free(clock) == ["cy", "cy"]


def test_who_speaks_for_a_team_is_told_and_who_closed_it_knows(world: World, clock: Clock) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True, "cy": True}, actor=world.ben)
    waiting(world, clock, owner="Platform")
    closed(clock, world, "AI-2")
    closed(clock, world, "AI-3")

    assert free(clock) == ["cy"]


def test_nobody_hears_that_a_restricted_item_is_free_who_may_not_see_it(world: World, clock: Clock) -> None:
    waiting(world, clock, restricted=("ada",))
    with visibility.seen_by(Viewer("ada")):
        closed(clock, world, "AI-2")
        closed(clock, world, "AI-3")

    assert free(clock) == []


def test_a_mail_says_that_an_item_is_free_unless_it_is_switched_off(world: World, clock: Clock) -> None:
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
    waiting(world, clock)
    closed(clock, world, "AI-2")
    closed(clock, world, "AI-3")
    assert free(clock, sends_mail=True) == ["cy"]
    with db.transaction():
        people.change(zone="UTC", quiet_from="00:00", quiet_until="00:00", off=["free:mail"], actor=world.cy)
    closed(clock, world, "AI-3", "open")
    closed(clock, world, "AI-3")
    assert free(clock, sends_mail=True) == ["cy", "cy"]

    with db.reading():
        kinds = [one.payload["kind"] for one in session().scalars(select(Message)) if one.channel == "mail"]
    assert kinds.count("free") == 1


def test_mentions_and_reviews_are_told_and_who_stays_asked_is_not_asked_again(
    world: World, clock: Clock
) -> None:
    slug = save(incident(Item("Do it")), actor=world.ada).slug
    with db.transaction():
        approvals.ask(slug, ["cy"], actor=world.ada)
    assert told(clock) == [("cy", "review", "")]
    clock.advance(hours=1)
    with db.transaction():
        approvals.ask(slug, ["cy", "ben"], actor=world.ada)
    assert told(clock) == [("cy", "review", ""), ("ben", "review", "")]

    document = Document(title="Other", sections=(Section("Summary", (Prose("Ask @ben."),)),))
    save(document, actor=world.ada)
    assert told(clock)[2:] == [("ben", "mention", "")]


@pytest.mark.parametrize("verb", ["webhook.switched_off", "channel.switched_off", "mail.switched_off"])
def test_what_is_switched_off_is_told_to_admins(world: World, clock: Clock, verb: str) -> None:
    with db.transaction():
        audit.record(Actor.system("worker"), verb, verb.split(".")[0], "chat", trouble="it answered 410")

    assert told(clock) == [("ben", "channel", "")]


def test_a_requested_override_is_told_to_who_may_grant_it(
    any_database: str, world: World, clock: Clock
) -> None:
    requested(world, clock, by=world.ada)

    assert told(clock) == [("ben", "override", "")]
    assert told(clock) == [("ben", "override", "")]


@pytest.mark.parametrize("service, expected", [("data8", ["ben", "cy"]), ("biology", ["ben"])])
def test_an_admin_in_the_team_of_the_service_is_told_of_its_overrides(
    any_database: str, world: World, clock: Clock, service: str, expected: list[str]
) -> None:
    with db.transaction():
        team = owners.create_team("lab", "Lab", {"cy": False}, {"cy": "admin"}, actor=world.ben)
        if service != "data8":
            guards.add_service(service, "", ["prod"], actor=world.ben)
        session().scalars(select(Service).where(Service.name == service)).one().team_id = team.id
    requested(world, clock, by=world.ada)

    assert sorted(name for name, _, _ in told(clock)) == expected


def test_who_requested_an_override_is_not_told_of_it(world: World, clock: Clock) -> None:
    requested(world, clock, by=world.ben)

    assert told(clock) == []


def test_an_override_that_was_decided_before_anybody_looked_is_told_to_nobody(
    world: World, clock: Clock
) -> None:
    number = requested(world, clock, by=world.ada)
    with db.transaction():
        overrides.refuse(number, actor=world.ben)

    assert told(clock) == []


def test_an_override_in_the_inbox_says_what_became_of_it(
    any_database: str, world: World, clock: Clock
) -> None:
    number = requested(world, clock, by=world.ada)
    told(clock)

    before = headlines_and_pages(world, clock)
    with db.transaction():
        overrides.refuse(number, actor=world.ben)
    after = headlines_and_pages(world, clock)

    assert before == [("ada requests an override of no-fridays for data8/prod", "/gate/dec_1#overrides")]
    assert after == [("Override of no-fridays for data8/prod: refused by ben", "/gate/dec_1#overrides")]


def headlines_and_pages(world: World, clock: Clock) -> list[tuple[str, str]]:
    today = clock.now().date()
    with db.reading():
        listed = queries.listing(world.ben)
        return [(texts.headline(one, today) or texts.past(one), texts.page(one)) for one in listed]


def requested(world: World, clock: Clock, *, by: Actor) -> int:
    """An override for data8/prod, which nobody has decided; the value is its key."""
    with db.transaction():
        override = Override(
            decision_id="dec_1",
            target="data8/prod",
            artifact="sha256:51",
            guards=["no-fridays"],
            reason="The labs are over, and the chart was tried by hand.",
            expires_s=3600,
            requested_by=by.name,
            requested_at=clock.now(),
        )
        insert(override)
        audit.record(
            by,
            "decision.override_requested",
            "decision",
            "dec_1",
            override=override.id,
            guards=override.guards,
        )
        return override.id


def test_a_restricted_incident_is_told_to_nobody_who_may_not_see_it(
    any_database: str, world: World, clock: Clock
) -> None:
    document = incident(Item("One"), Item("Two"), restricted=("ada", "ben"))
    slug = save(document, actor=world.ada).slug
    told(clock)
    with visibility.seen_by(Viewer("ada")):
        save(changed(document, Item("One", owner="cy"), Item("Two", owner="ben")), slug, actor=world.ada)

    assert told(clock) == [("ben", "assigned", "AI-2")]


def test_who_wants_to_hear_of_a_kind_nowhere_is_not_told(world: World, clock: Clock) -> None:
    off = ["assigned:inbox", "assigned:mail"]
    with db.transaction():
        people.change(zone="UTC", quiet_from="00:00", quiet_until="00:00", off=off, actor=world.cy)
    document = incident(Item("Do it"))
    slug = save(document, actor=world.ada).slug
    save(changed(document, Item("Do it", owner="cy")), slug, actor=world.ada)

    assert told(clock) == []


def test_a_mail_goes_with_it_where_an_address_is_confirmed_and_waits_for_quiet_hours(
    world: World, clock: Clock
) -> None:
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
        people.change(zone="UTC", quiet_from="08:00", quiet_until="10:00", off=[], actor=world.cy)
    document = incident(Item("Do it"))
    slug = save(document, actor=world.ada).slug
    save(changed(document, Item("Do it", owner="cy")), slug, actor=world.ada)
    told(clock, sends_mail=True)
    told(clock, sends_mail=True)

    with db.reading():
        (message,) = session().scalars(select(Message).where(Message.channel == "mail"))
    assert (message.receiver, message.payload["kind"]) == ("3", "assigned")
    assert message.due_at.hour == 10


def test_it_takes_as_many_statements_for_a_hundred_events_as_for_two(
    world: World, clock: Clock, count_queries: Any
) -> None:
    document = incident(*(Item(f"Do {number}") for number in range(100)))
    slug = save(document, actor=world.ada).slug
    told(clock)
    some = changed(document, *(Item(f"Do {n}", owner="cy" if n < 2 else "") for n in range(100)))
    save(some, slug, actor=world.ada)
    with count_queries() as few:
        told(clock)
    save(changed(document, *(Item(f"Do {n}", owner="ben") for n in range(100))), slug, actor=world.ada)
    with count_queries() as many:
        told(clock)

    assert len(many) <= len(few)
