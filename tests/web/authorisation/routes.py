"""The table of addresses and acts as the text file beside this says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PUBLIC, SIGNED_IN = "public", "signed-in"


@dataclass(frozen=True)
class Row:
    """What one endpoint takes: an act, and perhaps more."""

    act: str
    note: str = ""


def table() -> dict[str, Row]:
    """By endpoint, in the order of the file."""
    found: dict[str, Row] = {}
    for line in Path(__file__).with_name("routes.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            endpoint, act, *note = line.split(None, 2)
            assert endpoint not in found, f"{endpoint} has two rows"
            found[endpoint] = Row(act, *note)
    return found
