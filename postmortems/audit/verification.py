"""Verification of the chain: whether events and seals are what was sealed, and the first that is not.

The check is a function of values: the same for the database and for an exported file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, func, select

from postmortems.audit import retention, seals, stored
from postmortems.audit.models import Event, EventSeal
from postmortems.audit.sealer import SEALED
from postmortems.db import session as db

# What is named of a record that somebody has laid hands on; the rest is counted.
MOST_NAMED = 50
# The hash of what cannot be read: that of no event.
UNREADABLE = b""

# Of each event its number, its hash and its address.
Found = Iterable[tuple[int, bytes, str]]


@dataclass(slots=True)
class Findings:
    """What a check has found: `faults` in the order of the record, `head` the last seal."""

    faults: list[str] = field(default_factory=list)
    count: int = 0
    events: int = 0
    seals: int = 0
    head: EventSeal | None = None
    # Events since the last seal: not covered by anything yet.
    unsealed: int = 0
    # Events that retention has removed, and up to which seal it may have, of events and of addresses.
    removed: int = 0
    removed_until: int = 0
    erased_until: int = 0
    hashes: dict[int, str] = field(default_factory=dict)
    # Behind which seal this part of the chain begins.
    begins: int = 0

    def note(self, fault: str) -> None:
        self.count += 1
        if len(self.faults) < MOST_NAMED:
            self.faults.append(fault)


def of_database(head: str = "") -> Findings:
    """Check what is stored. `head` is the hash of a seal that somebody holds elsewhere.

    In a unit of work that reads at one moment: what a seal covers was there before the seal.
    """
    announced = retention.announced
    found = Findings(removed_until=announced(retention.REMOVED), erased_until=announced(retention.ERASED))
    for seal in stored.sealed():
        add(found, seal, _hashes(stored.events(_behind(found, seal), seal.last_id)))
    found.unsealed = db.rows(
        select(func.count()).select_from(Event).where(Event.id > (found.head.last_id if found.head else 0))
    )[0][0]
    for number, row in stored.rows([Event.id, Event.data], Event.verb == SEALED):
        check_told(found, number, row.data if row else None)
    if head:
        check_head(found, head)
    return found


def add(found: Findings, seal: EventSeal, events: Found) -> None:
    """Check the next seal, and that the events behind the seal before are those that it lists."""
    before, missing = found.head, range((found.head.number if found.head else found.begins) + 1, seal.number)
    if missing:
        found.note(f"{_seals(missing)} missing, or cannot be read")
    elif (before or not found.begins) and seal.previous != (before.hash if before else seals.BEGINNING):
        found.note(f"seal {seal.number} does not follow the one before it: one of them was changed")
    if seals.header_hash(seal) != seal.hash:
        found.note(f"seal {seal.number} was changed")
    if sha256(seal.listed).hexdigest() != seal.digest:
        found.note(
            f"the list of seal {seal.number} was changed, so that it does not tell which of the events "
            f"{seal.first_id} to {seal.last_id} were"
        )
    _compare(found, seal, events)
    found.head, found.seals, found.events = seal, found.seals + 1, found.events + seal.count
    found.hashes[seal.number] = seal.hash


def check_told(found: Findings, event_id: int, told: Any) -> None:
    """An event tells of each seal: whoever makes the chain anew has to change it, too."""
    told = told if isinstance(told, dict) else {}
    number = told.get("number")
    known = found.hashes.get(number) if isinstance(number, int) else None
    if known is None or known != told.get("hash"):
        found.note(f"event {event_id} tells of a seal of another hash than seal {number} has")


def check_head(found: Findings, head: str) -> None:
    if head not in found.hashes.values():
        found.note(
            f"no seal has the hash {head}: the chain was cut off before it, or made anew from before it"
        )


def _compare(found: Findings, seal: EventSeal, events: Found) -> None:
    left, faults, addresses = seals.unpacked(seal.listed), {}, {}
    for number, hashed, address in events:
        known = left.pop(number, None)
        if known != hashed:
            faults[number] = "inserted" if known is None else "changed"
        elif address:
            addresses[number] = address
    if seal.number <= found.removed_until:
        found.removed += len(left)
    else:
        faults |= dict.fromkeys(left, "removed")
    for number in sorted(faults):
        found.note(
            f"event {number} was {faults[number]} after seal {seal.number} of {seal.sealed_at:%F %T} UTC"
        )
    # An event that was removed has taken its address with it.
    if not faults and not (left and seal.salt):
        _compare_addresses(found, seal, addresses)


def _compare_addresses(found: Findings, seal: EventSeal, addresses: dict[int, str]) -> None:
    about = f"the addresses of events {seal.first_id} to {seal.last_id}"
    if seal.salt:
        is_same = seals.addresses_hash(seal.salt, addresses) == seal.addresses
    else:
        is_same = not addresses
        if seal.addresses and seal.number > found.erased_until:
            found.note(f"{about} were erased, and no event tells by whom")
    if not is_same:
        found.note(f"{about} were changed after seal {seal.number} of {seal.sealed_at:%F %T} UTC")


def _behind(found: Findings, seal: EventSeal) -> int | None:
    """Behind which event the events of this seal begin; None for the first: somebody may store a number
    below 1."""
    before = found.head
    if before and seal.number == before.number + 1:
        return before.last_id
    return None if seal.number == 1 else seal.first_id - 1


def _seals(missing: range) -> str:
    if len(missing) == 1:
        return f"seal {missing[0]} is"
    return f"seals {missing[0]} to {missing[-1]} are"


def _hashes(events: Iterable[tuple[int, Row[Any] | None]]) -> Iterator[tuple[int, bytes, str]]:
    for number, row in events:
        try:
            if row is not None and isinstance(row.address, str):
                yield number, seals.event_hash(row), row.address
            else:
                yield number, UNREADABLE, ""
        except (TypeError, ValueError):
            yield number, UNREADABLE, ""
