"""Reminders of due dates: on the day, once however often the worker looks, never of what is hidden."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.accounts import operations as accounts
from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.followup.policies import operations as policies
from postmortems.followup.policies.due_dates import DuePolicy
from postmortems.followup.policies.operations import PolicyValues
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.items import item_edit
from postmortems.notify.inbox import operations, reminders
from postmortems.notify.inbox.models import Notification
from postmortems.notify.models import Message
from postmortems.notify.people import operations as people
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.world import World, build

TODAY = date(2026, 3, 2)
WHOLE = DuePolicy(1, warn_before=(7, 1), warn_after=(3,), lead_after=5, admin_after=10)


@pytest.fixture
def world(any_database: str, clock: Clock) -> World:
    return build()


def due(item_of: dict[int, dict[str, str]], **fields: Any) -> None:
    """An incident with items that are due so many days from today."""
    items = tuple(Item("Do it", due=TODAY + timedelta(days=days), **item) for days, item in item_of.items())
    save(Document(title="It went down", sections=(Section("Action items", items),), **fields))


def told() -> list[tuple[int, str, int | None, str]]:
    reminders.tell_all(the_clock.now(), sends_mail=True)
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        rows = session().scalars(select(Notification).order_by(Notification.id)).all()
        return [(row.user_id, row.kind, row.item, row.data["cause"]) for row in rows]


def test_without_a_policy_the_owner_hears_on_the_day_once(world: World, clock: Clock) -> None:
    due({0: {"owner": "cy"}, 1: {"owner": "cy"}, -30: {"owner": "cy"}})

    assert told() == [(3, "reminder", 1, "due")]
    assert told() == [(3, "reminder", 1, "due")]
    clock.advance(days=1)
    assert told()[1:] == [(3, "reminder", 2, "due")]


def test_of_what_somebody_left_behind_the_leads_of_the_team_hear(world: World, clock: Clock) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True, "cy": False}, actor=world.ben)
        accounts.change_user("cy", role="viewer", is_active=False, actor=world.ben)
    due({0: {"owner": "cy"}})

    assert told() == [(1, "reminder", 1, "due")]


def test_a_policy_warns_before_at_and_after_and_escalates(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders.policies, "policies", lambda: [WHOLE])
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True, "cy": False}, actor=world.ben)
    due({7: {"owner": "cy", "team": "Platform"}})

    causes = []
    for _ in range(20):
        causes = told()
        clock.advance(days=1)
    assert [(user, cause) for user, _, _, cause in causes] == [
        (3, "before"),
        (3, "before"),
        (3, "due"),
        (3, "after"),
        (1, "lead"),
        (3, "lead"),
        (2, "admin"),
        (1, "admin"),
        (3, "admin"),
    ]


def test_what_nobody_owns_is_told_to_admins(world: World) -> None:
    due({0: {}})

    assert told() == [(2, "reminder", 1, "due")]


def test_a_restricted_item_reminds_only_who_may_see_it(world: World) -> None:
    due({0: {"owner": "cy"}}, restricted=("ben",))

    assert told() == []


def test_what_is_done_reminds_nobody_and_its_mail_is_not_sent(world: World, clock: Clock) -> None:
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
    due({0: {"owner": "cy"}, 1: {"owner": "cy", "status": "wont_do", "reason": "no"}})

    assert len(told()) == 1
    with db.reading():
        (message,) = session().scalars(select(Message).where(Message.channel == "mail"))
    assert message.payload["kind"] == "reminder"


def test_a_worker_that_is_killed_in_the_middle_tells_nobody_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    items = tuple(Item(f"Do {number}", owner="cy", due=TODAY) for number in range(5))
    save(Document(title="It went down", sections=(Section("Action items", items),)))
    tell, turns = operations.tell, []

    def killed(*given: Any, **options: Any) -> int:
        turns.append(1)
        done = tell(*given, **options)
        if len(turns) == 2:
            raise SystemExit
        return done

    with monkeypatch.context() as one:
        one.setattr(operations, "tell", killed)
        with pytest.raises(SystemExit):
            reminders.tell_all(the_clock.now(), sends_mail=False)

    assert sorted(item or 0 for _, _, item, _ in told()) == [1, 2, 3, 4, 5]


def test_a_batch_takes_a_fixed_number_of_statements(world: World, count_queries: Any) -> None:
    due({0: {"owner": "cy"}})
    with count_queries() as few:
        told()
    items = tuple(Item(f"Do {number}", owner="cy", due=TODAY) for number in range(100))
    save(Document(title="And again", sections=(Section("Action items", items),)))
    with count_queries() as many:
        told()

    assert len(many) <= len(few)


def test_a_stored_policy_asks_for_an_owner_warns_and_escalates(world: World, clock: Clock) -> None:
    values = PolicyValues(complete_days=4, assign_days=1, warn_before=(1,), lead_after=2)
    with db.transaction():
        policies.create(values, actor=world.ben)
    document = Document(title="It broke", sections=(Section("Action items", (Item("Do it"),)),))
    with db.transaction():
        slug = save_incident.save(None, document, version=None, actor=world.ada).slug

    told()
    clock.advance(days=1)
    assert [(user, cause) for user, _, _, cause in told()] == [(2, "assign")]
    with db.transaction():
        found = rows.to_document(incidents.for_saving(slug))
        save_incident.save(
            slug, item_edit.with_item(found, "AI-1", owner="cy"), version=None, actor=world.ada
        )
    for _ in range(6):
        clock.advance(days=1)
        told()
    assert [(user, cause) for user, _, _, cause in told()] == [
        (2, "assign"),
        (3, "before"),
        (3, "due"),
        (2, "lead"),
        (3, "lead"),
    ]
