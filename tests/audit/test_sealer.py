"""Events are chained beside those who write them, each once, whoever does it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from postmortems.audit import queries as audit
from postmortems.audit import sealer, verification
from postmortems.audit.models import EventSeal
from postmortems.db import session as db
from tests.audit.trail import ADA, WORKER, write


def seals() -> list[EventSeal]:
    with db.reading() as session:
        return list(session.scalars(select(EventSeal).order_by(EventSeal.number)))


def faults() -> list[str]:
    with db.reading(at_one_moment=True):
        return verification.of_database().faults


def test_events_are_sealed_once_and_the_head_is_told(any_database: str) -> None:
    write(5)

    assert sealer.seal_all(WORKER) == 5
    assert sealer.seal_all(WORKER) == 0

    (seal,) = seals()
    assert (seal.number, seal.previous, seal.first_id, seal.last_id, seal.count) == (1, "", 1, 5, 5)
    with db.reading():
        (told,) = audit.of("audit", "seal 1")
    assert (told.verb, told.actor) == ("audit.sealed", "worker")
    assert told.data == {"number": 1, "hash": seal.hash, "events": 5}


def test_that_something_was_sealed_is_no_reason_for_another_seal(any_database: str) -> None:
    assert sealer.seal_all(WORKER) == 0
    write(1)
    assert [sealer.seal_all(WORKER) for _ in range(3)] == [1, 0, 0]

    write(1)

    # The event that told of the first seal is among them.
    assert sealer.seal_all(WORKER) == 2
    assert [seal.count for seal in seals()] == [1, 2]


def test_many_events_make_many_seals(any_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "BATCH", 10)
    write(35)

    assert sealer.seal_all(WORKER) == 35

    assert [(seal.first_id, seal.last_id) for seal in seals()] == [(1, 10), (11, 20), (21, 30), (31, 35)]
    assert faults() == []


def test_many_sealers_beside_many_writers_make_one_chain(
    any_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "BATCH", 7)
    is_over = threading.Event()

    def seal() -> None:
        while not is_over.is_set():
            sealer.seal_all(WORKER)

    with ThreadPoolExecutor(6) as pool:
        sealing = [pool.submit(seal) for _ in range(2)]
        for writing in [pool.submit(lambda: [write(2) for _ in range(15)]) for _ in range(4)]:
            writing.result()
        is_over.set()
        for one in sealing:
            one.result()
    sealer.seal_all(ADA)

    with db.reading(at_one_moment=True):
        found = verification.of_database()
    assert found.faults == []
    assert found.events >= 4 * 15 * 2
    assert found.seals == len(seals())
