"""Cases as text: what somebody wrote, the canonical form of it, and what its times were read as.

    A sentence that says what the case shows.

    === input ===
    === canonical ===     (absent where the input is canonical already)
    === readings ===      (absent where there are no entries)

A reading is a line: `2018-01-25T15:30 until 2018-01-25T15:45, about, PST; a warning`, or `unknown`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from postmortems.document.times.timeline_times import Reading

FOLDER = Path(__file__).parent / "cases"
PART = re.compile(r"^=== (input|canonical|readings) ===\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    name: str
    says: str
    input: str
    canonical: str
    readings: tuple[str, ...]


def load(path: Path) -> Case:
    says, *rest = PART.split(path.read_text(encoding="utf-8"))
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    text = parts["input"].removesuffix("\n") if len(parts) > 1 else parts["input"]
    canonical = parts.get("canonical", text)
    canonical = canonical.removesuffix("\n") if "readings" in parts and "canonical" in parts else canonical
    return Case(path.stem, says.strip(), text, canonical, tuple(parts.get("readings", "").split("\n"))[:-1])


def all_cases() -> list[Case]:
    return [load(path) for path in sorted(FOLDER.glob("*.md"))]


def shown(reading: Reading) -> str:
    """A reading as the cases write it."""
    if reading.at is None:
        text = "unknown"
    elif reading.precision == "day":
        text = reading.at.date().isoformat()
    else:
        text = reading.at.isoformat(timespec="seconds" if reading.precision == "second" else "minutes")
    text += f" until {reading.until.isoformat(timespec='minutes')}" if reading.until else ""
    text += ", about" if reading.approximate else ""
    text += f", {reading.zone}" if reading.zone else ""
    return "; ".join([text, *reading.warnings])
