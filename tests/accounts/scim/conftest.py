"""A directory that may keep accounts here."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.accounts.scim.directory import TOKEN, Directory
from tests.world import World


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"scim_token": TOKEN}


@pytest.fixture
def directory(app: Flask, world: World) -> Directory:
    """The company's directory; Ada (author), Ben (the only admin) and Cy are there already."""
    return Directory(app.test_client())
