"""Months of PostgreSQL's tables: each row stands in its own, each month is there before it begins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, text

from postmortems.audit.models import Event
from postmortems.db import partitions
from postmortems.db import session as db
from postmortems.db.partitions import Part
from postmortems.guards.models import Evaluation
from tests.conftest import Clock
from tests.db.test_session import event
from tests.faults.serving import until

BERLIN = ZoneInfo("Europe/Berlin")
BY_MONTH = {"evaluations": 400, "events": 400}
NOVEMBER = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def months(postgres_database: str, clock: Clock) -> Iterator[Clock]:
    """A database of November 2026 with its months; a session there writes instants as Berlin does."""
    clock.set(NOVEMBER)
    engine = db.connect(postgres_database)

    def prepare(connection: Any, _record: object) -> None:
        connection.execute("SET TIME ZONE 'Europe/Berlin'")
        connection.commit()

    sqlalchemy_event.listen(engine, "connect", prepare)
    engine.dispose()
    partitions.make_ahead(clock.now(), BY_MONTH)
    yield clock
    sqlalchemy_event.remove(engine, "connect", prepare)
    engine.dispose()


def names(table: str = "events") -> list[str]:
    with db.reading():
        return [part.name for part in partitions.parts(table)]


def put(*instants: datetime) -> None:
    with db.transaction() as session:
        session.add_all(event(at=at) for at in instants)


def stands(at: datetime) -> list[str]:
    """In which part the events of an instant stand."""
    with db.reading():
        found = db.rows(
            text("SELECT tableoid::regclass::text AS part FROM events WHERE at = :at"), {"at": at}
        )
    return [row.part for row in found]


def utc(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc,arg-type]


AHEAD: dict[str, tuple[datetime, list[str]]] = {
    "in the middle": (utc(2026, 5, 14), ["2026-05", "2026-06", "2026-07", "2026-08"]),
    "at the very beginning": (utc(2026, 5, 1), ["2026-05", "2026-06", "2026-07", "2026-08"]),
    "at the very end": (
        utc(2026, 4, 30, 23, 59, 59, 999_999),
        ["2026-04", "2026-05", "2026-06", "2026-07"],
    ),
    "over the end of the year": (utc(2026, 11, 30, 23, 59), ["2026-11", "2026-12", "2027-01", "2027-02"]),
    "from a long month": (utc(2026, 1, 31), ["2026-01", "2026-02", "2026-03", "2026-04"]),
    "over a leap day": (utc(2028, 1, 31), ["2028-01", "2028-02", "2028-03", "2028-04"]),
    "where it is another month by the clock on the wall": (
        datetime(2026, 12, 1, 0, 30, tzinfo=BERLIN),
        ["2026-11", "2026-12", "2027-01", "2027-02"],
    ),
    "in the hour that comes twice": (
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1),
        ["2026-10", "2026-11", "2026-12", "2027-01"],
    ),
}


@pytest.mark.parametrize("now, expected", AHEAD.values(), ids=list(AHEAD))
def test_these_months_are_to_be_there(now: datetime, expected: list[str]) -> None:
    found = partitions.ahead(now)

    assert [f"{month:%Y-%m}" for month in found] == expected
    assert all(month == partitions.month_of(month) for month in found)


def test_what_is_kept_by_month_has_a_key_with_its_time_and_no_other_that_is_unique() -> None:
    kept = {
        name: table for name, table in db.Base.metadata.tables.items() if partitions.PARTED_BY in table.info
    }

    assert {name: table.info[partitions.PARTED_BY] for name, table in kept.items()} == partitions.TABLES
    for table in kept.values():
        assert not any(index.unique for index in table.indexes)
        referring = [key for other in db.Base.metadata.tables.values() for key in other.foreign_keys]
        assert not any(key.column.table is table for key in referring)


def part(begins: str, ends: str) -> Part:
    first = datetime.fromisoformat(begins).replace(tzinfo=UTC)
    return Part("events", f"events_{first:%Y_%m}", first, datetime.fromisoformat(ends).replace(tzinfo=UTC))


EARLIER = Part("events", "events_earlier", None, utc(2027, 1, 1))
LACKING: dict[str, tuple[list[Part], datetime, bool, list[Part]]] = {
    "nothing, before the year ends": ([EARLIER], utc(2026, 9, 30), True, []),
    "the year to come": ([EARLIER], utc(2026, 10, 1), True, [part("2027-01-01", "2028-01-01")]),
    "what is left of the year": (
        [EARLIER, part("2027-01-01", "2027-02-01")],
        utc(2026, 12, 31),
        True,
        [part("2027-02-01", "2028-01-01")],
    ),
    "this year and the next": (
        [],
        utc(2027, 11, 5),
        True,
        [part("2027-11-01", "2028-01-01"), part("2028-01-01", "2029-01-01")],
    ),
    "as much as comes before a month that is there": (
        [EARLIER, part("2027-03-01", "2027-04-01")],
        utc(2027, 1, 1),
        True,
        [part("2027-01-01", "2027-03-01"), part("2027-04-01", "2028-01-01")],
    ),
    "months, behind a year": (
        [part("2026-01-01", "2027-01-01")],
        utc(2026, 11, 5),
        False,
        [part("2027-01-01", "2027-02-01"), part("2027-02-01", "2027-03-01")],
    ),
}


@pytest.mark.parametrize("known, now, by_year, expected", LACKING.values(), ids=list(LACKING))
def test_what_is_lacking(known: list[Part], now: datetime, by_year: bool, expected: list[Part]) -> None:
    assert partitions.lacking("events", known, partitions.ahead(now), by_year=by_year) == expected


PARTS = {
    "events_2026_12": True,
    "evaluations_rest": True,
    "events_earlier": True,
    "events": False,
    "event_seals": False,
    "events_2026_1": False,
    "an_events_rest": False,
}


@pytest.mark.parametrize("name, expected", PARTS.items(), ids=list(PARTS))
def test_a_part_is_known_by_its_name(name: str, expected: bool) -> None:
    assert partitions.is_part(name) is expected
    assert not partitions.is_part(name, "index")


@pytest.mark.postgres
def test_each_row_stands_in_its_month(months: Clock) -> None:
    expected = {
        utc(2026, 11, 1): "events_2026_11",
        utc(2026, 11, 30, 23, 59, 59, 999_999): "events_2026_11",
        utc(2026, 12, 1): "events_2026_12",
        # On the wall it is December in one place and November in the other.
        datetime(2026, 12, 1, 0, 59, tzinfo=BERLIN): "events_2026_11",
        datetime(2026, 11, 30, 20, 0, tzinfo=timezone(timedelta(hours=-8))): "events_2026_12",
        utc(2027, 1, 1): "events_2027_01",
        utc(2027, 2, 28, 23, 59, 59): "events_2027_02",
        # Nothing is refused.
        utc(2027, 3, 1): "events_rest",
        utc(2026, 10, 31, 23, 59, 59): "events_rest",
        utc(9999, 12, 31): "events_rest",
        utc(1970, 1, 1): "events_rest",
        utc(1, 1, 2): "events_rest",
    }
    put(*expected)

    assert {at: stands(at) for at in expected} == {at: [part] for at, part in expected.items()}


@pytest.mark.postgres
def test_a_month_is_there_before_it_begins(months: Clock) -> None:
    for _ in range(500):
        months.advance(days=1)
        partitions.make_ahead(months.now(), BY_MONTH)
        with db.reading():
            assert partitions.missing(months.now(), BY_MONTH) == []

    assert names()[:3] == ["events_2026_11", "events_2026_12", "events_2027_01"]
    assert names()[-1] == "events_2028_06"
    assert [name.replace("evaluations", "events") for name in names("evaluations")] == names()
    assert partitions.make_ahead(months.now(), BY_MONTH) == 0


@pytest.mark.postgres
def test_a_worker_that_was_away_for_long_makes_what_is_to_come(months: Clock) -> None:
    months.set(utc(2027, 9, 30, 23, 59, 59))
    with db.reading():
        assert len(partitions.missing(months.now(), BY_MONTH, 1)) == 4
    put(utc(2027, 6, 1), utc(2027, 9, 30), utc(2027, 10, 1))

    assert partitions.make_ahead(months.now(), BY_MONTH) == 8

    # What was written meanwhile moves to its month, and what has none stays.
    assert stands(utc(2027, 9, 30)) == ["events_2027_09"]
    assert stands(utc(2027, 10, 1)) == ["events_2027_10"]
    assert stands(utc(2027, 6, 1)) == ["events_rest"]


@pytest.mark.postgres
def test_rows_keep_their_numbers_where_they_move_and_new_ones_go_on(months: Clock) -> None:
    put(utc(2027, 4, 1), utc(2027, 4, 2), utc(2026, 11, 2))
    with db.reading() as session:
        before = list(session.execute(select(Event.id, Event.at).order_by(Event.id)))
    months.set(utc(2027, 3, 31))

    partitions.make_ahead(months.now(), BY_MONTH)
    put(utc(2027, 4, 3))

    with db.reading() as session:
        after = list(session.execute(select(Event.id, Event.at).order_by(Event.id)))
    assert after[:-1] == before
    assert after[-1].id == before[-1].id + 1
    assert stands(utc(2027, 4, 1)) == ["events_2027_04"]


@pytest.mark.postgres
def test_a_month_has_what_its_table_has(months: Clock) -> None:
    indexes = text(
        "SELECT count(*) FROM pg_index JOIN pg_inherits ON inhrelid = indexrelid"
        " WHERE indrelid = 'events_2027_02'::regclass AND indisvalid"
    )
    refers = text(
        "SELECT FROM pg_constraint WHERE conrelid = 'evaluations_2027_02'::regclass AND contype = 'f'"
    )
    whole = text("SELECT count(*) FROM pg_index WHERE indrelid = 'events'::regclass")
    with db.reading():
        assert db.rows(indexes) == db.rows(whole)
        assert db.rows(refers)


@pytest.mark.postgres
def test_the_planner_knows_of_all_months_once_one_is_made(months: Clock) -> None:
    put(*(utc(2026, 11, day) for day in range(1, 29)))
    months.set(utc(2026, 12, 1))
    partitions.make_ahead(months.now(), BY_MONTH)

    with db.reading():
        known = db.rows(text("SELECT reltuples::integer AS count FROM pg_class WHERE relname = 'events'"))
    assert known[0].count == 28


@pytest.mark.postgres
def test_two_that_make_the_same_months_make_them_once(months: Clock) -> None:
    months.set(utc(2030, 1, 1))
    made: list[int] = []
    makers = [
        threading.Thread(target=lambda: made.append(partitions.make_ahead(months.now(), BY_MONTH)))
        for _ in range(2)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    partitions.make_ahead(months.now(), BY_MONTH)

    assert names()[-4:] == ["events_2030_01", "events_2030_02", "events_2030_03", "events_2030_04"]
    assert len(made) == 2


@pytest.mark.postgres
def test_who_reads_for_long_is_given_way_and_the_month_is_made_later(months: Clock) -> None:
    months.set(utc(2027, 1, 1))
    with db.reading() as session:
        session.scalars(select(Event)).all()
        maker = threading.Thread(target=lambda: partitions.make_ahead(months.now(), BY_MONTH))
        maker.start()
        maker.join()
        writer = threading.Thread(target=lambda: put(utc(2027, 1, 2)))
        writer.start()
        writer.join()
    assert "events_2027_04" not in names()
    assert stands(utc(2027, 1, 2)) == ["events_2027_01"]

    assert partitions.make_ahead(months.now(), BY_MONTH) == 2
    assert "events_2027_04" in names()


@pytest.mark.postgres
def test_who_has_read_writes_on_while_a_month_waits_to_be_made(
    months: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "LOCK_WITHIN_MS", 60_000)
    months.set(utc(2027, 1, 1))
    made: list[int] = []
    maker = threading.Thread(target=lambda: made.append(partitions.make_ahead(months.now(), BY_MONTH)))

    with db.transaction() as session:
        session.scalars(select(Event)).all()
        maker.start()
        until(lambda: is_waited_for("events_rest"))
        session.add(event(at=utc(1999, 1, 1)))
    maker.join()

    assert made == [4]
    assert stands(utc(1999, 1, 1)) == ["events_rest"]


def is_waited_for(table: str) -> bool:
    asked = text("SELECT count(*) FROM pg_locks WHERE relation = CAST(:name AS regclass) AND NOT granted")
    with db.engine().connect() as connection:
        return bool(connection.scalar(asked, {"name": table}))


@pytest.mark.postgres
def test_a_month_waits_until_it_can_go_whole(months: Clock) -> None:
    with db.reading():
        assert partitions.due("events", utc(2026, 12, 20)) == utc(2026, 12, 1)
        assert partitions.due("events", utc(2026, 12, 1)) == utc(2026, 12, 1)
        # No month is there of it.
        assert partitions.due("events", utc(2026, 10, 20)) == utc(2026, 10, 20)
        over = partitions.whole("events", utc(2027, 1, 1))
    assert [part.name for part in over] == ["events_2026_11", "events_2026_12"]


@pytest.mark.postgres
def test_a_part_goes_but_for_what_is_kept_of_it(months: Clock) -> None:
    put(utc(2026, 11, 1), utc(2026, 11, 2), utc(2026, 12, 3))
    with db.reading() as session:
        kept = session.scalar(select(Event.id).where(Event.at == utc(2026, 11, 2)))
        part = partitions.parts("events")[0]

    assert partitions.remove(part, lambda loose: select(loose.c.id).where(loose.c.id == kept))

    assert "events_2026_11" not in names()
    assert stands(utc(2026, 11, 1)) == []
    assert stands(utc(2026, 11, 2)) == ["events_rest"]
    assert stands(utc(2026, 12, 3)) == ["events_2026_12"]
    with db.reading() as session:
        assert session.scalars(select(Event.id).where(Event.at == utc(2026, 11, 2))).one() == kept


@pytest.mark.postgres
def test_a_part_that_others_use_stays_whole(months: Clock) -> None:
    put(utc(2026, 11, 1))
    removed: list[bool] = []
    with db.reading() as session:
        session.scalars(select(Event)).all()
        part = partitions.parts("events")[0]
        remover = threading.Thread(
            target=lambda: removed.append(partitions.remove(part, lambda loose: select(loose.c.id)))
        )
        remover.start()
        remover.join()

    assert removed == [False]
    assert stands(utc(2026, 11, 1)) == ["events_2026_11"]


@pytest.mark.postgres
def test_a_role_that_does_not_own_the_tables_makes_and_removes_none_and_goes_on(
    months: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for statement in (
        "DROP ROLE IF EXISTS some_clerk",
        "CREATE ROLE some_clerk",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO some_clerk",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO some_clerk",
    ):
        with db.transaction():
            db.connection().execute(text(statement))

    def prepare(connection: Any, _record: object) -> None:
        connection.execute("SET ROLE some_clerk")
        connection.commit()

    sqlalchemy_event.listen(db.engine(), "connect", prepare)
    db.engine().dispose()
    try:
        months.set(utc(2027, 1, 1))
        with db.reading():
            part = partitions.parts("events")[0]

        assert partitions.make_ahead(months.now(), BY_MONTH) == 0
        assert not partitions.remove(part, lambda loose: select(loose.c.id))

        put(utc(2027, 4, 1))
        assert stands(utc(2027, 4, 1)) == ["events_rest"]
        assert "does not own the table" in caplog.text
    finally:
        sqlalchemy_event.remove(db.engine(), "connect", prepare)
        db.engine().dispose()
        for statement in ("DROP OWNED BY some_clerk", "DROP ROLE some_clerk"):
            with db.transaction():
                db.connection().execute(text(statement))


@pytest.mark.postgres
@pytest.mark.parametrize("days", [0, partitions.LONGEST_BY_MONTH + 1])
def test_what_is_kept_for_long_stands_in_a_few_parts_and_waits_for_no_year(months: Clock, days: int) -> None:
    long = {"evaluations": days, "events": days}
    for _ in range(60):
        months.advance(days=61)
        partitions.make_ahead(months.now(), long)
        with db.reading():
            assert partitions.missing(months.now(), long) == []

    # Four months, what was left of 2027, and nine years.
    assert len(names()) < 20
    put(utc(2029, 7, 1))
    assert stands(utc(2029, 7, 1)) == ["events_2029_01"]
    with db.reading():
        assert partitions.due("events", utc(2029, 7, 1)) == utc(2029, 7, 1)


def test_sqlite_has_no_months(database: str, clock: Clock) -> None:
    assert partitions.make_ahead(clock.now(), BY_MONTH) == 0
    with db.reading():
        assert partitions.parts("events") == partitions.missing(clock.now(), BY_MONTH) == []
        assert partitions.due("events", clock.now()) == clock.now()
        assert partitions.whole("events", clock.now()) == []


@pytest.mark.postgres
def test_verdicts_are_kept_by_month_too(months: Clock) -> None:
    said = {"guard_slug": "a", "guard_revision": 1, "purpose": "schedule", "level": "soft", "verdict": "pass"}
    with db.transaction() as session:
        session.add(Evaluation(**said, at=utc(2026, 12, 31, 23, 59)))

    with db.reading():
        found = db.rows(text("SELECT tableoid::regclass::text AS part FROM evaluations"))
    assert [row.part for row in found] == ["evaluations_2026_12"]
