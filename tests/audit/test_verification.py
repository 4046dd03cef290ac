"""Whatever is done to the record after it was sealed is found, and the first place is named."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from postmortems.audit import retention, sealer, seals, verification
from postmortems.audit.models import EventSeal
from postmortems.audit.verification import Findings
from postmortems.db import session as db
from tests.audit.trail import WORKER, do, sealed_trail, write

ROUNDS = 3
LAST = "SELECT max(id) FROM events"
LAST_TOLD = f"{LAST} WHERE verb = 'audit.sealed'"
COLUMNS = "at, verb, subject_kind, subject, actor_kind, actor, data, is_told"
INSERT = f"INSERT INTO events (id, {COLUMNS}) SELECT :{{}}, {COLUMNS} FROM events WHERE id = :at"
OF_EVENT, OF_SEAL = "UPDATE events SET {} WHERE id = :at", "UPDATE event_seals SET {} WHERE number = :seal"
# What is done to event `at`, which is in the seal `seal`, and what is told of it; `gap` is a number without
# an event that this seal has passed over.
TAMPERINGS: dict[str, tuple[str, str]] = {
    "verb": (OF_EVENT.format("verb = 'x.y'"), "event {at} was changed"),
    "actor": (OF_EVENT.format("actor = 'ben'"), "event {at} was changed"),
    "kind of actor": (OF_EVENT.format("actor_kind = 'token'"), "event {at} was changed"),
    "subject": (OF_EVENT.format("subject = 'AI-99'"), "event {at} was changed"),
    "kind of subject": (OF_EVENT.format("subject_kind = 'x'"), "event {at} was changed"),
    "data": (OF_EVENT.format("data = '{\"a\": 1}'"), "event {at} was changed"),
    "time": (OF_EVENT.format("at = '2020-01-01 00:00:00'"), "event {at} was changed"),
    "number": (OF_EVENT.format("id = id + 100000"), "event {at} was removed"),
    "removed": ("DELETE FROM events WHERE id = :at", "event {at} was removed"),
    "the end removed": ("DELETE FROM events WHERE id >= :at", "event {at} was removed"),
    "the beginning removed": ("DELETE FROM events WHERE id <= :at", "event 1 was removed"),
    "inserted before all": (INSERT.format("before"), "event -5 was inserted"),
    "inserted in a gap": (INSERT.format("gap"), "event {gap} was inserted"),
    "list": (OF_SEAL.format("listed = :junk"), "the list of seal {seal} was changed"),
    "hash": (OF_SEAL.format("hash = :forged"), "seal {seal} was changed"),
    "digest": (OF_SEAL.format("digest = :forged"), "seal {seal} was changed"),
    "count": (OF_SEAL.format("count = count + 1"), "seal {seal} was changed"),
    "end": (OF_SEAL.format("last_id = last_id - 1"), "seal {seal} was changed"),
    "moment": (OF_SEAL.format("sealed_at = '2020-01-01 00:00:00'"), "seal {seal} was changed"),
    "seal removed": ("DELETE FROM event_seals WHERE number = :seal", "seal {seal} is missing"),
}


def verified(head: str = "") -> Findings:
    with db.reading(at_one_moment=True):
        return verification.of_database(head)


def head() -> EventSeal:
    with db.reading():
        found = sealer.newest()
    assert found is not None
    return found


def place(rng: random.Random) -> dict[str, int]:
    """An event that is sealed, its seal, and the gap there, of a seal that is not the last one."""
    with db.reading() as reading:
        seal = rng.choice(list(reading.scalars(select(EventSeal).order_by(EventSeal.number)))[:-1])
        numbers = sorted(seals.unpacked(seal.listed))
    gap = min(set(range(numbers[0], numbers[-1])) - set(numbers))
    return {"at": rng.choice(numbers), "seal": seal.number, "gap": gap}


def test_whatever_is_done_to_a_sealed_record_is_found_where_it_was_done(any_database: str) -> None:
    rng = random.Random(ROUNDS)
    sealed_trail(rng)
    assert verified().faults == []
    for statement, told in TAMPERINGS.values():
        for _ in range(ROUNDS):
            where = place(rng)
            db.begin()
            values = {**where, "before": -5, "forged": "0" * 64, "junk": b"junk"}
            do(statement, **{name: value for name, value in values.items() if f":{name}" in statement})

            found = verification.of_database()

            db.finish(keep=False)
            assert told.format(**where) in found.faults[0]


def test_the_first_of_many_is_named_first_and_the_rest_counted(any_database: str) -> None:
    write(200)
    sealer.seal_all(WORKER)
    with db.transaction():
        do("UPDATE events SET actor = 'ben' WHERE id > 10")

    found = verified()

    assert found.count == 190
    assert len(found.faults) == verification.MOST_NAMED
    assert found.faults[0].startswith("event 11 was changed after seal 1 of ")


@pytest.mark.parametrize(
    "column, junk", [("at", "soon"), ("data", "{"), ("verb", b"\x00"), ("at", 7), ("address", b"\x00")]
)
def test_what_cannot_be_read_any_more_is_named(database: str, column: str, junk: object) -> None:
    sealed_trail(random.Random(1))
    with db.transaction():
        do(f"UPDATE events SET {column} = :junk WHERE id = 1", junk=junk)

    assert verified().faults[0].startswith("event 1 was changed")


@pytest.mark.parametrize(
    "column, junk",
    [("sealed_at", "soon"), ("listed", "text"), ("digest", b"\x00"), ("hash", b"\x00"), ("salt", b"\x00")],
)
def test_a_seal_that_cannot_be_read_any_more_is_named(database: str, column: str, junk: object) -> None:
    sealed_trail(random.Random(1))
    with db.transaction():
        do(f"UPDATE event_seals SET {column} = :junk WHERE number = 2", junk=junk)

    assert verified().faults[0] == "seal 2 is missing, or cannot be read"


@pytest.mark.parametrize("told", ["{}", "[]", '{"number": []}', '{"number": 1, "hash": null}', "{"])
def test_an_event_that_tells_of_no_seal_any_more_is_named(database: str, told: str) -> None:
    """The last such event, which no seal covers yet."""
    sealed_trail(random.Random(1))
    with db.transaction():
        do(f"UPDATE events SET data = :told WHERE id = ({LAST_TOLD})", told=told)

    assert "tells of a seal of another hash" in verified().faults[-1]


@pytest.mark.parametrize("verb", [retention.REMOVED, retention.ERASED])
@pytest.mark.parametrize("told", ["{}", "[]", '{"until_seal": "all"}', "{"])
def test_what_announces_nothing_hides_nothing(database: str, verb: str, told: str) -> None:
    sealed_trail(random.Random(1))
    with db.transaction():
        do(f"UPDATE events SET verb = :verb, data = :told WHERE id = ({LAST})", verb=verb, told=told)
        do("DELETE FROM events WHERE id = 1")

    assert verified().faults[0].startswith("event 1 was removed")


def test_what_tells_how_an_event_is_read_may_change(any_database: str) -> None:
    sealed_trail(random.Random(2))
    with db.transaction():
        do("UPDATE events SET is_told = true, is_sealed = true")

    assert verified().faults == []


def test_events_that_are_not_sealed_yet_are_counted(any_database: str) -> None:
    sealed_trail(random.Random(3), seals=1)

    found = verified()

    # What was written since, and that it was sealed.
    assert found.unsealed == 3
    assert (found.seals, found.head and found.head.number) == (1, 1)


def test_a_chain_made_anew_is_told_by_the_head_that_somebody_holds(any_database: str) -> None:
    sealed_trail(random.Random(4))
    held = head().hash
    assert verified(held).faults == []
    with db.transaction():
        do("UPDATE events SET actor = 'ben' WHERE id = 2")
        do("DELETE FROM event_seals")
        do("DELETE FROM events WHERE verb = 'audit.sealed'")
    sealer.seal_all(WORKER)

    # Inside nothing shows it.
    assert verified().faults == []
    assert verified(held).faults == [
        f"no seal has the hash {held}: the chain was cut off before it, or made anew from before it"
    ]


def test_a_chain_that_was_cut_off_is_told_by_the_events_that_tell_of_it(any_database: str) -> None:
    sealed_trail(random.Random(5))
    with db.transaction():
        do("DELETE FROM event_seals WHERE number > 2")

    assert "tells of a seal" in verified().faults[0]
