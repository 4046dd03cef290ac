"""kill -9 of what works in the background: messages, drills and git are taken up by the next, done once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from postmortems import clock
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.exchange.git_sync.models import Remote
from postmortems.gate.enforcement import save_incident
from postmortems.gate.models import Drill
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.incidents import queries, rows
from postmortems.jobs.models import JobLease
from postmortems.notify import webhooks
from postmortems.notify.inbox.models import Notification
from postmortems.notify.models import Message
from postmortems.reports.monthly import queries as monthly
from tests.exchange import repositories
from tests.faults.serving import ANSWERS_WITHIN_S, Group, Process, add_guard, environment, until
from tests.gate import founding
from tests.notify.receiving import Receiver, receiving
from tests.runtimes import VAULT
from tests.slugs import all_slugs

pytestmark = pytest.mark.faults

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
REPORT = b"# The disk is full on 2020-02-01\n\n## Timeline\n\n### 10:00\n\nIt is full.\n"
MESSAGES = 20
PEOPLE = 4000


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def end_leases() -> None:
    """What was held by who is dead is free at once: nobody here waits for minutes."""
    over = clock.now() - timedelta(seconds=1)
    with db.transaction():
        session().execute(update(Message).where(Message.leased_until.is_not(None)).values(leased_until=over))
        session().execute(
            update(JobLease).where(JobLease.leased_until.is_not(None)).values(leased_until=over)
        )


def in_state(state: str) -> int:
    with db.reading():
        return len(session().scalars(select(Message.id).where(Message.state == state)).all())


def test_no_message_is_lost_and_none_told_twice_under_two_names(processes: Group, receiver: Receiver) -> None:
    with db.transaction():
        webhooks.add("chat", receiver.url, ("item.*",), actor=processes.world.ben, vault=VAULT)
    with db.transaction():
        for number in range(MESSAGES):
            audit.record(Actor.system("gate"), "item.reopened", "item", f"AI-{number}")
    reached = threading.Event()
    hold = threading.Event()

    def linger(_came: object) -> None:
        if len(receiver.came) % 5 == 0:
            reached.set()
            hold.wait(2)

    receiver.before = linger
    for _ in range(3):
        reached.clear()
        worker = processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
        assert reached.wait(ANSWERS_WITHIN_S)
        worker.kill()
        end_leases()
    hold.set()
    receiver.before = None
    processes.start("worker", POSTMORTEMS_SECRETS_KEY=KEY)
    until(lambda: in_state("sent") == MESSAGES)

    names = {came.headers["webhook-id"] for came in receiver.came}
    assert len(names) == MESSAGES
    # Who was being told when the worker was killed hears it again, under the same name.
    assert len(receiver.came) <= MESSAGES + 3
    assert in_state("waiting") == in_state("dead") == 0


def test_drills_that_were_cut_off_are_done_by_the_next_worker(processes: Group) -> None:
    for slug in founding.GUARDS:
        if slug != "staging-online":
            add_guard(processes, slug, *founding.GUARDS[slug])
    with db.transaction():
        incident = founding.add_incident()
        for number in range(30):
            fields = {
                "incident": incident.slug,
                "name": f"bad {number}",
                "kind": "bad",
                "facts": founding.BAD,
            }
            scenarios_operations.record(fields, actor=founding.ADA)
    long_ago = clock.now() - timedelta(days=200)
    with db.transaction():
        session().execute(update(Drill).values(at=long_ago))

    def drilled() -> int:
        with db.reading():
            fresh = select(Drill.scenario_id).where(Drill.at > long_ago)
            return len(session().scalars(fresh).all())

    first = processes.work()
    until(lambda: drilled() > 0)
    first.kill()
    end_leases()
    processes.work()
    until(lambda: drilled() >= 30)

    with db.reading():
        fresh = session().scalars(select(Drill).where(Drill.at > long_ago)).all()
    assert len({drill.scenario_id for drill in fresh}) == len(fresh) == 30
    assert {drill.decision for drill in fresh} == {"block"}
    assert all(drill.results for drill in fresh)


def test_a_month_is_kept_once_and_told_to_each_once_whoever_dies(processes: Group) -> None:
    now = clock.now()
    with db.transaction():
        people = [{"name": f"p{n}", "role": "viewer", "created_at": now} for n in range(PEOPLE)]
        session().execute(insert(User), people)
        # What is here was here in the month that is over.
        session().execute(update(Event).values(at=now - timedelta(days=62)))
        everybody = len(session().scalars(select(User.id)).all())

    def told() -> list[int]:
        with db.reading():
            mine = select(Notification.user_id).where(Notification.kind == "monthly")
            return list(session().scalars(mine).all())

    for _ in range(2):
        more_than = min(len(told()), everybody - 1)
        worker = processes.work()
        until(lambda more_than=more_than: len(told()) > more_than)  # type: ignore[misc]
        worker.kill()
        end_leases()
    for _ in range(2):
        processes.work()
    until(lambda: len(told()) >= everybody)

    assert len(told()) == len(set(told())) == everybody
    with db.reading():
        assert len(monthly.kept_months()) == 1


def syncing(processes: Group, place: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "postmortems", "sync", place]
    with (processes.folder / "said").open("a") as said:
        process = subprocess.Popen(
            words, cwd=processes.folder, env=environment(processes.url), stdout=said, stderr=said, text=True
        )
    processes.running.append(Process(process))
    return process


def synced(processes: Group, place: str) -> None:
    assert syncing(processes, place).wait(ANSWERS_WITHIN_S) == 0, (processes.folder / "said").read_text()


@pytest.mark.parametrize("hook", ["pre-receive", "post-receive"])
def test_a_sync_that_is_killed_while_it_pushes_goes_on_and_commits_once(
    processes: Group, tmp_path: Path, hook: str
) -> None:
    place = repositories.bare(tmp_path / "git", {"2020-02-01-disk.md": REPORT})
    reached = tmp_path / "reached"
    script = place / "hooks" / hook
    with repositories.served(place.parent) as server:
        address = f"{server.url}/{place.name}"
        synced(processes, address)
        edit_here(processes)
        script.write_text(f"#!/bin/sh\ntouch {reached}\nwhile [ -e {reached} ]; do sleep 0.05; done\n")
        script.chmod(0o755)

        killed = syncing(processes, address)
        until(reached.exists)
        killed.send_signal(signal.SIGKILL)
        killed.wait(ANSWERS_WITHIN_S)
        # What git was told goes on there without us, and is over before anybody asks again.
        script.unlink()
        reached.unlink()
        until(lambda: len(repositories.log(place)) == 2)
        with db.transaction():
            session().execute(update(Remote).values(leased_until=None))
        synced(processes, address)
        synced(processes, address)

    assert repositories.log(place, "%an|%s") == ["ada|Past", "Ada|Add the reports"]
    assert b"It was full." in repositories.content(place, "2020-02-01-disk.md")
    assert repositories.git(place, "fsck", "--strict", "--no-dangling") == ""


def edit_here(processes: Group) -> None:
    with db.transaction():
        [slug] = all_slugs()
        incident = queries.for_saving(slug)
        text = parser.write(rows.to_document(incident)).replace("It is full.", "It was full.")
        edited, version = parser.parse(text), incident.version
        save_incident.save(slug, edited, version=version, actor=processes.world.ada, message="Past")
