"""The outbox gives channels their turns: many mails hold up no webhook, nor have they all threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.notify import outbox
from postmortems.notify.models import Message
from postmortems.notify.retry_schedule import Lent, Outcome
from tests.conftest import Clock

AWAY = Outcome(False, "the server is away", is_channel_down=True)


@pytest.fixture
def filled(any_database: str, clock: Clock) -> None:
    """Fifty mails to fifty people, and behind them a message to each of two webhooks."""
    with db.transaction():
        for number in range(50):
            outbox.put("mail", str(number), f"mail {number}", {}, clock.now())
        for number in range(2):
            clock.advance(seconds=1)
            outbox.put("webhook", str(number), f"webhook {number}", {}, clock.now())
    clock.advance(seconds=1)


def found(clock: Clock, busy: set[tuple[str, str]], limit: int = 8) -> list[str]:
    with db.reading():
        ids = outbox.due(clock.now(), busy, limit)
        return [session().get_one(Message, number).channel for number in ids]


def test_channels_take_turns_and_none_has_all_threads(filled: None, clock: Clock) -> None:
    assert sorted(found(clock, set())) == ["mail"] * outbox.MOST_OF_CHANNEL + ["webhook"] * 2


def test_what_is_under_way_counts(filled: None, clock: Clock) -> None:
    busy = {("mail", str(number)) for number in range(outbox.MOST_OF_CHANNEL)}

    assert found(clock, busy) == ["webhook", "webhook"]
    assert found(clock, {("webhook", "0"), ("webhook", "1")}, 3) == ["mail"] * 3


def test_a_message_waits_for_its_time(any_database: str, clock: Clock) -> None:
    with db.transaction():
        later = clock.now().replace(hour=12)
        outbox.put("mail", "1", "one", {}, clock.now(), later)

    assert found(clock, set()) == []
    clock.set(later)
    assert found(clock, set()) == ["mail"]


def test_two_that_are_given_back_at_once_do_not_wait_for_each_other(
    postgres_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.connect(postgres_database)
    with db.transaction():
        for number in range(4):
            outbox.put("mail", str(number), f"mail {number}", {}, clock.now())
    with db.transaction():
        lent = [one for number in (1, 2) if (one := outbox.lend(number, "worker", clock.now()))]
    both_hold_theirs, put_off = threading.Barrier(2), outbox._put_off_others

    def put_off_at_once(row: Message, *, of_channel: bool) -> None:
        session().flush()
        both_hold_theirs.wait()
        put_off(row, of_channel=of_channel)

    monkeypatch.setattr(outbox, "_put_off_others", put_off_at_once)

    def give_back(one: Lent) -> str:
        with db.transaction():
            row = outbox.give_back(one, "worker", AWAY, clock.now())
            return row.state if row else ""

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(give_back, lent)) == ["waiting"] * 2
    with db.reading():
        assert all(row.due_at > clock.now() for row in session().scalars(select(Message)))
