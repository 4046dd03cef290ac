"""Services, the founding incident and its guards, stored."""

from __future__ import annotations

import pytest

from postmortems.db import session as db
from postmortems.guards import operations as guard_operations
from postmortems.guards.kinds.registry import KINDS
from tests.conftest import Clock
from tests.gate import founding
from tests.world import World


@pytest.fixture
def services(database: str, clock: Clock) -> None:
    with db.transaction():
        founding.add_services(clock)


@pytest.fixture
def story(services: None, clock: Clock) -> str:
    """The incident with its guards at soft and its two scenarios; the value is its slug."""
    with db.transaction():
        return founding.tell(clock.now())


@pytest.fixture
def told(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    """The founding story in the world's data8."""
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    with db.transaction():
        guard_operations.save_service("biology", "Biology", ["staging", "prod"], actor=world.ben)
        slug = founding.tell(clock.now())
    founding.only("target-confirmed", "staging-validated")
    return slug
