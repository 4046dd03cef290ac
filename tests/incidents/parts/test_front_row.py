"""A new incident's own rows are those that a flush would write, and the incident is like any other after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db import versions
from postmortems.db.session import session
from postmortems.incidents.models import Admitted, Affected, Incident
from postmortems.incidents.parts import front_row
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
    monkeypatch.setattr(front_row, "when_begun", [told.append])
    with db.transaction():
        incident = bare()
        front_row.insert(incident)
        assert versions.present(versions.GATE) is None
    assert told == [incident.id]
