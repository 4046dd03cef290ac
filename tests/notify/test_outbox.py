"""The outbox gives channels their turns: many mails hold up no webhook, nor have they all threads."""

from __future__ import annotations

import pytest

from postmortems.db import session as db
from postmortems.notify import outbox
from postmortems.notify.models import Message
from tests.conftest import Clock


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
    with db.reading() as session:
        ids = outbox.due(clock.now(), busy, limit)
        return [session.get_one(Message, number).channel for number in ids]


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
