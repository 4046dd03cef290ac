"""kill -9 of the worker in the middle of follow-up: dates, mails, digests, reminders go on, done once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts.models import User
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.followup.policies import operations as policies
from postmortems.followup.policies import redates
from postmortems.followup.policies.models import Redate
from postmortems.followup.policies.operations import PolicyValues
from postmortems.gate.enforcement import save_incident
from postmortems.incidents.models import ActionItem
from postmortems.jobs.models import JobLease
from postmortems.notify.digests import operations as digests
from postmortems.notify.digests.models import DigestSchedule
from postmortems.notify.inbox.models import Notification
from postmortems.notify.models import Message
from postmortems.notify.people import operations as people
from postmortems.notify.people.models import NotificationSettings
from tests.faults.serving import ANSWERS_WITHIN_S, Group, until
from tests.faults.test_killing_work import KEY, end_leases
from tests.notify.mail.sink import Sink, sink

pytestmark = pytest.mark.faults

INCIDENTS, ITEMS = 12, 250
COUNT = INCIDENTS * ITEMS
TWO_WEEKS = PolicyValues(severity="SEV2", complete_days=14)
A_MONTH = PolicyValues(severity="SEV2", complete_days=31)
LETTERS = 12
# With those who are there anyway it is three batches of digests.
NAMES, DIGESTS = ("ada", "ben", "cy"), 1_500
ENDED = ("done", "undone")


def save(processes: Group, title: str, *items: Item, **front: Any) -> None:
    document = Document(title=title, severity="SEV2", sections=(Section("Action items", items),), **front)
    with db.transaction():
        save_incident.save(None, document, version=None, actor=processes.world.ada)


def dues() -> dict[date | None, int]:
    with db.reading():
        rows = session().execute(select(ActionItem.due, func.count()).group_by(ActionItem.due))
        return {row[0]: row[1] for row in rows}


def state(number: int) -> str:
    with db.reading():
        return session().get_one(Redate, number).state


def killed_in_the_middle(processes: Group, run: int, moved: Callable[[], int]) -> None:
    """Twice a worker is killed once it has done some of the work."""
    for _ in range(2):
        before = moved()
        worker = processes.work()
        until(lambda before=before: moved() > before or state(run) in ENDED)  # type: ignore[misc]
        worker.kill()
        end_leases()


def test_dates_of_thousands_of_items_move_once_and_come_back_whoever_dies(processes: Group) -> None:
    with db.transaction():
        policy = policies.create(TWO_WEEKS, actor=processes.world.ben).id
    for number in range(INCIDENTS):
        save(processes, f"It broke {number}", *(Item(f"Do {n}") for n in range(ITEMS)))
    first = dues()
    [(given, count)] = first.items()
    assert (count, given is not None) == (COUNT, True)
    with db.transaction():
        run = redates.save(policy, A_MONTH, version=None, with_undated=False, actor=processes.world.ben).id
    assert state(run) == "running"
    assert 0 < dues()[given] < COUNT

    killed_in_the_middle(processes, run, lambda: COUNT - dues().get(given, 0))
    processes.work()
    until(lambda: state(run) == "done")
    moved = dues()
    assert list(moved.values()) == [COUNT]
    assert given not in moved

    # Somebody gives one of them another date: that is what an undo leaves.
    with db.transaction():
        save_incident.edit_item("AI-7", {"due": date(2040, 1, 1)}, actor=processes.world.ada)
    with db.transaction():
        redates.undo(run, actor=processes.world.ben)
    killed_in_the_middle(processes, run, lambda: dues().get(given, 0))
    processes.work()
    until(lambda: state(run) == "undone")

    assert dues() == {given: COUNT - 1, date(2040, 1, 1): 1}
    with db.reading():
        # Each item was dated by the policy once, and got its date back once: no step was done twice.
        dated = select(Event.subject, func.count()).where(Event.verb == "item.dated").group_by(Event.subject)
        assert {row[1] for row in session().execute(dated)} == {2}


@pytest.fixture
def mails() -> Iterator[Sink]:
    with sink() as found:
        yield found


def letters(processes: Group) -> None:
    """An item for each of so many people: what waits for one person goes as one mail."""
    owners = [f"owner{number}" for number in range(LETTERS)]
    with db.transaction():
        for owner in owners:
            accounts.add_user(owner, "author", actor=processes.world.ben)
            people.set_address(owner, f"{owner}@example.org", actor=processes.world.ben, sends_mail=True)
    save(processes, "It broke", *(Item(f"Do {owner}", owner=f"@{owner}") for owner in owners))


def begin(processes: Group, url: str, **settings: str) -> Any:
    told = {"POSTMORTEMS_SMTP_URL": url, "POSTMORTEMS_MAIL_FROM": "postmortems@example.org"}
    return processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY, **told, **settings)


def ids(mails: Sink) -> list[str]:
    return [str(came.message["Message-ID"]) for came in list(mails.came)]


def told(kind: str) -> list[str]:
    with db.reading():
        return list(session().scalars(select(Notification.key).where(Notification.kind == kind)))


def test_a_worker_that_dies_while_it_mails_loses_none_and_names_each_the_same(
    processes: Group, mails: Sink
) -> None:
    letters(processes)
    reached, hold = threading.Event(), threading.Event()
    taken = mails.handle_DATA

    async def linger(*words: Any) -> str:
        said = await taken(*words)
        if len(mails.came) % 4 == 0:
            reached.set()
            # What is held up here holds up nobody else: the worker is dead before it is answered.
            while not hold.is_set() and len(mails.came) < 4 * LETTERS:
                await asyncio.sleep(0.05)
        return said

    mails.handle_DATA = linger  # type: ignore[method-assign]
    worker = begin(processes, mails.url)
    assert reached.wait(ANSWERS_WITHIN_S)
    worker.kill()
    hold.set()
    end_leases()
    begin(processes, mails.url)
    until(lambda: len(set(ids(mails))) >= LETTERS and waiting() == 0)

    assert len(set(ids(mails))) == LETTERS
    # What was being sent when the worker died comes again, under the same name: a mail program shows it once.
    assert len(ids(mails)) <= LETTERS + 4
    assert len(told("assigned")) == LETTERS


def again(job: str) -> None:
    """What the dead held is free, and the job is due: the next worker does it at once."""
    end_leases()
    with db.transaction():
        session().execute(update(JobLease).where(JobLease.name == job).values(due_at=clock.now()))


def waiting() -> int:
    with db.reading():
        counted = select(func.count()).select_from(Message).where(Message.state == "waiting")
        return session().scalar(counted) or 0


def test_a_mail_server_that_is_busy_gets_each_mail_later_and_once(processes: Group, mails: Sink) -> None:
    letters(processes)
    mails.contents = ["451 try again later"] * 3 + ["250 OK"]
    begin(processes, mails.url)
    until(lambda: all_sent(mails))

    assert len(ids(mails)) == len(set(ids(mails))) == LETTERS


def all_sent(mails: Sink) -> bool:
    """Whether each mail is there; what waits to be tried again is due at once, so that nobody waits here."""
    soon = clock.now() - timedelta(seconds=1)
    with db.transaction():
        late = update(Message).where(Message.state == "waiting", Message.due_at > clock.now())
        session().execute(late.values(due_at=soon))
    return len(set(ids(mails))) == LETTERS and waiting() == 0


def test_digests_are_written_once_whoever_dies(processes: Group) -> None:
    with db.transaction():
        rows = [
            {"id": number, "name": f"user-{number}", "role": "author", "created_at": clock.now()}
            for number in range(100, 100 + DIGESTS - len(NAMES))
        ]
        session().execute(insert(User), rows)
        mail = [
            {"user_id": row["id"], "address": f"{row['name']}@example.org", "confirmed_at": clock.now()}
            for row in rows
        ]
        session().execute(insert(NotificationSettings), mail)
    digests.tell_due(clock.now(), sends_mail=True)
    with db.transaction():
        session().execute(update(DigestSchedule).values(due_at=clock.now()))

    again("digests")
    for _ in range(2):
        before = len(told("digest"))
        worker = begin(processes, "smtp://127.0.0.1:1")
        until(lambda before=before: len(told("digest")) > before or before == DIGESTS)  # type: ignore[misc]
        worker.kill()
        again("digests")
    begin(processes, "smtp://127.0.0.1:1")
    until(lambda: len(told("digest")) >= DIGESTS)
    again("digests")
    until(is_done)

    assert len(set(told("digest"))) == len(told("digest")) == DIGESTS
    with db.reading():
        # A mail for each who has an address: none is lost, and none is there twice.
        assert session().scalar(select(func.count()).select_from(Message)) == DIGESTS - len(NAMES)


def is_done() -> bool:
    with db.reading():
        return (
            session().scalars(select(JobLease.due_at).where(JobLease.name == "digests")).one() > clock.now()
        )


def test_reminders_are_told_once_whoever_dies(processes: Group) -> None:
    today = clock.now().date()
    for number in range(10):
        save(processes, f"Late {number}", *(Item(f"Do {n}", owner="@cy", due=today) for n in range(60)))

    for _ in range(2):
        before = len(told("reminder"))
        worker = processes.work()
        until(lambda before=before: len(told("reminder")) > before or before == 600)  # type: ignore[misc]
        worker.kill()
        again("reminders")
    processes.work()
    until(lambda: len(told("reminder")) == 600)
    again("reminders")

    assert len(set(told("reminder"))) == 600
