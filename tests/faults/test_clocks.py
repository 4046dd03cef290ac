"""Real workers on machines whose clocks are an hour wrong: what they send, when, and what others hold."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.notify import webhooks
from postmortems.notify.models import Message
from tests.faults.serving import ANSWERS_WITHIN_S, Group, until
from tests.notify.receiving import Receiver, receiving
from tests.runtimes import VAULT

pytestmark = pytest.mark.faults

# Machines of one database are several only on PostgreSQL, whose clock they share.
SHARED = pytest.mark.parametrize(
    "processes", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
HOUR_S, HALF_AN_HOUR = 3600, timedelta(minutes=30)
SOME = 10


@pytest.fixture
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    with receiving() as one, receiving() as other:
        yield one, other


@SHARED
@pytest.mark.parametrize("wrong_by_s", [HOUR_S, -HOUR_S])
def test_a_worker_an_hour_wrong_sends_at_once_what_is_due_nothing_early_and_nothing_that_is_held(
    processes: Group, receivers: tuple[Receiver, Receiver], wrong_by_s: int
) -> None:
    held, free = receivers
    subscribe(processes, "held", held, "item.reopened")
    happened("item.reopened", 1)
    reached, goes_on = threading.Event(), threading.Event()

    def linger(_came: object) -> None:
        reached.set()
        goes_on.wait(ANSWERS_WITHIN_S)

    held.before = linger
    killed = processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
    assert reached.wait(ANSWERS_WITHIN_S)
    killed.kill()
    goes_on.set()
    lent = hold_for(HALF_AN_HOUR)
    subscribe(processes, "free", free, "item.closed")
    early = copy_due_in(HALF_AN_HOUR)
    happened("item.closed", SOME)

    wrong = ("tests.faults.wrong_clock", str(wrong_by_s))
    processes.start("worker", program=wrong, POSTMORTEMS_SECRETS_KEY=KEY)
    until(lambda: len(in_state("sent")) == SOME)
    # Told later than those, so that it has looked at what waits once more.
    happened("item.closed", 1)
    until(lambda: len(in_state("sent")) > SOME)

    names = [came.headers["webhook-id"] for came in free.came]
    assert len(names) == len(set(names)) == SOME + 1
    assert len(held.came) == 1
    assert sorted(in_state("waiting")) == sorted([lent, early])


def subscribe(processes: Group, name: str, receiver: Receiver, verb: str) -> None:
    with db.transaction():
        webhooks.add(name, receiver.url, (verb,), actor=processes.world.ben, vault=VAULT)


def happened(verb: str, count: int) -> None:
    with db.transaction():
        for number in range(count):
            audit.record(Actor.system("gate"), verb, "item", f"AI-{number}")


def in_state(state: str) -> list[int]:
    with db.reading():
        return list(session().scalars(select(Message.id).where(Message.state == state)))


def hold_for(time: timedelta) -> int:
    """Let what the killed worker held be held longer than this test may take; the value is its key."""
    with db.transaction():
        [one] = session().scalars(select(Message))
        assert one.leased_until is not None
        one.leased_until = clock.now() + time
        return one.id


def copy_due_in(later: timedelta) -> int:
    """A message like the one that there is, due later; the value is its key."""
    with db.transaction():
        [one] = session().scalars(select(Message))
        kept = {column.key: getattr(one, column.key) for column in inspect(Message).column_attrs}
        del kept["id"]
        fresh = {"about": "later", "due_at": clock.now() + later, "leased_until": None, "holder": ""}
        copy = Message(**(kept | fresh))
        session().add(copy)
        session().flush()
        return copy.id
