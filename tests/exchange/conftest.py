"""Git without anybody's own settings, and a repository of reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exchange.repositories import WHO, bare
from tests.exchange.synced import NAME, OTHER, TEXT


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A bare repository with two reports below `incidents`, and a page that is none."""
    return bare(
        tmp_path, {f"incidents/{NAME}": TEXT, "incidents/hub.md": OTHER, "incidents/README.md": b"Ours."}
    )
