"""Services, the founding incident and its guards, stored."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from postmortems.db import session as db
from postmortems.gate.scenarios import operations as scenarios_operations
from tests.conftest import Clock
from tests.gate import founding


@pytest.fixture
def services(database: str, clock: Clock) -> None:
    with db.transaction():
        founding.add_services(clock)


@pytest.fixture
def story(services: None, clock: Clock) -> str:
    """The incident with its guards at soft and its two scenarios; the value is its slug."""
    with db.transaction():
        return tell(clock.now())


def tell(now: datetime, level: str = "soft") -> str:
    """Store the founding story in the open unit of work; returns the incident's slug."""
    for slug in founding.GUARDS:
        # An hour old, so that nothing depends on edits and observations of the same instant.
        founding.add_guard(slug, now - timedelta(hours=1), level=level)
    incident = founding.add_incident()
    for kind, name, facts in (
        ("bad", "in lab hours", founding.BAD),
        ("good", "after the labs", founding.GOOD),
    ):
        scenarios_operations.record(
            {"incident": incident.slug, "name": name, "kind": kind, "facts": facts}, actor=founding.ADA
        )
    return incident.slug
