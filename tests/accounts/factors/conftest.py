"""The application with a key for the secrets of apps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps import KEY


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,)}
