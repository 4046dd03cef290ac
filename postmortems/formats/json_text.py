"""JSON text made once, so that what is answered is what is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Dumped:
    """A JSON value that is text already: it is stored as it is, not made once more."""

    text: str


def dumped(value: Any) -> str:
    """The value as compact JSON text."""
    if isinstance(value, Dumped):
        return value.text
    return _compact(value)
