"""Bundles: what waits for one reader goes as one message, each thing told once and noted by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.notify import bundles, event_reader, outbox
from postmortems.notify.channels import delivery as chats
from postmortems.notify.channels import operations as channels
from postmortems.notify.delivery import Sender
from postmortems.notify.inbox import reminders
from postmortems.notify.mail import delivery as mail
from postmortems.notify.models import Message
from postmortems.notify.notice import Line, Notice, Part
from postmortems.notify.people import operations as people
from postmortems.notify.retry_schedule import Lent
from postmortems.vault.runtime import Runtime
from tests.apps import KEY, LOOPBACK
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.notify.mail.sink import Sink, sink
from tests.notify.receiving import Receiver, receiving
from tests.runtimes import LOCAL, VAULT, runtime_of
from tests.world import World, build

SENDERS = {"mail": (mail.send, mail.noted), "chat": (chats.send, chats.noted)}
TODAY = date(2026, 3, 2)
LIST, ALL = "https://postmortems.example.org/action-items", "All action items"


def noticed(number: int, incident: str = "It broke") -> Notice:
    line = Line("Block merges", f"AI-{number}", "due 2026-03-02, today", f"{LIST}/AI-{number}")
    return Notice(
        f"AI-{number} is due", parts=(Part(incident, (line,)),), url=line.url, thread=f"AI-{number}"
    )


def test_one_notice_stays_as_it_is() -> None:
    assert bundles.together("reminder", [noticed(1)], LIST, ALL) == noticed(1)


def test_the_same_thing_twice_is_told_as_one() -> None:
    assert bundles.together("reopened", [noticed(1), noticed(1)], LIST, ALL) == noticed(1)


def test_several_stand_under_their_incidents_in_one_notice() -> None:
    found = bundles.together("reminder", [noticed(1), noticed(2, "Else"), noticed(3)], LIST, ALL)

    assert (found.title, found.url, found.thread) == ("Reminders of 3 items", LIST, "")
    assert [(part.heading, [line.ref for line in part.lines]) for part in found.parts] == [
        ("It broke", ["AI-1", "AI-3"]),
        ("Else", ["AI-2"]),
    ]


def test_of_very_many_the_first_are_shown_and_the_others_counted() -> None:
    found = bundles.together("assigned", [noticed(number) for number in range(1, 1201)], LIST, ALL)

    assert found.title == "1,200 items were assigned"
    assert [len(part.lines) for part in found.parts] == [bundles.SHOWN, 0]
    assert (found.parts[-1].more, found.parts[-1].url) == (1200 - bundles.SHOWN, LIST)


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,), "egress_allow": LOOPBACK}


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    world = build(app)
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
        event_reader.tell(clock.now())
    return world


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as found:
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def added(world: World, url: str) -> None:
    given = {"name": "#all", "kind": "webhook", "url": url, "team": "", "tells": ["reminder", "assigned"]}
    with db.transaction():
        channels.add(given, actor=world.ben, vault=VAULT)


def due(count: int, **fields: Any) -> None:
    items = tuple(Item(f"Do {number}", owner="cy", due=TODAY) for number in range(count))
    save(Document(title="It went down", sections=(Section("Action items", items),), **fields))


def carried(runtime: Runtime) -> int:
    taken = 0
    with Sender(runtime, "worker", SENDERS) as one:
        while more := one.send_due():
            one.wait()
            taken += more
    return taken


def by_mail(server: Sink) -> Runtime:
    way = {"smtp_url": server.url, "mail_from": "pm@example.org", "egress_allow": LOOPBACK}
    return runtime_of(url="https://postmortems.example.org", **way)


def subjects(server: Sink) -> list[str]:
    return [str(came.message["Subject"]) for came in server.came]


def messages() -> list[Message]:
    with db.reading():
        return list(session().scalars(select(Message).order_by(Message.id)))


def test_a_morning_with_many_due_brings_one_mail(any_database: str, world: World, server: Sink) -> None:
    due(12)
    for _ in range(2):
        reminders.tell_all(the_clock.now(), sends_mail=True)
        carried(by_mail(server))

    (came,) = server.came
    assert came.message["Subject"] == "Reminders of 12 items"
    said = came.message.get_body(("plain",)).get_content()
    assert re.findall(r"/action-items/(AI-\d+)\s", said) == [f"AI-{number}" for number in range(1, 13)]
    assert [(row.state, row.attempts, row.holder) for row in messages()] == [("sent", 1, "")] * 12


def test_a_bulk_of_more_than_a_chat_may_have_waiting_reaches_it(
    any_database: str, world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_reader.limits, "CHAT_WAITING", 10)
    monkeypatch.setattr(reminders, "BATCH", 8)
    added(world, receiver.url)
    due(30)
    reminders.tell_all(the_clock.now(), sends_mail=False)

    assert carried(LOCAL) == 1
    (came,) = receiver.came
    said = json.loads(came.body)
    assert said["title"] == "Reminders of 30 items"
    assert sum(len(part["lines"]) + part["more"] for part in said["parts"]) == 30


def test_no_more_go_together_than_may(world: World, server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_TOGETHER", 5)
    due(12)
    reminders.tell_all(the_clock.now(), sends_mail=True)
    carried(by_mail(server))

    assert subjects(server) == [
        *["Reminders of 5 items"] * 2,
        "Reminders of 2 items",
    ]


def test_kinds_do_not_mix_and_what_goes_alone_stays_alone(world: World, server: Sink, clock: Clock) -> None:
    due(2)
    with db.transaction():
        event_reader.tell(clock.now(), sends_mail=True)
    reminders.tell_all(the_clock.now(), sends_mail=True)
    carried(by_mail(server))

    assert subjects(server) == ["2 items were assigned", "Reminders of 2 items"]


def test_what_is_over_meanwhile_is_left_out_and_noted_so(
    any_database: str, world: World, server: Sink, receiver: Receiver
) -> None:
    added(world, receiver.url)
    due(3)
    reminders.tell_all(the_clock.now(), sends_mail=True)
    browser = world.browser("ben")
    closing = {"status": "wont_do", "reason": "not needed any more"}
    browser.patch("/api/v1/action-items/AI-1", json=closing, headers=world.headers("ben"))
    carried(by_mail(server))

    (came,), (posted,) = subjects(server), receiver.came
    assert came == json.loads(posted.body)["title"] == "Reminders of 2 items"
    told = [(row.state, row.trouble) for row in messages() if row.payload["kind"] == "reminder"]
    assert sorted(told) == [("dead", outbox.OVER)] * 2 + [("sent", "")] * 4


def test_a_failed_bundle_is_tried_again_as_it_was(world: World, server: Sink, clock: Clock) -> None:
    server.contents = ["451 4.3.0 later", "250 OK"]
    due(2)
    reminders.tell_all(the_clock.now(), sends_mail=True)
    carried(by_mail(server))
    assert [(row.state, row.attempts) for row in messages()] == [("waiting", 1)] * 2
    assert len({row.due_at for row in messages()}) == 1
    due(1)
    reminders.tell_all(the_clock.now(), sends_mail=True)
    clock.advance(hours=1)
    carried(by_mail(server))

    assert sorted(subjects(server)) == ["AI-3 is due 2026-03-02, today", "Reminders of 2 items"]


def lend(number: int, holder: str) -> Lent | None:
    with db.transaction():
        return outbox.lend(number, holder, the_clock.now())


def test_what_goes_together_is_lent_to_one_worker_and_after_its_end_to_the_next(
    any_database: str, world: World, clock: Clock
) -> None:
    with db.transaction():
        for number in range(3):
            outbox.put("mail", "1", f"mail {number}", {"bundle": "reminder"}, clock.now())
        outbox.put("mail", "2", "another's", {"bundle": "reminder"}, clock.now())
    first, second, third, _ = [row.id for row in messages()]

    lent = lend(first, "one")
    assert lent is not None
    assert [other.id for other in lent.others] == [second, third]
    assert lend(second, "two") is None
    clock.advance(minutes=3)
    again = lend(second, "two")
    assert again is not None
    assert [other.id for other in again.others] == [first, third]
