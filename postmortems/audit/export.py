"""Exports of the audit log: JSON lines with the seals, so that anybody can verify them, or CSV.

A line is an event, as the very bytes whose SHA-256 its seal lists, or a seal, behind the events it covers.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Row

from postmortems.audit import seals, stored
from postmortems.audit.models import EventSeal
from postmortems.formats import csv_lines

COLUMNS = ("id", "at", "actor_kind", "actor", "verb", "subject_kind", "subject", "way", "credential")
HEAD = (*COLUMNS, "data", "hash")


def json_lines(since: date | None = None) -> Iterator[bytes]:
    """All that is stored, or from the first seal on that covers something of that day or after it."""
    for event, seal in _walk(since):
        if event is not None:
            yield seals.event_bytes(event) + b"\n"
        elif seal is not None:
            yield _seal_line(seal) + b"\n"


def csv(since: date | None = None) -> Iterator[bytes]:
    """The events for a spreadsheet, with the hash of each."""
    yield csv_lines.line(HEAD).encode()
    for event, _ in _walk(since):
        if event is not None:
            said = json.loads(seals.event_bytes(event))
            cells = [said.get(name, "") for name in COLUMNS]
            cells.append(json.dumps(event.data, ensure_ascii=False, sort_keys=True))
            yield csv_lines.line([*cells, seals.event_hash(event).hex()]).encode()


def _walk(since: date | None) -> Iterator[tuple[Row[Any] | None, EventSeal | None]]:
    """Events in their order, each seal behind those that it covers."""
    begin = datetime.combine(since, time(), UTC) if since else None
    after: int | None = None
    for seal in stored.sealed():
        if begin and seal.newest_at < begin:
            after = seal.last_id
            continue
        begin = None
        for _, event in stored.events(after, seal.last_id):
            yield event, None
        yield None, seal
        after = seal.last_id
    for _, event in stored.events(after):
        yield event, None


def _seal_line(seal: EventSeal) -> bytes:
    said = json.loads(seals.header_bytes(seal))
    return seals.canonical({"seal": {**said, "hash": seal.hash, "listed": b64encode(seal.listed).decode()}})
