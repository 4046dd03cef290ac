"""What tests of publishing share: settings that let it out to loopback, people, and a wiki of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.apps import KEY, LOOPBACK
from tests.exchange.publishing.wiki import Wiki, wiki
from tests.world import World, build


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,), "egress_allow": LOOPBACK}


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.fixture(params=["cloud", "server"])
def confluence(request: pytest.FixtureRequest) -> Iterator[Wiki]:
    with wiki(request.param) as found:
        yield found
        assert found.wrong == []
