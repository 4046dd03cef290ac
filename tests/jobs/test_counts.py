"""What processes count is added up in the database, and nothing is lost by one that does not answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from postmortems.db import session as db
from postmortems.jobs import counts
from postmortems.jobs.models import ProcessCount


@pytest.fixture(autouse=True)
def nothing_yet() -> Iterator[None]:
    counts._pending.take()
    yield
    counts._pending.take()


def stored() -> dict[tuple[str, str], int]:
    with db.reading() as session:
        found = session.execute(select(ProcessCount.name, ProcessCount.labels, ProcessCount.value))
        return {(name, labels): value for name, labels, value in found}


def test_what_is_counted_later_is_added(any_database: str) -> None:
    counts.add("deliveries", "mail", "sent")
    counts.add("deliveries", "mail", "sent")
    counts.flush()
    counts.add("deliveries", "mail", "sent")
    counts.add("deliveries", "chat", "sent")
    counts.flush()

    assert stored() == {("deliveries", "mail|sent"): 3, ("deliveries", "chat|sent"): 1}


def test_times_are_counted_by_class_and_summed(any_database: str) -> None:
    for seconds in (0.004, 0.005, 0.3, 99.0):
        counts.took("probes", "http", seconds=seconds)
    counts.flush()

    assert stored() == {
        ("probes", "http|0.005"): 2,
        ("probes", "http|0.5"): 1,
        ("probes", "http|+Inf"): 1,
        ("probes", "http|sum"): 99_309_000,
    }


def test_without_anything_counted_nothing_is_written(database: str) -> None:
    db.disconnect()

    counts.flush()


def test_what_the_database_does_not_take_is_stored_later(database: str) -> None:
    counts.add("deliveries", "mail", "sent")
    with db.transaction() as session:
        session.execute(text("ALTER TABLE process_counts RENAME TO away"))
    counts.flush()
    counts.add("deliveries", "mail", "sent")
    with db.transaction() as session:
        session.execute(text("ALTER TABLE away RENAME TO process_counts"))
    counts.flush()

    assert stored() == {("deliveries", "mail|sent"): 2}


def test_what_was_counted_last_is_stored_at_the_end(database: str) -> None:
    flushing = counts.Flushing()
    counts.add("deliveries", "mail", "sent")
    flushing.end()

    assert stored() == {("deliveries", "mail|sent"): 1}


def test_a_long_label_is_cut_where_the_column_ends(any_database: str) -> None:
    counts.took("requests", "/x" * 400, seconds=1.0)
    counts.flush()

    assert all(len(labels) <= 320 for _, labels in stored())
