"""Old events and addresses go, and the chain still proves what there was and what is left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from postmortems import clock as the_clock
from postmortems.audit import operations as audit
from postmortems.audit import origin, retention, sealer, verification
from postmortems.audit.models import Event
from postmortems.audit.origin import Origin
from postmortems.audit.verification import Findings
from postmortems.db import partitions, rest
from postmortems.db import session as db
from tests.audit.trail import ADA, WORKER, do
from tests.conftest import Clock

DAYS = 100
NEWEST_EDIT = "SELECT max(id) FROM events WHERE verb = 'item.edited'"


def write(count: int) -> None:
    with db.transaction(), origin.coming_from(Origin("web", "192.0.2.7")):
        for _ in range(count):
            audit.record(ADA, "item.edited", "item", "AI-1")


def told() -> None:
    with db.transaction():
        do("UPDATE events SET is_told = true")


@pytest.fixture
def two_years(any_database: str, clock: Clock) -> Clock:
    """Two seals of long ago and one of today, all of them told."""
    for count in (3, 4):
        write(count)
        sealer.seal_all(WORKER)
    clock.advance(days=730)
    write(5)
    sealer.seal_all(WORKER)
    told()
    return clock


def verified() -> Findings:
    with db.reading(at_one_moment=True):
        return verification.of_database()


def count(*wanted: object) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Event).where(*wanted)) or 0  # type: ignore[arg-type]


def remove(clock: Clock, days: int = DAYS) -> int:
    return retention.remove(clock.now(), keep_days=days, actor=WORKER)


def erase(clock: Clock, days: int = DAYS) -> int:
    return retention.erase_addresses(clock.now(), keep_days=days, actor=WORKER)


def test_old_events_go_and_the_chain_still_holds(two_years: Clock) -> None:
    assert remove(two_years) == 2
    assert remove(two_years) == 0

    found = verified()

    assert found.faults == []
    # Three, and four with the one that told of the first seal.
    assert (found.removed, found.removed_until) == (8, 2)
    assert count(Event.verb == "item.edited") == 5
    assert count(Event.verb == retention.REMOVED) == 1


def test_others_have_the_database_after_each_seal(two_years: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[bool] = []
    monkeypatch.setattr(rest.time, "sleep", lambda _: rested.append(db.is_open()))

    assert remove(two_years) == 2

    assert rested == [False, False]


def test_by_default_nothing_goes(two_years: Clock) -> None:
    assert remove(two_years, 0) == erase(two_years, 0) == 0

    assert (verified().removed, count(Event.address != "")) == (0, 12)


def test_what_is_left_is_proven_as_before(two_years: Clock) -> None:
    remove(two_years)
    with db.transaction():
        do(f"UPDATE events SET actor = 'ben' WHERE id = ({NEWEST_EDIT})")

    assert "was changed" in verified().faults[0]


def test_what_is_missing_behind_what_was_announced_is_found(two_years: Clock) -> None:
    remove(two_years)
    with db.transaction():
        do(f"DELETE FROM events WHERE id = ({NEWEST_EDIT})")

    assert "was removed" in verified().faults[0]


def test_events_that_stand_again_in_a_place_that_was_emptied_are_found(two_years: Clock) -> None:
    remove(two_years)
    with db.transaction():
        do(
            "INSERT INTO events (id, at, verb, subject_kind, subject, actor_kind, actor, data, is_told)"
            " SELECT 2, at, verb, subject_kind, subject, actor_kind, 'ben', data, is_told FROM events"
            " WHERE id = (SELECT max(id) FROM events)"
        )

    assert verified().faults[0].startswith("event 2 was changed")


def test_what_withholds_a_deleted_incident_stays(any_database: str, clock: Clock) -> None:
    with db.transaction():
        audit.record(ADA, "incident.deleted", "incident", "a-secret")
        db.connection().execute(update(Event).values(is_sealed=True))
    write(2)
    sealer.seal_all(WORKER)
    told()
    clock.advance(days=730)

    remove(clock)

    assert count(Event.verb == "incident.deleted") == 1
    assert (verified().faults, verified().removed) == ([], 2)


def test_what_nobody_was_told_of_yet_stays(any_database: str, clock: Clock) -> None:
    write(2)
    sealer.seal_all(WORKER)
    clock.advance(days=730)

    remove(clock)

    assert count(Event.verb == "item.edited") == 2


def test_messages_that_may_still_be_sent_find_their_event(two_years: Clock) -> None:
    two_years.advance(days=29)

    assert remove(two_years, 1) == 2


def test_addresses_go_before_their_events(two_years: Clock) -> None:
    assert erase(two_years) == 2
    assert erase(two_years) == 0

    assert count(Event.address != "") == 5
    assert verified().faults == []
    remove(two_years)
    assert verified().faults == []


@pytest.mark.parametrize(
    "statement, said",
    [
        (
            "UPDATE events SET address = '192.0.2.8' WHERE id = 2",
            "the addresses of events 1 to 3 were changed",
        ),
        ("UPDATE events SET address = '' WHERE id = 2", "the addresses of events 1 to 3 were changed"),
        ("UPDATE event_seals SET salt = '00' WHERE number = 1", "addresses of events 1 to 3 were changed"),
        ("UPDATE event_seals SET salt = '' WHERE number = 1", "were erased, and no event tells by whom"),
        ("UPDATE event_seals SET addresses = '' WHERE number = 1", "seal 1 was changed"),
    ],
)
def test_whoever_lays_hands_on_addresses_is_found(two_years: Clock, statement: str, said: str) -> None:
    with db.transaction():
        do(statement)

    assert said in verified().faults[0]


def test_who_is_killed_on_the_way_goes_on_the_next_time(
    two_years: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_seal: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retention, "_remove", killed)
        with pytest.raises(KeyboardInterrupt):
            remove(two_years)
    assert verified().faults == []

    assert remove(two_years) == 2

    assert count(Event.verb == retention.REMOVED) == 1
    assert verified().removed == 8


def test_an_event_dated_ahead_goes_with_those_beside_it_and_holds_up_nothing(
    any_database: str, clock: Clock
) -> None:
    with db.transaction(), the_clock.frozen_at(clock.now() + timedelta(days=36_500)):
        audit.record(ADA, "item.edited", "item", "AI-1")
    for _ in range(2):
        write(2)
        sealer.seal_all(WORKER)
    told()
    clock.advance(days=730)

    assert remove(clock) == 2
    assert count(Event.verb == "item.edited") == 0
    assert verified().faults == []


def test_an_event_dated_ahead_is_kept_as_long_as_others_of_its_seal(any_database: str, clock: Clock) -> None:
    with db.transaction(), the_clock.frozen_at(clock.now() + timedelta(days=36_500)):
        audit.record(ADA, "item.edited", "item", "AI-1")
    sealer.seal_all(WORKER)
    told()
    clock.advance(days=DAYS - 1)

    assert remove(clock) == 0


def test_a_seal_is_dated_by_the_clock_that_its_worker_is_given(any_database: str, clock: Clock) -> None:
    write(1)
    sealer.seal_all(WORKER, clock.now() + timedelta(minutes=9))

    with db.reading():
        assert sealer.newest().sealed_at == clock.now() + timedelta(minutes=9)  # type: ignore[union-attr]


@pytest.fixture
def by_month(postgres_database: str, clock: Clock) -> Clock:
    """A database with months, in March 2026."""
    db.connect(postgres_database)
    partitions.make_ahead(clock.now(), {"evaluations": 30, "events": 30})
    return clock


def months() -> list[str]:
    with db.reading():
        return [part.name.removeprefix("events_") for part in partitions.parts("events")]


def later(clock: Clock, *date: int) -> None:
    clock.set(datetime(*date, tzinfo=UTC))  # type: ignore[misc,arg-type]


@pytest.mark.postgres
def test_a_month_of_events_goes_whole_and_the_chain_still_holds(
    by_month: Clock, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def edited() -> int:
        return count(Event.verb == "item.edited")

    write(50)
    sealer.seal_all(WORKER)
    later(by_month, 2026, 4, 10)
    write(7)
    sealer.seal_all(WORKER)
    told()
    # Events of March are old by now, and March is not over for them.
    later(by_month, 2026, 4, 20)
    assert remove(by_month, 30) == 0
    assert edited() == 57

    later(by_month, 2026, 5, 1)
    with count_queries() as statements:
        remove(by_month, 30)

    assert months()[0] == "2026_04"
    assert edited() == 7
    assert (verified().faults, verified().removed) == ([], 50)
    removals = [said for said in statements if said.startswith("DELETE FROM events")]
    # Seals are marked one by one, and nothing of them is left to be removed then.
    assert len(removals) == 1


@pytest.mark.postgres
def test_what_is_missing_beside_a_month_that_went_is_found(by_month: Clock) -> None:
    write(5)
    sealer.seal_all(WORKER)
    later(by_month, 2026, 4, 10)
    write(7)
    sealer.seal_all(WORKER)
    told()
    later(by_month, 2026, 5, 1)
    remove(by_month, 30)
    assert verified().faults == []

    with db.transaction():
        do("ALTER TABLE events DETACH PARTITION events_2026_04")

    assert "was removed" in verified().faults[0]


@pytest.mark.postgres
def test_of_a_month_that_goes_stays_what_has_to(by_month: Clock) -> None:
    with db.transaction():
        audit.record(ADA, "incident.deleted", "incident", "a-secret")
        db.connection().execute(update(Event).values(is_sealed=True))
    write(4)
    sealer.seal_all(WORKER)
    told()
    with db.transaction():
        audit.record(ADA, "item.closed", "item", "AI-2")
    sealer.seal_all(WORKER)
    later(by_month, 2026, 5, 3)
    # By a machine whose clock is behind: it is of no seal yet.
    with db.transaction(), the_clock.frozen_at(datetime(2026, 3, 3, tzinfo=UTC)):
        audit.record(ADA, "item.opened", "item", "AI-3")

    remove(by_month, 30)

    assert "2026_03" not in months()
    assert count(Event.verb == "incident.deleted") == 1
    assert count(Event.verb == "item.closed") == 1
    assert count(Event.verb == "item.opened") == 1
    assert count(Event.verb == "item.edited") == 0
    sealer.seal_all(WORKER)
    assert verified().faults == []


@pytest.mark.postgres
def test_a_month_of_which_much_stays_is_left_where_it_is(
    by_month: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_MOVED", 3)
    write(4)
    sealer.seal_all(WORKER)
    later(by_month, 2026, 5, 3)

    remove(by_month, 30)

    assert months()[0] == "2026_03"
    assert count(Event.verb == "item.edited") == 4


@pytest.mark.postgres
def test_addresses_go_by_days_and_not_by_months(by_month: Clock) -> None:
    write(4)
    sealer.seal_all(WORKER)
    later(by_month, 2026, 4, 20)

    assert erase(by_month, 30) == 1
    assert count(Event.address != "") == 0
    assert verified().faults == []
