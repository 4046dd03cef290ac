"""The step to months: rows, numbers, keys and rights are there before and after it, in both directions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, inspect, text

from postmortems import clock
from postmortems.db import migrations, partitions
from postmortems.db import session as db
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.postgres

STEP, BEFORE = "20261201_1401", "20261201_1301"
# As the release before writes them: it may go on beside the tables of this one.
EVENT = text(
    "INSERT INTO events (at, verb, subject_kind, subject, actor_kind, actor, data, is_told)"
    " VALUES (:at, 'item.edited', 'item', :subject, 'person', 'ada', '{}', false) RETURNING id"
)
VERDICT = text(
    "INSERT INTO evaluations (guard_slug, guard_revision, purpose, target, at, level, verdict, reason_code,"
    " summary) VALUES ('a', 1, 'schedule', :subject, :at, 'soft', 'pass', '', '') RETURNING id"
)


@pytest.fixture
def engine(postgres: TemporaryPostgres) -> Iterator[Engine]:
    """A database of the release before."""
    engine = db.connect(postgres.fresh_database())
    migrations.upgrade(engine, BEFORE)
    yield engine
    db.disconnect()


def instants() -> list[datetime]:
    """Of long ago, now, the months that come, and one that a wrong clock wrote."""
    now = clock.now()
    return [
        datetime(1970, 1, 1, tzinfo=UTC),
        now - timedelta(days=400),
        now,
        partitions.following(now),
        partitions.following(now) + timedelta(days=70),
        datetime(2999, 1, 1, tzinfo=UTC),
    ]


def write(name: str) -> list[int]:
    """An event and a verdict of each instant; their numbers."""
    with db.transaction():
        return [
            db.connection().execute(statement, {"at": at, "subject": f"{name}-{place}"}).scalar_one()
            for statement in (EVENT, VERDICT)
            for place, at in enumerate(instants())
        ]


def rows() -> list[tuple[object, ...]]:
    with db.reading():
        events = db.rows(text("SELECT id, at, subject, is_told FROM events ORDER BY id"))
        verdicts = db.rows(text("SELECT id, at, target, guard_id FROM evaluations ORDER BY id"))
    return [tuple(row) for row in (*events, *verdicts)]


def places(table: str) -> list[str]:
    with db.reading():
        found = db.rows(text(f"SELECT tableoid::regclass::text AS part FROM {table} ORDER BY at, id"))
    return [row.part for row in found]


def test_rows_stay_what_they_are_up_and_down_and_up_again(engine: Engine) -> None:
    write("before")
    before = rows()

    migrations.upgrade(engine, STEP)
    assert rows() == before
    for table in partitions.TABLES:
        months = [f"{table}_{month:%Y_%m}" for month in partitions.ahead(clock.now())]
        earlier = f"{table}_earlier"
        assert places(table) == [earlier, earlier, earlier, months[1], months[3], f"{table}_rest"]
    with db.reading():
        assert partitions.missing(clock.now(), {"evaluations": 400, "events": 400}) == []
    write("beside")
    both = rows()

    migrations.downgrade(engine, BEFORE)
    assert rows() == both
    assert not any(map(partitions.is_part, inspect(engine).get_table_names()))
    migrations.upgrade(engine, STEP)
    assert rows() == both


def test_numbers_go_on_on_both_sides(engine: Engine) -> None:
    newest = write("before")
    for to in (STEP, BEFORE, STEP):
        (migrations.upgrade if to == STEP else migrations.downgrade)(engine, to)
        following = write("later")
        half = len(instants())
        assert following[0] == newest[half - 1] + 1
        assert following[half] == newest[-1] + 1
        newest = following


WAITS = text("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass")


@pytest.mark.parametrize("to", [STEP, BEFORE])
def test_who_has_one_table_and_wants_the_other_is_given_way(engine: Engine, to: str) -> None:
    if to == BEFORE:
        migrations.upgrade(engine, STEP)
    steps: list[str | None] = []

    def step() -> None:
        (migrations.upgrade if to == STEP else migrations.downgrade)(engine, to)
        steps.append(migrations.current(engine))

    with db.transaction():
        db.connection().execute(EVENT, {"at": clock.now(), "subject": "one"})
        stepping = threading.Thread(target=step)
        stepping.start()
        with engine.connect() as watching:
            while watching.execute(WAITS).first() is None:
                watching.rollback()
        db.connection().execute(VERDICT, {"at": clock.now(), "subject": "one"})
    stepping.join()

    assert steps == [to]
    assert len(rows()) == 2


def test_whoever_could_read_it_still_can(engine: Engine) -> None:
    may = text("SELECT has_table_privilege('some_reader', 'events', 'SELECT')")
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS some_reader"))
        connection.execute(text("CREATE ROLE some_reader"))
        connection.execute(text("GRANT SELECT ON events TO some_reader"))
    try:
        for to in (STEP, BEFORE):
            (migrations.upgrade if to == STEP else migrations.downgrade)(engine, to)
            with engine.connect() as connection:
                assert connection.scalar(may)
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP OWNED BY some_reader"))
            connection.execute(text("DROP ROLE some_reader"))


def test_what_was_there_before_goes_whole_too_and_the_numbers_stay(engine: Engine) -> None:
    numbers = write("before")
    migrations.upgrade(engine, STEP)
    with db.reading():
        over = partitions.whole("events", partitions.following(clock.now()))
    assert [(part.name, part.begins) for part in over] == [("events_earlier", None)]

    assert partitions.remove(over[0], lambda loose: text("SELECT 0").columns(loose.c.id))  # type: ignore[arg-type,return-value]

    assert "events_earlier" not in inspect(engine).get_table_names()
    assert write("later")[0] == numbers[len(instants()) - 1] + 1


def test_a_guard_that_is_deleted_leaves_its_verdicts_in_every_part(engine: Engine) -> None:
    migrations.upgrade(engine, STEP)
    write("one")
    guard = text(
        "INSERT INTO guards (slug, title, search_text, kind, config, level, is_enabled, on_error, max_age_s,"
        " override, remedy, owner, is_demo, revision, created_at, edited_at)"
        " VALUES ('a', '', '', 'target', '{}', 'shadow', true, 'block', 30,"
        " 'one', '', '', false, 1, now(), now()) RETURNING id"
    )
    with db.transaction():
        number = db.connection().execute(guard).scalar_one()
        db.connection().execute(text("UPDATE evaluations SET guard_id = :number"), {"number": number})
    with db.transaction():
        db.connection().execute(text("DELETE FROM guards"))

    with db.reading():
        assert {row.guard_id for row in db.rows(text("SELECT guard_id FROM evaluations"))} == {None}
    assert len(places("evaluations")) == len(instants())
