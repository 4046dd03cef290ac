"""What is sealed is settled: no event appears later among those that are sealed."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from postmortems.audit import horizon, sealer, verification
from postmortems.db import session as db
from tests.audit.trail import WORKER, write

INSERT = text(
    "INSERT INTO events (at, verb, subject_kind, subject, actor_kind, actor, data, is_told)"
    " VALUES (now(), 'item.closed', 'item', 'AI-1', 'person', 'ada', '{}', false)"
)


def test_without_writers_the_newest_event_is_settled(any_database: str) -> None:
    assert horizon.settled() == 0

    write(3)

    assert horizon.settled() == 3


@pytest.mark.postgres
def test_who_commits_out_of_order_is_waited_for_and_holds_up_nobody(postgres_database: str) -> None:
    db.connect(postgres_database)
    slow = create_engine(postgres_database)
    with slow.connect() as connection:
        connection.execute(INSERT)  # It has the number 1 now, and nobody sees it.
        write(2)
        pauses = []

        def commit_later(pause_s: float) -> None:
            pauses.append(pause_s)
            write(1)  # Others go on meanwhile, and are not waited for.
            if len(pauses) == 3:
                connection.commit()

        assert horizon.settled(commit_later) == 3
        assert len(pauses) == 3
    slow.dispose()


@pytest.mark.postgres
def test_nothing_is_sealed_while_somebody_may_still_come_in_between(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(horizon, "TRIES", 0)
    db.connect(postgres_database)
    slow = create_engine(postgres_database)
    with slow.connect() as connection:
        connection.execute(INSERT)
        write(2)
        assert horizon.settled() is None
        assert sealer.seal_all(WORKER) == 0
        connection.commit()
    slow.dispose()

    assert sealer.seal_all(WORKER) == 3
    with db.reading(at_one_moment=True):
        assert verification.of_database().faults == []
