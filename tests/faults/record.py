"""The record in docs/faults.md: what each part came to, when, on which version; a run writes its lines."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
# The tables that a run writes, by the comment before each.
FIGURES, PARTS = "<!-- figures -->", "<!-- parts -->"

Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """When and on what something was run, and what else the machine did."""

    day: str
    version: str
    load: float

    @classmethod
    def now(cls) -> Run:
        return cls(f"{datetime.now(UTC):%Y-%m-%d}", version(), os.getloadavg()[0])

    def __str__(self) -> str:
        return f"{self.day}, {self.version}, load {self.load:.1f}"


def version() -> str:
    """The commit that the working tree holds; a `+` where it holds changes of its own beside the page."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", f":!{PAGE.relative_to(ROOT)}")
    return _git("rev-parse", "--short=8", "HEAD") + ("+" if changed else "")


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def with_lines(page: str, table: str, lines: Iterable[Line]) -> str:
    """The page with these lines in that table: each in the place of the one that begins as it does, or added.

    The lines that no run has said anew stay as they are, with their day. Sorted by what they begin with.
    """
    before, mark, rest = page.partition(f"{table}\n")
    if not mark:
        raise ValueError(f"the page has no {table}")
    old = rest.partition("\n\n")[0]
    head, *kept = old.strip("\n").split("\n|")
    # The first line that is split off is the rule below the head.
    rule, *rows = kept
    said = {_cells(row)[0]: _cells(row) for row in rows} | {line[0]: line for line in lines}
    table_now = [head, f"|{rule}", *(f"| {' | '.join(said[name])} |" for name in sorted(said))]
    return before + mark + "\n".join(table_now) + rest[len(old) :]


def _cells(row: str) -> Line:
    return tuple(cell.strip() for cell in row.strip().strip("|").split("|"))


def write(figures: Sequence[Line], parts: Sequence[Line], page: Path = PAGE) -> None:
    """Put the lines of a run into the page."""
    text = with_lines(page.read_text(), FIGURES, figures)
    page.write_text(with_lines(text, PARTS, parts))
