"""Services, the founding incident and its guards, stored."""

from __future__ import annotations

import pytest

from postmortems.guards.kinds.registry import KINDS
from tests.conftest import Clock
from tests.gate import founding
from tests.world import World


@pytest.fixture
def services(database: str, clock: Clock) -> None:
    founding.tell_services()


@pytest.fixture
def story(services: None, clock: Clock) -> str:
    """The incident with its guards at soft and its two scenarios; the value is its slug."""
    return founding.tell(clock.now())


@pytest.fixture
def told(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    """The founding story in the world's data8."""
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    slug = founding.tell(clock.now())
    founding.only("target-confirmed", "staging-validated")
    return slug
