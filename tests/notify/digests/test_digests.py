"""Digests: each person's and each team's, of what they may see, once, bounded, and in few statements."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.teams import operations as teams
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Invalid, NotAllowed
from postmortems.incidents.models import ActionItem
from postmortems.notify.delivery import Sender
from postmortems.notify.digests import operations
from postmortems.notify.digests.models import DigestSchedule
from postmortems.notify.inbox import operations as inbox
from postmortems.notify.inbox.models import Notification
from postmortems.notify.mail import delivery
from postmortems.notify.people import operations as people
from postmortems.visibility import Viewer
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.notify.mail.sink import Sink, sink
from tests.runtimes import runtime_of
from tests.world import World, build

TODAY = date(2026, 3, 2)


@pytest.fixture
def world(any_database: str, clock: Clock) -> World:
    """A Monday, half an hour before digests are due."""
    clock.set(clock.now().replace(hour=8, minute=30))
    world = build()
    tell()
    clock.advance(hours=1)
    return world


def tell() -> int:
    return operations.tell_due(the_clock.now(), sends_mail=True)


def told() -> list[tuple[int, str]]:
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        rows = session().scalars(select(Notification).order_by(Notification.user_id, Notification.id))
        return [(row.user_id, row.data["title"]) for row in rows]


def incident(*items: Item, title: str = "It went down", by: Actor | None = None, **fields: Any) -> str:
    document = Document(title=title, sections=(Section("Action items", items),), **fields)
    with visibility.seen_by(Viewer("ada")):
        return save(document, actor=by or Actor.system("test")).slug


def due(days: int, owner: str = "cy", **fields: Any) -> Item:
    return Item(f"Do it by {days}", owner=owner, due=TODAY + timedelta(days=days), **fields)


def test_everybody_hears_once_a_week_also_that_nothing_is_overdue(world: World, clock: Clock) -> None:
    incident(due(-3), due(-1), due(7), due(8), due(-9, status="wont_do", reason="no"), due(0, owner="@cy"))

    assert tell() == 3
    assert tell() == 0
    assert told() == [(1, "Nothing is overdue"), (2, "Nothing is overdue"), (3, "2 overdue, 2 due soon")]
    clock.advance(days=6, hours=23)
    assert tell() == 0
    clock.advance(hours=1)
    assert tell() == 3


def test_who_missed_weeks_gets_one(world: World, clock: Clock) -> None:
    clock.advance(days=40)

    assert tell() == 3
    assert tell() == 0


def test_a_lead_hears_of_the_team_and_members_of_what_nobody_owns(world: World) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True, "cy": False}, actor=world.ben)
        teams.name_owner("Infra", team="platform", actor=world.ben)
    tell()
    incident(
        due(-1, "Platform"), due(-2, "infra"), due(-2, "ben", team="Platform"), due(-3, "", team="platform")
    )
    with db.transaction():
        for row in session().scalars(select(DigestSchedule)):
            row.due_at = the_clock.now()
        session().query(Notification).delete()
    tell()

    assert told() == [
        (1, "Nothing is overdue, 1 without an owner"),
        (1, "Platform: 4 overdue, 1 without an owner"),
        (2, "1 overdue"),
        (3, "Nothing is overdue, 1 without an owner"),
    ]


def with_addresses(world: World) -> None:
    for name in ("ada", "ben", "cy"):
        with db.transaction():
            people.set_address(name, f"{name}@example.org", actor=world.ben, sends_mail=True)


def carried(url: str) -> None:
    runtime = runtime_of(smtp_url=url, mail_from="pm@example.org")
    with Sender(runtime, "worker", {"mail": (delivery.send, delivery.noted)}) as one:
        while one.send_due():
            one.wait()


def mailed(found: Sink) -> list[str]:
    return sorted(came.recipients[0] for came in found.came)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_worker_that_is_killed_while_it_writes_them_leaves_the_rest_to_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    with_addresses(world)
    incident(due(-1))
    monkeypatch.setattr(operations, "BATCH", 1)
    tell_some, turns = inbox.tell, list[int]()

    def killed(*given: Any, **options: Any) -> int:
        turns.append(1)
        count = tell_some(*given, **options)
        if len(turns) == turn:
            raise SystemExit
        return count

    with monkeypatch.context() as one:
        one.setattr(inbox, "tell", killed)
        with pytest.raises(SystemExit):
            tell()
    assert len(told()) == turn - 1

    assert tell() == 4 - turn
    assert told() == [(1, "Nothing is overdue"), (2, "Nothing is overdue"), (3, "1 overdue")]
    with sink() as found:
        carried(found.url)
    assert mailed(found) == ["ada@example.org", "ben@example.org", "cy@example.org"]


def more_have_a_digest_due(world: World, count: int) -> None:
    """That many more people, whom nothing was told yet; what is due to everybody is due now."""
    with db.transaction():
        for number in range(count):
            accounts.add_user(f"more-{number}", "viewer", actor=world.system)
    tell()
    with db.transaction():
        for row in session().scalars(select(DigestSchedule)):
            row.due_at = the_clock.now()
        session().query(Notification).delete()


def test_two_workers_at_once_tell_each_digest_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    more_have_a_digest_due(world, 40)
    monkeypatch.setattr(operations, "BATCH", 5)
    ready = threading.Barrier(3)

    def work() -> int:
        ready.wait()
        return tell()

    with ThreadPoolExecutor(3) as pool:
        counts = [each.result() for each in [pool.submit(work) for _ in range(3)]]

    assert sum(counts) == len(told()) == len(set(told())) == 43


def test_a_mail_server_that_is_down_for_an_hour_gets_each_digest_once_when_it_is_back(
    world: World, clock: Clock
) -> None:
    with_addresses(world)
    assert tell() == 3
    for _ in range(12):
        carried("smtp://127.0.0.1:1")
        clock.advance(minutes=5)
    # Meanwhile the job goes on to look for digests that are due.
    assert tell() == 0

    with sink() as found:
        for _ in range(30):
            carried(found.url)
            clock.advance(minutes=5)

    assert mailed(found) == ["ada@example.org", "ben@example.org", "cy@example.org"]


def test_a_restricted_incident_is_in_the_digest_of_who_may_see_it_alone(world: World) -> None:
    incident(due(-1), due(-2, "ben"), restricted=("ada", "ben"), title="Secret")
    incident(due(-3))
    tell()

    assert told() == [(1, "Nothing is overdue"), (2, "1 overdue"), (3, "1 overdue")]


def test_what_is_restricted_before_the_mail_goes_is_not_in_it(world: World) -> None:
    slug = incident(due(-1), by=world.ben)
    incident(due(-2), title="Other")
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
    tell()
    save(
        Document(title="It went down", sections=(Section("Action items", (due(-1),)),), restricted=("ben",)),
        slug,
        actor=world.ben,
    )

    with sink() as found:
        carried(found.url)

    (came,) = found.came
    assert came.message["Subject"] == "1 overdue"
    body = came.message.get_body(("plain",))
    assert body is not None
    assert "Do it by -2" in body.get_content()
    assert "Do it by -1" not in body.get_content()


def test_a_digest_of_5000_items_shows_ten_of_a_section_and_the_way_to_the_rest(
    world: World, app: Flask
) -> None:
    incident(due(-1))
    with db.transaction():
        row = dict(session().execute(select(ActionItem.__table__)).mappings().one())
        copies = [{**row, "id": n, "number": n} for n in range(2, 5001)]
        session().execute(insert(ActionItem), copies)
    tell()

    assert told()[-1] == (3, "5,000 overdue")
    with db.reading():
        number = session().scalars(select(Notification.id).where(Notification.user_id == 3)).one()
    world.app = app
    page = world.browser("cy").get(f"/notifications/{number}/digest").text
    assert page.count('class="main"') == 10
    assert "4,990 more" in page
    assert "/action-items?owner=cy&amp;overdue=1" in page


def test_a_batch_takes_a_fixed_number_of_statements(world: World, count_queries: Any) -> None:
    with count_queries() as few:
        tell()
    more_have_a_digest_due(world, 60)
    incident(*(due(-1, f"more-{number}") for number in range(60)))
    with count_queries() as many:
        assert tell() == 63

    assert len(many) <= len(few) + 2


def change(world: World, **fields: Any) -> DigestSchedule:
    given = {"every": "week", "weekday": 2, "hour": 7, "zone": "Europe/Berlin", "actor": world.ada}
    with db.transaction():
        return operations.change(**(given | fields))


def test_a_person_chooses_day_hour_and_zone(world: World) -> None:
    assert change(world).due_at is not None
    assert str(change(world).due_at) == "2026-03-04 06:00:00+00:00"
    assert change(world, every="never").due_at is None
    tell()
    assert [user for user, _ in told()] == [2, 3]


def test_only_a_lead_or_an_admin_chooses_for_a_team(world: World) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True, "cy": False}, actor=world.ben)

    assert change(world, team="platform").weekday == 2
    assert change(world, team="platform", actor=world.ben, weekday=3).weekday == 3
    with pytest.raises(NotAllowed):
        change(world, team="platform", actor=world.cy)


BAD = [
    ("every", "month"),
    ("weekday", 7),
    ("weekday", -1),
    ("hour", 24),
    ("hour", -1),
    ("zone", "Mars/Olympus"),
]


@pytest.mark.parametrize("field, value", BAD)
def test_a_schedule_that_cannot_be_is_refused_at_its_field(world: World, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        change(world, **{field: value})

    assert [problem.pointer for problem in refused.value.problems] == [f"/{field}"]


def test_page_and_api_save_when_digests_come(world: World, app: Flask) -> None:
    world.app = app
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True}, actor=world.ben)
    browser = world.browser()
    form = {"team": "platform", "every": "day", "weekday": "0", "hour": "8", "zone": "UTC"}

    assert browser.send("/settings/digests", form).status_code == 303
    assert browser.send("/settings/digests", {**form, "hour": "99"}).status_code == 422
    body = {"every": "never", "weekday": 0, "hour": 9, "zone": "UTC"}
    assert browser.put("/api/v1/digests/mine", json=body, headers=world.headers()).status_code == 200
    found = browser.get("/api/v1/digests", headers=world.headers()).get_json()["digests"]
    assert {(row["team"], row["every"], row["hour"]) for row in found} == {
        (None, "never", 9),
        ("platform", "day", 8),
    }


def test_somebody_elses_digest_is_not_found(world: World, app: Flask) -> None:
    world.app = app
    tell()
    with db.reading():
        number = session().scalars(select(Notification.id).where(Notification.user_id == 3)).one()

    assert world.browser("cy").get(f"/notifications/{number}/digest").status_code == 200
    assert world.browser("ada").get(f"/notifications/{number}/digest").status_code == 404


def test_an_account_that_is_off_gets_none(world: World) -> None:
    with db.transaction():
        accounts.change_user("cy", role="viewer", is_active=False, actor=world.ben)
        assert accounts_queries.named("cy")
    tell()

    assert [user for user, _ in told()] == [1, 2]
