"""Both databases with real processes on them, and the table of what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.serving import Group, group

# What was measured, the aim, and what it came to.
Figures = Callable[[str, str, str], None]
MEASURED: list[tuple[str, str, str]] = []


@pytest.fixture
def figures() -> Figures:
    """Notes a line of the table that `make faults` prints; no test fails for a time."""
    return lambda *line: MEASURED.append(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if MEASURED:
        terminalreporter.section("figures")
        for line in (("measured", "aim", "here"), ("---",) * 3, *sorted(MEASURED)):
            terminalreporter.write_line(f"| {' | '.join(line)} |")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def processes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Group]:
    """A group on SQLite, then one on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh_database()
    with group(url, tmp_path) as made:
        yield made
