"""A new incident's own rows are those that a flush would write, and the incident is like any other after."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db import versions
from postmortems.db.session import session
from postmortems.incidents.models import Admitted, Affected, Incident
from postmortems.incidents.parts import front_row, stored_parts
from postmortems.incidents.parts.stored_parts import table_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def bare() -> Incident:
    return Incident(slug="x", occurred_on=date(2026, 3, 1), created_at=NOW, saved_at=NOW, title="X")


def said() -> Incident:
    incident = bare()
    incident.date, incident.severity, incident.timezone = date(2026, 3, 1), "SEV2", "Europe/Berlin"
    incident.services, incident.tags, incident.extra = ["lab/prod", "lab"], ["ü"], [["key", "1"]]
    incident.status, incident.status_stated, incident.published_at = "published", True, NOW
    incident.restricted, incident.is_demo, incident.version = ["@ada"], True, 1
    incident.affected = [Affected(service="lab", target=""), Affected(service="lab", target="prod")]
    incident.admitted = [Admitted(name="ada"), Admitted(name="kim", until=NOW + timedelta(hours=1))]
    return incident


def flushed(incident: Incident) -> None:
    session().add(incident)
    session().flush()


def stored(write: Callable[[Incident], object], incident: Incident) -> list[Any]:
    """The rows of a unit of work that is taken back, without the incident's key."""
    db.begin()
    write(incident)
    found: list[Any] = []
    for sort in (Incident, Affected, Admitted):
        rows = db.connection().execute(select(table_of(sort)))
        told = [{**row, "id": 0, "incident_id": 0} for row in rows.mappings()]
        found.append(sorted(told, key=repr))
    db.finish(keep=False)
    return found


@pytest.mark.parametrize("make", [bare, said])
def test_its_rows_are_those_of_a_flush(any_database: str, make: Callable[[], Incident]) -> None:
    assert stored(front_row.insert, make()) == stored(flushed, make())


def test_one_that_waits_for_a_flush_is_stored_once(any_database: str) -> None:
    def waiting(incident: Incident) -> None:
        session().add(incident)
        front_row.insert(incident)
        session().flush()

    assert stored(waiting, said()) == stored(flushed, said())


def test_it_is_edited_like_any_other_afterwards(any_database: str) -> None:
    with db.transaction() as current:
        incident = said()
        front_row.insert(incident)
        assert current.get(Incident, incident.id) is incident
        assert [row.name for row in sorted(incident.admitted, key=lambda row: row.name)] == ["ada", "kim"]
        incident.title = "Y"
        incident.affected.remove(next(row for row in incident.affected if not row.target))
        current.flush()
        assert incident.version == 2
    with db.reading() as current, visibility.seen_by(visibility.EVERYTHING):
        found = current.scalars(select(Incident)).one()
        assert (found.title, found.version, [row.target for row in found.affected]) == ("Y", 2, ["prod"])


def test_a_slug_that_is_taken_is_refused(any_database: str) -> None:
    db.begin()
    front_row.insert(bare())
    with pytest.raises(IntegrityError):
        front_row.insert(bare())
    db.finish(keep=False)


def test_it_moves_the_version_of_its_table_and_tells_whoever_wants_to_know(
    any_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(front_row, "when_written", [told.append])
    with db.transaction():
        incident = bare()
        front_row.insert(incident)
        assert versions.present(versions.GATE) is None
    assert told == [incident.id]


def begin() -> None:
    with db.transaction():
        front_row.insert(bare())


def held() -> Incident:
    return db.session().scalars(select(Incident)).one()


def test_the_next_version_of_a_row_that_says_the_same_is_written_at_once(
    any_database: str,
) -> None:
    begin()
    later = NOW + timedelta(minutes=5)
    with db.transaction() as current:
        incident = held()
        front_row.move_on(incident, later)
        assert (incident.version, incident.saved_at) == (2, later)
        assert not current.dirty
    with db.transaction():
        incident = held()
        assert (incident.version, incident.saved_at) == (2, later)
        incident.title = "As any other edit moves it"
    assert incident.version == 3


def test_what_a_savepoint_takes_back_is_at_the_version_before(any_database: str) -> None:
    begin()
    with db.transaction() as current:
        incident = held()
        with suppress(ZeroDivisionError), current.begin_nested():
            front_row.move_on(incident, NOW + timedelta(minutes=5))
            current.flush()
            assert incident.version == 2
            raise ZeroDivisionError
        assert (incident.version, incident.saved_at) == (1, NOW)


def test_that_of_a_row_that_says_something_else_is_written_once_with_it(any_database: str) -> None:
    begin()
    with db.transaction():
        incident = held()
        incident.title = "Another"
        front_row.move_on(incident, NOW)
    with db.reading():
        assert (held().title, held().version) == ("Another", 2)


def test_a_version_that_somebody_moved_meanwhile_is_refused(any_database: str) -> None:
    begin()
    db.begin()
    incident = held()
    db.connection().execute(update(Incident.__table__).values(version=7))  # type: ignore[arg-type]
    with pytest.raises(StaleDataError):
        front_row.move_on(incident, NOW)
    db.finish(keep=False)


@pytest.mark.parametrize("is_counted", [True, False])
def test_whoever_counts_is_told_where_the_parts_say_something_else_that_is_counted(
    any_database: str, monkeypatch: pytest.MonkeyPatch, is_counted: bool
) -> None:
    begin()
    told: list[int] = []
    monkeypatch.setattr(front_row, "when_written", [told.append])
    with db.transaction():
        incident = held()
        if is_counted:
            stored_parts.note_items(incident)
        front_row.move_on(incident, NOW)
    assert told == [incident.id] * is_counted
