"""kill -9 and races of the workers that create tickets: no second issue, or it is said that there is one."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from postmortems import clock, visibility
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.gate.enforcement import save_incident
from postmortems.notify.models import Message
from postmortems.tickets import links, trackers
from postmortems.tickets.models import Ticket, Tracker
from tests.faults.serving import ANSWERS_WITHIN_S, Group, Process, until
from tests.runtimes import VAULT
from tests.trackers.desk import TOKEN, Desk, desk

pytestmark = pytest.mark.faults

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
MARK = re.compile(r"^Mark: ([0-9a-f-]{36})$", re.MULTILINE)


@pytest.fixture
def there() -> Iterator[Desk]:
    with desk("github") as found:
        yield found


def asked(processes: Group, there: Desk, items: int) -> None:
    """A tracker that is known here, and tickets that are asked for of so many items."""
    fields = {
        "name": "hub",
        "service": "github",
        "api": there.api,
        "place": there.place,
        "access_token": TOKEN,
    }
    texts = tuple(Item(f"Alert number {number}", kind="technical", status="open") for number in range(items))
    document = Document(title="Certificates", sections=(Section("Action items", texts),))
    with db.transaction():
        tracker = trackers.save(fields, actor=processes.world.ben, vault=VAULT).id
        save_incident.save(None, document, version=None, actor=processes.world.ada, message="")
    with db.transaction():
        for number in range(items):
            links.create(f"AI-{number + 1}", tracker, actor=processes.world.ada)


def end_leases(stopped: Process | None = None) -> None:
    """What was held by who is dead is free at once: nobody here waits for minutes.

    One that is to be stopped is so while the database is ours, for SQLite waits for who is amid a write.
    """
    over = clock.now() - timedelta(seconds=1)
    with db.transaction():
        session().execute(update(Message).where(Message.leased_until.is_not(None)).values(leased_until=over))
        if stopped is not None:
            stopped.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, stopped.process.pid, os.WSTOPPED)


def tickets() -> list[Ticket]:
    with visibility.seen_by(visibility.EVERYTHING), db.reading():
        found = list(session().scalars(select(Ticket).order_by(Ticket.id)))
        session().expunge_all()
    return found


def are_agreed(items: int) -> bool:
    found = tickets()
    return len(found) == items and all(ticket.standing == "agreed" for ticket in found)


def test_a_worker_killed_before_it_noted_the_issue_makes_no_second_one(processes: Group, there: Desk) -> None:
    asked(processes, there, 1)
    made, hold = threading.Event(), threading.Event()

    def linger(method: str) -> None:
        if method == "POST":
            made.set()
            hold.wait(ANSWERS_WITHIN_S)

    there.before_answer = linger
    worker = processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
    assert made.wait(ANSWERS_WITHIN_S)
    worker.kill()
    there.before_answer = None
    hold.set()
    end_leases()
    processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
    until(lambda: are_agreed(1))

    assert [row.title for row in there.rows.values()] == ["Alert number 0"]
    assert tickets()[0].key == "1"


def test_two_workers_on_one_queue_make_one_issue_of_each_item(processes: Group, there: Desk) -> None:
    asked(processes, there, 12)

    for _ in range(2):
        processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
    until(lambda: are_agreed(12))

    marks = [match[1] for row in there.rows.values() if (match := MARK.search(row.body))]
    assert sorted(marks) == sorted(ticket.mark for ticket in tickets())
    assert there.posts() == 12


def test_of_a_worker_that_stood_still_amid_a_creation_the_second_issue_is_told(
    processes: Group, there: Desk
) -> None:
    asked(processes, there, 1)
    came, hold = threading.Event(), threading.Event()

    def linger(method: str) -> None:
        if method == "POST" and not came.is_set():
            came.set()
            hold.wait(ANSWERS_WITHIN_S)

    # The tracker has the request, and is slow to do what it says.
    there.before_work = linger
    slow = processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
    assert came.wait(ANSWERS_WITHIN_S)
    end_leases(stopped=slow)
    processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
    until(lambda: are_agreed(1))
    hold.set()
    until(lambda: len(there.rows) == 2)
    slow.process.send_signal(signal.SIGCONT)
    until(lambda: bool(tickets()[0].twin))

    found = tickets()[0]
    assert (found.key, found.twin) == ("1", "https://github.example/data8/infra/issues/2")
    with db.reading():
        told = session().scalars(select(Event).where(Event.verb == "item.ticket_doubled")).all()
    assert [event.data["second"] for event in told] == [found.twin]


def test_an_issue_that_the_tracker_made_late_is_told_by_the_poll(processes: Group, there: Desk) -> None:
    asked(processes, there, 1)
    processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
    until(lambda: are_agreed(1))

    there.add("Alert number 0", body=there.rows[1].body)
    with db.transaction():
        session().execute(update(Tracker).values(looked_at=None))
    until(lambda: bool(tickets()[0].twin))

    assert tickets()[0].twin == "https://github.example/data8/infra/issues/2"
