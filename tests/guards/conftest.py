"""A service with its targets, on both databases, with a clock that stands still."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.guards import operations
from postmortems.guards.models import Guard
from postmortems.incidents import operations as incidents
from tests.conftest import Clock
from tests.runtimes import VAULT

SYSTEM = Actor.system("test")
AUTHOR = Actor(kind="person", name="ada", role="author", user_id=1)
VIEWER = Actor(kind="person", name="cy", role="viewer", user_id=2)
LAB_HOURS = {
    "slug": "lab-hours",
    "title": "No deploys in lab hours",
    "kind": "window",
    "config": {"tz": "America/Los_Angeles", "rrule": "FREQ=DAILY", "starts": "09:00", "ends": "19:00"},
    "targets": ["data8/prod"],
}


@pytest.fixture
def data8(any_database: str, clock: Clock) -> None:
    """The services data8 and biology, each with staging and prod."""
    with db.transaction():
        for name in ("data8", "biology"):
            operations.save_service(name, name.title(), ["staging", "prod"], actor=SYSTEM)


def add_guard(**fields: Any) -> Guard:
    """A guard over data8's production, by default a window; in the unit of work that is open."""
    return operations.create({**LAB_HOURS, **fields}, actor=SYSTEM, vault=VAULT)


def add_incident(title: str, *guards: str, items: int = 1) -> None:
    """An incident whose items each name these guards; in the unit of work that is open."""
    section = Section("Action items", tuple(Item(f"Mend {title} {n}", guards=guards) for n in range(items)))
    document = Document(title=title, sections=(section,))
    incidents.save(None, document, version=None, actor=SYSTEM)
