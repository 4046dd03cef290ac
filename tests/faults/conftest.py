"""Both databases with real processes on them, and the table of what was measured."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import record
from tests.faults.record import Line, Run
from tests.faults.serving import Group, group

# What was measured, the aim, and what it came to.
Figures = Callable[[str, str, str], None]
FIGURE = "figure"


class Recorder:
    """What a run has measured, and how its parts ended."""

    def __init__(self) -> None:
        self.figures: list[Line] = []
        self.outcomes: dict[str, Counter[str]] = defaultdict(Counter)
        self.took_s: Counter[str] = Counter()
        self.runs: dict[str, Run] = {}

    def add(self, report: pytest.TestReport) -> None:
        """One step of one test. Of a test that failed no figure counts."""
        part = report.nodeid.partition("::")[0]
        if "/faults/" not in part or Path(part).name == "test_record.py":
            return
        self.took_s[part] += report.duration
        if report.when != "call" and report.passed:
            return
        self.outcomes[part][report.outcome] += 1
        self.runs[part] = run = Run.now()
        if report.passed:
            self.figures += [(*line, str(run)) for name, line in report.user_properties if name == FIGURE]

    def parts(self) -> list[Line]:
        return [
            (f"`{part}`", _told(outcomes), f"{self.took_s[part]:.0f} s", str(self.runs[part]))
            for part, outcomes in self.outcomes.items()
        ]


def _told(outcomes: Counter[str]) -> str:
    """`4 passed, 1 skipped`."""
    return ", ".join(f"{outcomes[name]} {name}" for name in ("passed", "failed", "skipped") if outcomes[name])


RECORDER = Recorder()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write the lines of this run into docs/faults.md")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    RECORDER.add(report)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Notes a line of the table that `make faults` prints; no test fails for a time.

    It begins with what was measured, and in brackets the case of the test: the database, the server.
    """
    case = getattr(request.node, "callspec", None)
    told = f" ({case.id.replace('-', ', ')})" if case else ""

    def note(measured: str, aim: str, here: str) -> None:
        request.node.user_properties.append((FIGURE, (f"{measured}{told}", aim, here)))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    # Of a part of which only some tests were chosen nobody can say how it ended.
    is_whole = not config.option.keyword and not any("::" in arg for arg in config.args)
    for name, lines in (("figures", sorted(RECORDER.figures)), ("parts", RECORDER.parts())):
        if lines:
            terminalreporter.section(name)
        for line in lines:
            terminalreporter.write_line(f"| {' | '.join(line)} |")
    if config.getoption("--record") and RECORDER.outcomes:
        record.write(RECORDER.figures, RECORDER.parts() if is_whole else [])


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def processes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Group]:
    """A group on SQLite, then one on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh_database()
    with group(url, tmp_path) as made:
        yield made
