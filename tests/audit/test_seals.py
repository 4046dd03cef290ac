"""The bytes that are hashed are those that anybody can work out, and alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from postmortems.audit import operations as audit
from postmortems.audit import seals
from postmortems.audit.models import Event
from postmortems.audit.sealer import COLUMNS
from postmortems.db import session as db
from tests.audit.trail import ADA
from tests.conftest import Clock

AT = datetime(2026, 11, 30, 10, 30, tzinfo=timezone(timedelta(hours=2)))
# PostgreSQL stores no NUL and no half of a surrogate pair.
LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | LETTERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LETTERS, inner, max_size=4),
    max_leaves=12,
)


def event(**changed: Any) -> SimpleNamespace:
    fields = {
        **{"id": 7, "at": AT, "verb": "item.closed", "subject_kind": "item", "subject": "AI-3"},
        **{
            "way": "",
            "credential": "",
            "actor_kind": "person",
            "actor": "ada",
            "data": {"b": "é", "a": [1.0, 0.5]},
        },
    }
    return SimpleNamespace(**{**fields, **changed})


def test_an_event_is_written_as_the_guide_says() -> None:
    assert seals.event_bytes(event()) == (
        b'{"actor":"ada","actor_kind":"person","at":"2026-11-30T08:30:00.000000+00:00",'
        b'"data":{"a":[1,0.5],"b":"\\u00e9"},"id":7,"subject":"AI-3","subject_kind":"item","verb":"item.closed"}'
    )


@pytest.mark.parametrize(
    "number, written",
    [
        *((1.0, b"1"), (-0.0, b"0"), (1e16, b"10000000000000000"), (0.1, b"0.1"), (1e-7, b"1e-07")),
        *((10**20 + 1, b"100000000000000000001"), (True, b"true"), (1e22, b"1" + b"0" * 22)),
    ],
)
def test_a_number_is_written_alike_however_it_was_stored(number: float, written: bytes) -> None:
    assert seals.canonical({"n": number}) == b'{"n":' + written + b"}"


@given(data=st.dictionaries(st.sampled_from(["a", "b", "ä"]), VALUES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_what_comes_back_from_the_database_has_the_hash_of_what_went_in(
    any_database: str, data: dict[str, Any], clock: Clock
) -> None:
    db.begin()
    audit.record(ADA, "item.edited", "item", "AI-1", **data)
    said = {"at": clock.now(), "verb": "item.edited", "subject_kind": "item", "subject": "AI-1", "data": data}
    went_in = Event(id=audit.newest(), **said, **audit.whence(ADA))

    row = db.rows(select(*COLUMNS).where(Event.id == went_in.id))[0]

    assert seals.event_hash(row) == seals.event_hash(went_in)
    db.finish(keep=False)


def test_a_seal_lists_its_events_and_names_the_one_before() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    hashes = {number: sha256(b"%d" % number).digest() for number in (9, 3, 4)}

    first = seals.following(None, hashes, {}, now, now)
    second = seals.following(first, {12: hashes[3]}, {12: "192.0.2.1"}, now, now)

    assert seals.unpacked(first.listed) == hashes
    assert (first.first_id, first.last_id, first.count) == (3, 9, 3)
    assert (second.number, second.previous) == (2, first.hash)
    assert second.hash == sha256(seals.header_bytes(second)).hexdigest()
