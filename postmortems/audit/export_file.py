"""Exported audit logs, verified without the database they came from."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from postmortems.audit import retention, seals, verification
from postmortems.audit.models import EventSeal
from postmortems.audit.sealer import SEALED
from postmortems.audit.verification import Findings
from postmortems.errors import Invalid

# A seal of 1,000 events has 54 kB, and no event of ours has a hundredth of this.
LONGEST_LINE = 10_000_000
# No database has a larger one.
LARGEST_NUMBER = 2**63


def verified(path: Path, head: str = "") -> Findings:
    """Check a file of JSON lines, as `export.json_lines` writes it. Raises `Invalid` for what is none.

    It has no addresses, so that nothing is said of them. It may be a part of the chain, from some seal on.
    """
    found = Findings(erased_until=sys.maxsize)
    told = []
    for said in _lines(path):
        if _is_seal(said):
            continue
        if said["verb"] == retention.REMOVED:
            found.removed_until = max(found.removed_until, _number(said["data"].get("until_seal")))
        if said["verb"] == SEALED:
            told.append((_number(said.get("id")), said["data"]))
    waiting: list[tuple[int, bytes, str]] = []
    for said in _lines(path):
        if not _is_seal(said):
            waiting.append((_number(said.get("id")), _hash(said), ""))
            continue
        seal = _seal(said["seal"])
        if found.head is None:
            found.begins = seal.number - 1
        verification.add(found, seal, waiting)
        waiting = []
    found.unsealed = len(waiting)
    if found.head is None:
        raise Invalid(f"{path} has no seal: export it again, as JSON lines")
    for event, about in told:
        if _number(about.get("number")) > found.begins:
            verification.check_told(found, event, about)
    if head:
        verification.check_head(found, head)
    return found


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
                yield _read(path, number, line)
    except OSError as wrong:
        raise Invalid(f"{path} cannot be read: {wrong.strerror}") from wrong


def _read(path: Path, number: int, line: bytes) -> dict[str, Any]:
    about = f"{path}, line {number}"
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise Invalid(f"{about}: this is not JSON, as each line of an exported audit log is") from None
    is_event = isinstance(said, dict) and isinstance(said.get("data"), dict) and "verb" in said
    if not is_event and not (isinstance(said, dict) and _is_seal(said)):
        raise Invalid(f"{about}: this is neither an event nor a seal")
    return said  # type: ignore[no-any-return]


def _is_seal(said: dict[str, Any]) -> bool:
    return isinstance(said.get("seal"), dict)


def _hash(said: dict[str, Any]) -> bytes:
    try:
        return sha256(seals.canonical(said)).digest()
    except RecursionError:
        return verification.UNREADABLE


def _seal(said: dict[str, Any]) -> EventSeal:
    """The seal of a line; what cannot be in one is made something that no hash fits."""
    instants = {name: _instant(said.get(name)) for name in ("newest_at", "sealed_at")}
    counts = {name: _number(said.get(name)) for name in ("number", "first_id", "last_id", "count")}
    texts = {name: str(said.get(name, "")) for name in ("previous", "digest", "addresses", "hash")}
    try:
        listed = b64decode(str(said.get("listed", "")), validate=True)
    except ValueError:
        listed = b""
    return EventSeal(**instants, **counts, **texts, listed=listed, salt="")


def _instant(said: Any) -> datetime:
    try:
        return datetime.fromisoformat(said).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def _number(said: Any) -> int:
    return said if isinstance(said, int) and abs(said) < LARGEST_NUMBER else 0
