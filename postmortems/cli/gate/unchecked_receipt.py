"""The receipt of an unchecked deploy: a file that says that the gate could not be asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from postmortems.cli.gate import text
from postmortems.cli.gate.client import Unreachable

FILE = "gate-receipt.json"


def write(path: Path, body: Mapping[str, Any], unreachable: Unreachable, *, url: str) -> None:
    """Say what was not checked, and why. Raises `Unreachable` where that cannot be written."""
    receipt = {
        "checked": False,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "url": url,
        "reason": text.plain(unreachable),
        "request": body,
    }
    try:
        path.write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        told = f"{unreachable}; and no receipt can be written to {path}: {error.strerror}"
        raise Unreachable(told) from error


def warning(path: Path, body: Mapping[str, Any], unreachable: Unreachable) -> str:
    """What a person cannot overlook in a log."""
    place = f"{body['service']}/{body['target']}"
    lines = [
        "WARNING: nothing was checked, and the deploy goes on (--if-unreachable allow)",
        f"  {text.plain(place)}: {text.plain(unreachable)}",
        f"  receipt: {text.plain(path)}; say later what was deployed: gate deploy",
    ]
    return "\n".join(["!" * 80, *lines, "!" * 80])
