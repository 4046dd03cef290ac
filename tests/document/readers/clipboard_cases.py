"""Clipboards as text: what a program put there, and the Markdown it becomes.

A sentence that says what the case shows.

=== clipboard ===
=== markdown ===
=== missing ===      (absent where no picture is)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "clipboards"
PART = re.compile(r"^=== (clipboard|markdown|missing) ===\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    name: str
    html: str
    markdown: str
    missing: tuple[str, ...]


def load(path: Path) -> Case:
    _, *rest = PART.split(path.read_text(encoding="utf-8"))
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    return Case(
        path.stem,
        parts["clipboard"],
        parts["markdown"].removesuffix("\n"),
        tuple(parts.get("missing", "").splitlines()),
    )


def all_cases() -> list[Case]:
    return [load(path) for path in sorted(FOLDER.glob("*.md"))]
