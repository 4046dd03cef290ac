"""Prepared statements do what ordinary ones do, and refuse what would go unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, column, delete, insert, select, table, union_all, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    PendingRollbackError,
    ProgrammingError,
)

from postmortems.db import json_rows, versions
from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert, PreparedQuery, Same
from postmortems.db.session import Base, session
from postmortems.formats.json_text import Dumped
from postmortems.gate.models import Decision
from postmortems.guards.models import Service, Target
from postmortems.incidents.models import Incident
from postmortems.incidents.tallies.models import TallySum

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BERLIN = timezone(timedelta(hours=1))
ROW: dict[str, Any] = {
    "id": "dec_1",
    "service": "data8",
    "target": "data8/prod",
    "artifact": "",
    "decision": "allow",
    "is_dry_run": False,
    "is_demo": True,
    "asked_by": "ada",
    "asked_at": NOW,
    "evaluated_at": NOW.astimezone(BERLIN),
    "valid_until": None,
    "idempotency_key": None,
    "request_hash": "",
    "request": {"service": "data8", "words": "überwacht 日本 \\ % %s ? :x"},
    "answer": Dumped('{"id":"dec_1","guards":[]}'),
}
STORES = PreparedInsert(Decision, *ROW)


def stored() -> list[dict[str, Any]]:
    with db.reading():
        found = session().execute(select(*Decision.__table__.c).order_by(Decision.id))
        return [dict(row._mapping) for row in found]


@pytest.mark.parametrize("count", [1, 3])
def test_it_stores_what_an_ordinary_insert_does(any_database: str, count: int) -> None:
    rows = [ROW | {"id": f"dec_{number}"} for number in range(count)]
    with db.transaction():
        STORES.run(rows)
    prepared = stored()
    with db.transaction():
        session().connection().exec_driver_sql("DELETE FROM decisions")
        session().connection().execute(insert(Decision.__table__), rows)  # type: ignore[arg-type]
    assert prepared == stored()
    assert len(prepared) == count


@pytest.mark.parametrize("count", [0, 1, 3])
def test_columns_are_stored_as_rows_are(any_database: str, count: int) -> None:
    ids = [f"dec_{number}" for number in range(count)]
    columns: dict[str, Any] = {name: Same(value) for name, value in ROW.items()}
    columns |= {"id": ids, "asked_at": [NOW] * count, "is_demo": [True] * count}
    with db.transaction():
        STORES.run_columns(count, columns)
    by_columns = stored()
    with db.transaction():
        db.connection().exec_driver_sql("DELETE FROM decisions")
        STORES.run([ROW | {"id": one} for one in ids])
    assert by_columns == stored()
    assert len(by_columns) == count


AS_JSON = PreparedInsert(Decision, *ROW, by_json=True)
# What a text, an instant or JSON can be, none of which may come out of the database as another.
ODD: list[dict[str, Any]] = [
    {"target": "", "artifact": "'\"\\ %s %(rows)s ? :x $1 \n\t", "asked_by": "überwacht 日本 🎉"},
    {"request": {}, "is_demo": False, "valid_until": NOW.replace(microsecond=1)},
    {"request": {"deep": [[], {"a": None}, 1.5, -0.0, 2**62, True, "\u2028"]}, "idempotency_key": "null"},
    {"asked_at": datetime(1, 1, 2, tzinfo=UTC), "evaluated_at": datetime(9999, 12, 30, tzinfo=BERLIN)},
    {"request": {"words": "\\u0000 is no NUL"}, "request_hash": "[]"},
]


def test_rows_that_go_as_json_are_stored_as_others_are(any_database: str) -> None:
    answers: list[Any] = [{"id": 1}, None, [], "text", 0]
    rows = [
        ROW | odd | {"id": f"dec_{number}", "answer": answer}
        for number, (odd, answer) in enumerate(zip(ODD, answers, strict=True))
    ]
    with db.transaction():
        AS_JSON.run(rows)
    as_json = stored()
    with db.transaction():
        db.connection().exec_driver_sql("DELETE FROM decisions")
        STORES.run(rows)
    assert as_json == stored()
    assert [row["answer"] for row in as_json] == answers


REFUSED: list[tuple[str, dict[str, Any], type[Exception]]] = [
    ("no zone", {"asked_at": NOW.replace(tzinfo=None)}, ValueError),
    ("no value where one is needed", {"target": None}, IntegrityError),
    ("what a rule forbids", {"decision": "perhaps"}, IntegrityError),
]


@pytest.mark.parametrize("odd, refused", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_is_refused_as_json_too(
    any_database: str, odd: dict[str, Any], refused: type[Exception]
) -> None:
    rows = [ROW, ROW | {"id": "dec_2"} | odd]
    for insertion in (AS_JSON, STORES):
        db.begin()
        with pytest.raises(refused):
            insertion.run([row | {"answer": {}} for row in rows])
        db.finish(keep=False)
    assert stored() == []


@pytest.mark.parametrize("odd", [{"target": "x" * 202}, {"artifact": "a\0b"}, {"request": {"a": "\0"}}])
def test_postgresql_refuses_as_json_what_it_refuses(postgres_database: str, odd: dict[str, Any]) -> None:
    db.connect(postgres_database)
    for insertion in (AS_JSON, STORES):
        db.begin()
        with pytest.raises(DBAPIError):
            insertion.run([row | {"answer": {}} for row in (ROW, ROW | {"id": "dec_2"} | odd)])
        db.finish(keep=False)
    assert stored() == []


def test_rows_that_go_as_json_are_one_statement_in_their_order(any_database: str, count_queries: Any) -> None:
    named = PreparedInsert(Target, "service_id", "name", "position", by_json=True)
    with count_queries() as statements, db.transaction():
        [(service,)] = SERVICES.returned([{"name": "data8", "title": "Data 8"}])
        named.run([{"service_id": service, "name": f"t{n}", "position": 99 - n} for n in range(99)])
        found = db.rows(select(Target.name).order_by(Target.id))
    assert [row.name for row in found] == [f"t{n}" for n in range(99)]
    assert len([text for text in statements if "INTO targets" in text]) == 1


def test_a_kind_that_json_does_not_have_is_named() -> None:
    with pytest.raises(TypeError, match="no value of DATE can be told as JSON"):
        json_rows.into(Base.metadata.tables["incidents"], ("slug", "date"), postgresql.dialect())


def test_no_row_is_no_statement(any_database: str, count_queries: Any) -> None:
    with count_queries() as statements, db.transaction():
        STORES.run([])
    assert statements == []


def test_a_key_that_is_taken_is_refused_as_ever(any_database: str) -> None:
    db.begin()
    STORES.run([ROW])
    with pytest.raises(IntegrityError):
        STORES.run([ROW])
    db.finish(keep=False)


def test_a_column_that_is_left_out_is_named(any_database: str) -> None:
    db.begin()
    with pytest.raises(KeyError, match="decision"):
        STORES.run([{name: value for name, value in ROW.items() if name != "decision"}])
    db.finish(keep=False)


TARGETS = PreparedInsert(Target, "service_id", "name", "position", returning=("position", "id"))
SERVICES = PreparedInsert(Service, "name", "title", returning=("id",))


@pytest.mark.parametrize("count", [0, 1, 3, 501])
def test_it_tells_each_row_that_the_database_has_numbered(any_database: str, count: int) -> None:
    with db.transaction():
        [(service,)] = SERVICES.returned([{"name": "data8", "title": "Data 8"}])
        rows = [{"service_id": service, "name": f"t{n} %s ? :x", "position": n} for n in range(count)]
        told = dict(TARGETS.returned(rows))
        found = db.rows(select(Target.position, Target.id, Target.name).order_by(Target.position))
        assert {row.position: row.id for row in found} == told
        assert [row.name for row in found] == [row["name"] for row in rows]


def test_a_sum_is_added_to_what_is_there(any_database: str) -> None:
    adds = PreparedInsert(TallySum, "what", "name", "part", "count", adds_up="count")
    rows = [{"what": "w", "name": name, "part": "", "count": count} for name, count in (("a", 2), ("b", 3))]
    with db.transaction():
        adds.run(rows)
        adds.run([*rows[:1], {"what": "w", "name": "c", "part": "", "count": -4}])
        found = db.rows(select(TallySum.name, TallySum.count).order_by(TallySum.name))
        assert [tuple(row) for row in found] == [("a", 4), ("b", 3), ("c", -4)]


def _version() -> int | None:
    with db.reading():
        return versions.present(versions.GATE)


WRITES: dict[str, Callable[[], object]] = {
    "inserted": lambda: SERVICES.run([{"name": "other", "title": ""}]),
    "inserted and told": lambda: SERVICES.returned([{"name": "other", "title": ""}]),
    "changed": lambda: PreparedQuery(update(Service).values(title="new")).rows({}),
    "changed, each": lambda: PreparedQuery(
        update(Service).where(Service.name == bindparam("is_named")).values(title=bindparam("new"))
    ).each([{"is_named": "data8", "new": "one"}, {"is_named": "other", "new": "two"}]),
    "deleted": lambda: PreparedQuery(
        delete(Service).where(Service.name.in_(bindparam("names", expanding=True)))
    ).rows({"names": ["data8"]}),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=list(WRITES))
def test_what_is_written_moves_the_version_of_its_table(
    any_database: str, write: Callable[[], object]
) -> None:
    with db.transaction():
        SERVICES.run([{"name": "data8", "title": "Data 8"}])
    before = _version()
    with db.transaction():
        write()
        assert versions.present(versions.GATE) is None
    assert before is not None
    assert _version() not in (None, before)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 64, 65, 200])
def test_a_list_is_a_parameter_of_any_length(any_database: str, count: int) -> None:
    ids = [f"dec_{number}" for number in range(count)]
    with db.transaction():
        STORES.run([ROW | {"id": one} for one in (*ids, "another")])
        listed = Decision.id.in_(bindparam("ids", expanding=True))
        query = select(Decision.id, Decision.asked_at).where(listed, Decision.asked_by == bindparam("by"))
        prepared = PreparedQuery(query.order_by(Decision.id))
        for _ in range(2):
            found = prepared.rows({"by": "ada", "ids": ids})
            assert [(row.id, row.asked_at) for row in found] == [(one, NOW) for one in sorted(ids)]
        assert prepared.rows({"by": "kim", "ids": ids}) == []


def test_each_of_many_changes_finds_its_row(any_database: str) -> None:
    change = PreparedQuery(
        update(Decision).where(Decision.id == bindparam("key")).values(evaluated_at=bindparam("at"))
    )
    with db.transaction():
        STORES.run([ROW | {"id": f"dec_{number}"} for number in range(3)])
        change.each([])
        change.each([{"key": f"dec_{number}", "at": NOW + timedelta(hours=number)} for number in (1, 2)])
    told = {row["id"]: row["evaluated_at"] for row in stored()}
    assert told == {f"dec_{number}": NOW + timedelta(hours=number) for number in range(3)}


def test_a_savepoint_takes_back_what_was_prepared(any_database: str) -> None:
    with db.transaction():
        STORES.run([ROW])
        savepoint = session().begin_nested()
        STORES.run([ROW | {"id": "dec_2"}])
        savepoint.rollback()
        STORES.run([ROW | {"id": "dec_3"}])
    assert [row["id"] for row in stored()] == ["dec_1", "dec_3"]


def test_nothing_is_written_beside_a_flush_that_failed(any_database: str) -> None:
    db.begin()
    session().add_all([Service(name="data8"), Service(name="data8")])
    with pytest.raises(IntegrityError):
        session().flush()
    with pytest.raises(PendingRollbackError):
        STORES.run([ROW])
    db.finish(keep=False)
    assert stored() == []


def by_id() -> Any:
    return select(*Decision.__table__.c).where(Decision.id == bindparam("id"))


ASKED: list[tuple[str, Any, dict[str, Any]]] = [
    ("all columns", by_id(), {"id": "dec_1"}),
    ("nothing found", by_id(), {"id": "none"}),
    (
        "instants, and a limit of its own",
        select(Decision.id, Decision.asked_at, Decision.valid_until)
        .where(Decision.asked_at <= bindparam("until"))
        .order_by(Decision.id)
        .limit(2),
        {"until": NOW},
    ),
    (
        "a parameter that comes twice, and one with a value of its own",
        select(Decision.id.label("one"), Decision.request)
        .where(Decision.id != bindparam("word"), Decision.service != bindparam("word"))
        .where(Decision.target == "data8/prod")
        .order_by(Decision.id),
        {"word": "dec_2"},
    ),
    (
        "two together",
        union_all(
            select(Decision.id, Decision.is_demo).where(Decision.id == bindparam("first")),
            select(Decision.id, Decision.is_dry_run).where(Decision.id == bindparam("second")),
        ),
        {"first": "dec_1", "second": "dec_2"},
    ),
]


@pytest.mark.parametrize("query, values", [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_it_finds_what_an_ordinary_query_does(any_database: str, query: Any, values: dict[str, Any]) -> None:
    with db.transaction():
        STORES.run([ROW | {"id": f"dec_{number}"} for number in range(1, 4)])
    prepared = PreparedQuery(query)
    with db.reading():
        ordinary = [dict(row._mapping) for row in db.rows(query, values)]
        for _ in range(2):
            assert [row._asdict() for row in prepared.rows(values)] == ordinary


def test_an_update_says_what_it_has_made(any_database: str) -> None:
    change = update(Decision).where(Decision.id == bindparam("is_id")).values(decision=bindparam("now_is"))
    prepared = PreparedQuery(change.returning(Decision.id, Decision.decision))
    with db.transaction():
        STORES.run([ROW])
        found = prepared.rows({"is_id": "dec_1", "now_is": "block"})
    assert [tuple(row) for row in found] == [("dec_1", "block")]
    assert stored()[0]["decision"] == "block"


def test_a_query_is_counted_like_any_other(any_database: str, count_queries: Any) -> None:
    prepared = PreparedQuery(by_id())
    with db.reading(), count_queries() as statements:
        prepared.rows({"id": "dec_1"})
    assert [text.split()[0] for text in statements if "decisions" in text] == ["SELECT"]


def test_what_the_database_refuses_is_told_as_ever(any_database: str) -> None:
    nowhere = PreparedQuery(select(table("nowhere", column("id"))))
    with db.reading(), pytest.raises((OperationalError, ProgrammingError), match="nowhere"):
        nowhere.rows({})


def test_a_number_that_cannot_be_held_is_refused_and_the_connection_kept(any_database: str) -> None:
    of_number = PreparedQuery(select(Service.name).where(Service.id == bindparam("id")))
    with db.reading():
        with pytest.raises((OverflowError, DataError)):
            of_number.rows({"id": 2**63})
        assert not db.connection().invalidated


def test_a_default_that_is_worked_out_is_asked_for(any_database: str) -> None:
    with db.reading(), pytest.raises(TypeError, match=r"incidents\.services has no value"):
        PreparedInsert(Incident, "slug").run([{"slug": "x"}])


def test_what_is_called_for_its_value_is_refused(any_database: str) -> None:
    now: Any = bindparam("now", callable_=lambda: NOW)
    with db.reading(), pytest.raises(TypeError, match="now would keep the value of the first time"):
        PreparedQuery(select(Decision.id).where(Decision.asked_at < now)).rows({})
