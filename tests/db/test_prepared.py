"""Prepared inserts store what ordinary ones do, and refuse what would go unnoticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert
from postmortems.db.session import session
from postmortems.formats.json_text import Dumped
from postmortems.gate.models import Decision
from postmortems.guards.models import Service

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


def test_tables_that_move_a_version_are_refused() -> None:
    with pytest.raises(TypeError, match="services"):
        PreparedInsert(Service, "name")
