"""Long work on many rows: in short transactions, between which others have the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from postmortems.db import rest as rests
from postmortems.db import session as db
from postmortems.jobs import batches
from postmortems.jobs.batches import Batch

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def log(database: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What happens, in its order: a batch by its key, a rest by its seconds."""
    happened: list[object] = []
    monkeypatch.setattr(batches.time, "sleep", happened.append)
    ticks = iter(range(1_000))
    # Each batch takes 10 ms.
    monkeypatch.setattr(batches.time, "monotonic", lambda: next(ticks) / 100)
    return happened


def of(log: list[object], keys: list[object]) -> Batch:
    def batch(_: datetime, after: object) -> tuple[object, int]:
        assert db.is_open()
        log.append(after)
        return dict(pairwise([None, *keys, None]))[after], 3

    return batch


def test_others_have_the_database_after_each_batch_but_the_last(log: list[object]) -> None:
    assert batches.walk(of(log, [7, 9]), NOW) == 9

    rest = pytest.approx(rests.TIMES / 100)
    assert log == [None, rest, 7, rest, 9]


def test_nobody_rests_where_there_is_little(log: list[object]) -> None:
    batches.walk(of(log, []), NOW)

    assert log == [None]


def test_a_batch_that_took_long_is_rested_from_for_a_while_only(
    log: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    hours: Callable[[], float] = iter(range(0, 99_999, 3_600)).__next__
    monkeypatch.setattr(batches.time, "monotonic", hours)

    batches.walk(of(log, [7]), NOW)

    assert log == [None, rests.LONGEST_S, 7]
