"""Seals: the bytes and hashes that chain audit events, the same on both databases.

Nothing secret is in them: whoever has the events can work them out, in any language.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from postmortems.audit.models import EventSeal

# What of an event is sealed. What says how it is read changes with time.
FIELDS = ("id", "at", "verb", "subject_kind", "subject", "actor_kind", "actor", "data", "way", "credential")
HEADER = (
    "number",
    "previous",
    "first_id",
    "last_id",
    "count",
    "digest",
    "addresses",
    "newest_at",
    "sealed_at",
)
# Left out where they are empty, as for whatever was recorded before there were such.
MAY_LACK = frozenset({"way", "credential", "addresses"})
SALT_BYTES = 16
# Of an event in the list of its seal: its number, and its hash.
NUMBER_BYTES, HASH_BYTES = 8, 32
ENTRY_BYTES = NUMBER_BYTES + HASH_BYTES
# What the first seal follows.
BEGINNING = ""


def event_bytes(event: Any) -> bytes:
    """The event as canonical JSON; `event` has its fields as attributes."""
    return canonical(_said(event, FIELDS))


def event_hash(event: Any) -> bytes:
    return sha256(event_bytes(event)).digest()


def header_bytes(seal: EventSeal) -> bytes:
    """What the seal's own hash is the hash of: the hash of the seal before is in it."""
    return canonical(_said(seal, HEADER))


def header_hash(seal: EventSeal) -> str:
    return sha256(header_bytes(seal)).hexdigest()


def addresses_hash(salt: str, addresses: Mapping[int, str]) -> str:
    """The hash of the addresses of a seal's events, by their number; nobody guesses them from it without the
    salt."""
    said = {str(number): address for number, address in addresses.items() if address}
    return sha256(canonical({"salt": salt, "addresses": said})).hexdigest()


def following(
    before: EventSeal | None,
    hashes: Mapping[int, bytes],
    addresses: Mapping[int, str],
    newest_at: datetime,
    now: datetime,
) -> EventSeal:
    """The seal that covers the events with these hashes, by number, and follows the one before."""
    salt = secrets.token_hex(SALT_BYTES) if any(addresses.values()) else ""
    listed = packed(sorted(hashes.items()))
    seal = EventSeal(
        number=before.number + 1 if before else 1,
        previous=before.hash if before else BEGINNING,
        first_id=min(hashes),
        last_id=max(hashes),
        count=len(hashes),
        digest=sha256(listed).hexdigest(),
        addresses=addresses_hash(salt, addresses) if salt else "",
        salt=salt,
        newest_at=newest_at,
        sealed_at=now,
        listed=listed,
    )
    seal.hash = header_hash(seal)
    return seal


def packed(hashes: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(number.to_bytes(NUMBER_BYTES) + hashed for number, hashed in hashes)


def unpacked(listed: bytes) -> dict[int, bytes]:
    """The hash of each event in the list of a seal, by number; of a list that was cut, as far as it goes."""
    entries = (listed[at : at + ENTRY_BYTES] for at in range(0, len(listed), ENTRY_BYTES))
    return {int.from_bytes(entry[:NUMBER_BYTES]): entry[NUMBER_BYTES:] for entry in entries}


def _said(row: Any, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value for name, value in values.items() if value != "" or name not in MAY_LACK}


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON without spaces, keys sorted, in ASCII; instants in UTC to the microsecond."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":")).encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> int | float:
    """PostgreSQL keeps numbers in decimal: there 1e16 comes back as a whole number, on SQLite it does not."""
    exact = Decimal(repr(value))
    return int(exact) if exact.is_finite() and exact == exact.to_integral_value() else value
