"""Webhooks to a receiver that runs here: signed, once, again after failures, never in the way of others."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from standardwebhooks.webhooks import Webhook as Referee
from standardwebhooks.webhooks import WebhookVerificationError

from postmortems import limits, visibility
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Prose, Section
from postmortems.errors import Conflict, Invalid, NotAllowed
from postmortems.incidents import operations as incidents
from postmortems.notify import event_reader, outbox, retry_schedule, webhooks
from postmortems.notify.delivery import Sender
from postmortems.notify.models import Message, Webhook
from tests.apps import KEY, LOOPBACK
from tests.conftest import Clock
from tests.notify.receiving import Receiver, receiving
from tests.runtimes import LOCAL, VAULT
from tests.world import World, build

CHANNELS = {"webhook": (webhooks.send, webhooks.noted)}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def app_settings() -> dict[str, Any]:
    """The application, allowed to call the receiver."""
    return {"secrets_key": (KEY,), "egress_allow": LOOPBACK}


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    world = build(app)
    with db.transaction():
        event_reader.tell(clock.now())
    return world


def added(world: World, url: str, *events: str, name: str = "chat") -> tuple[int, str]:
    with db.transaction():
        webhook, secret = webhooks.add(name, url, events or ("item.*",), actor=world.ben, vault=VAULT)
        return webhook.id, secret


def happened(verb: str = "item.reopened", subject: str = "AI-3", **data: Any) -> None:
    with db.transaction():
        audit.record(Actor.system("gate"), verb, verb.split(".")[0], subject, **data)


def carried(clock: Clock, name: str = "worker") -> int:
    """One worker tells what happened and sends what is due; returns how many messages it took."""
    with db.transaction():
        event_reader.tell(clock.now())
    with Sender(LOCAL, name, CHANNELS) as one:
        taken = one.send_due()
        one.wait()
        return taken


def messages(**state: str) -> list[Message]:
    with db.reading():
        return list(session().scalars(select(Message).filter_by(**state).order_by(Message.id)))


def test_what_happens_is_told_once_and_signed(
    any_database: str, world: World, clock: Clock, receiver: Receiver
) -> None:
    _, secret = added(world, f"{receiver.url}/hook")
    happened(why="target-confirmed is disabled")

    assert carried(clock) == 1
    assert carried(clock) == 0

    (came,) = receiver.came
    assert (came.method, came.path, came.headers["content-type"]) == ("POST", "/hook", "application/json")
    told = json.loads(came.body)
    assert told["type"] == "item.reopened"
    assert told["data"]["subject"] == "AI-3"
    assert told["data"]["details"] == {"why": "target-confirmed is disabled"}
    assert [message.state for message in messages()] == ["sent"]
    assert secret.startswith("whsec_")


def test_the_referee_takes_the_signature_and_refuses_another(
    world: World, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = added(world, receiver.url)
    happened()
    clock.stack.close()
    carried(clock)

    (came,) = receiver.came
    assert Referee(secret).verify(came.body, came.headers)["type"] == "item.reopened"
    for headers in (
        {**came.headers, "webhook-id": "msg_other"},
        {**came.headers, "webhook-timestamp": str(int(came.headers["webhook-timestamp"]) + 1)},
    ):
        with pytest.raises(WebhookVerificationError):
            Referee(secret).verify(came.body, headers)
    with pytest.raises(WebhookVerificationError):
        Referee(secret).verify(came.body + b" ", came.headers)


def test_while_a_secret_is_replaced_both_sign(world: World, clock: Clock, receiver: Receiver) -> None:
    webhook_id, before = added(world, receiver.url)
    with db.transaction():
        _, after = webhooks.rotate(webhook_id, actor=world.ben, vault=VAULT)
    happened()
    carried(clock)
    clock.advance(hours=25)
    happened()
    carried(clock)

    during, later = receiver.came
    assert len(during.headers["webhook-signature"].split()) == 2
    assert len(later.headers["webhook-signature"].split()) == 1
    assert before != after
    with db.reading():
        stored = session().get_one(Webhook, webhook_id)
        assert before not in stored.previous_secret
        assert after not in stored.secret


@pytest.mark.parametrize(
    "pattern, verb, is_told",
    [
        ("*", "guard.edited", True),
        ("item.*", "item.reopened", True),
        ("item.*", "incident.published", False),
        ("item.reopened", "item.reopened", True),
        ("item.reopened", "item.regressed", False),
    ],
)
def test_a_webhook_is_told_what_it_asked_for(
    world: World, clock: Clock, receiver: Receiver, pattern: str, verb: str, is_told: bool
) -> None:
    added(world, receiver.url, pattern)
    carried(clock)
    receiver.came.clear()
    happened(verb)

    for _ in range(3):
        carried(clock)

    assert ([json.loads(came.body)["type"] for came in receiver.came] == [verb]) is is_told


def test_what_was_taken_back_is_not_told(world: World, clock: Clock, receiver: Receiver) -> None:
    added(world, receiver.url)
    db.begin()
    audit.record(world.ada, "item.edited", "item", "AI-1")
    db.finish(keep=False)

    assert carried(clock) == 0


def test_nobody_is_told_about_restricted_incidents(
    any_database: str, world: World, clock: Clock, receiver: Receiver
) -> None:
    added(world, receiver.url, "*")
    secret = Document(title="A leak", restricted=("ada",), sections=(Section("Summary", (Prose("hush"),)),))
    with db.transaction(), visibility.seen_by(visibility.Viewer("ada")):
        incidents.save(None, secret, version=None, actor=world.ada)
    carried(clock)
    for _ in range(3):
        carried(clock)

    assert [json.loads(came.body)["type"] for came in receiver.came] == ["webhook.added"]
    with db.reading():
        assert not event_reader.has_news()


def test_what_was_restricted_before_it_was_sent_is_not_sent(
    any_database: str, world: World, clock: Clock, receiver: Receiver
) -> None:
    added(world, receiver.url, "incident.*")
    receiver.answer(500, 200)
    document = Document(title="A leak", sections=(Section("Summary", (Prose("hush"),)),))
    with db.transaction():
        slug = incidents.save(None, document, version=None, actor=world.ada).slug
    carried(clock)
    with db.transaction(), visibility.seen_by(visibility.Viewer("ada")):
        incidents.save(slug, replace(document, restricted=("ada",)), version=None, actor=world.ada)
    clock.advance(minutes=10)
    carried(clock)

    assert len(receiver.came) == 1
    assert [message.state for message in messages()] == ["dead"]


def test_a_receiver_that_breaks_off_after_its_status_is_not_told_twice(
    world: World, clock: Clock, receiver: Receiver
) -> None:
    added(world, receiver.url)
    receiver.breaks_off = True
    happened()
    for _ in range(2):
        carried(clock)
        clock.advance(hours=1)

    assert ([message.state for message in messages()], len(receiver.came)) == (["sent"], 1)


def test_a_receiver_that_fails_is_tried_again_under_the_same_name(
    any_database: str, world: World, clock: Clock, receiver: Receiver
) -> None:
    added(world, receiver.url)
    receiver.answer(500, 503, 302, 200)
    happened()
    spans = (0, *retry_schedule.WEBHOOK)

    for span in spans[:4]:
        clock.set(clock.now() + timedelta(seconds=span * 1.2))
        assert carried(clock) == 1

    assert len({came.headers["webhook-id"] for came in receiver.came}) == 1
    assert len({came.headers["webhook-timestamp"] for came in receiver.came}) == 4
    assert [message.state for message in messages()] == ["sent"]


def test_after_the_last_try_a_message_is_given_up_and_can_be_sent_by_hand(
    world: World, clock: Clock, receiver: Receiver
) -> None:
    webhook_id, _ = added(world, receiver.url)
    receiver.answer(500)
    happened()
    for span in (0, *retry_schedule.WEBHOOK):
        clock.set(clock.now() + timedelta(seconds=span * 1.2))
        carried(clock)

    (dead,) = messages(state="dead")
    assert (dead.attempts, dead.last_status, dead.trouble) == (10, 500, "it answered 500")
    receiver.answer(200)
    with db.transaction():
        webhooks.send_again(webhook_id, dead.id, actor=world.ben)
    assert carried(clock) == 1
    assert [message.state for message in messages()] == ["sent"]


def test_a_wish_to_be_left_alone_is_respected(world: World, clock: Clock, receiver: Receiver) -> None:
    added(world, receiver.url)
    receiver.answer(429, Retry_After="3600")
    happened()
    carried(clock)

    assert messages()[0].due_at >= clock.now() + timedelta(hours=1)


def test_who_is_gone_for_good_is_switched_off(world: World, clock: Clock, receiver: Receiver) -> None:
    webhook_id, _ = added(world, receiver.url)
    receiver.answer(410)
    happened()
    happened(subject="AI-4")
    carried(clock)

    with db.reading():
        assert "410" in session().get_one(Webhook, webhook_id).trouble
    assert [message.state for message in messages()] == ["dead", "dead"]
    assert len(receiver.came) == 1


def test_who_takes_nothing_for_days_is_switched_off(world: World, clock: Clock, receiver: Receiver) -> None:
    webhook_id, _ = added(world, receiver.url)
    receiver.answer(500)
    for _ in range(3):
        happened()
        carried(clock)
        clock.advance(days=3)

    with db.reading():
        webhook = session().get_one(Webhook, webhook_id)
        told = session().scalars(select(Event).where(Event.verb == "webhook.switched_off")).one()
    assert not webhook.is_enabled
    assert told.subject == "chat"
    assert messages(state="waiting") == []


def test_a_queue_without_end_is_cut_off(
    world: World, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WEBHOOK_WAITING", 3)
    webhook_id, _ = added(world, receiver.url)
    for number in range(6):
        happened(subject=f"AI-{number}")
        with db.transaction():
            event_reader.tell(clock.now())
        clock.advance(minutes=30)

    with db.reading():
        assert not session().get_one(Webhook, webhook_id).is_enabled
    assert messages(state="waiting") == []


def test_many_messages_at_once_switch_no_webhook_off(
    world: World, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WEBHOOK_WAITING", 3)
    added(world, receiver.url)
    for number in range(9):
        happened(subject=f"AI-{number}")
        with db.transaction():
            event_reader.tell(clock.now())

    assert len(messages(state="waiting")) == 9


def test_who_does_not_answer_holds_up_nobody_else(world: World, clock: Clock, receiver: Receiver) -> None:
    """The hanging receiver is let go only when the other one has its message."""
    with receiving() as quick:
        released = threading.Event()
        receiver.before = lambda _: released.wait(60) and None
        quick.before = lambda _: released.set()
        added(world, receiver.url, name="hangs")
        added(world, quick.url, name="quick")
        happened()

        assert carried(clock) == 2

        assert len(quick.came) == len(receiver.came) == 1


def test_while_a_receiver_fails_its_other_messages_wait_with_it(
    world: World, clock: Clock, receiver: Receiver
) -> None:
    added(world, receiver.url)
    receiver.answer(500)
    for number in range(3):
        happened(subject=f"AI-{number}")
    carried(clock)

    assert carried(clock) == 0
    assert len(receiver.came) == 1


def test_a_worker_that_dies_leaves_its_message_to_the_next(
    any_database: str, world: World, clock: Clock, receiver: Receiver
) -> None:
    added(world, receiver.url)
    happened()
    with db.transaction():
        event_reader.tell(clock.now())
    with db.transaction():
        (found,) = outbox.due(clock.now(), (), 10)
        assert outbox.lend(found, "dead worker", clock.now()) is not None

    assert carried(clock, "another") == 0
    clock.set(clock.now() + outbox.LEASE)
    assert carried(clock, "another") == 1


def test_two_workers_send_a_message_once(
    any_database: str, world: World, clock: Clock, receiver: Receiver
) -> None:
    added(world, receiver.url)
    for number in range(5):
        happened(subject=f"AI-{number}")
    for _ in range(2):
        with db.transaction():
            event_reader.tell(clock.now())

    with (
        Sender(LOCAL, "one", CHANNELS) as one,
        Sender(LOCAL, "two", CHANNELS) as two,
    ):
        while one.send_due() + two.send_due():
            one.wait()
            two.wait()

    names = [came.headers["webhook-id"] for came in receiver.came]
    assert len(names) == len(set(names)) == 5


def test_a_large_event_is_told_without_its_details(world: World, clock: Clock, receiver: Receiver) -> None:
    added(world, receiver.url)
    happened(text="é" * 30_000)
    carried(clock)

    (came,) = receiver.came
    assert len(came.body) < event_reader.LARGEST_BODY
    assert json.loads(came.body)["data"]["is_cut"] is True


def test_a_fault_of_ours_loses_no_message(
    world: World, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(world, receiver.url)
    happened()
    with db.transaction():
        event_reader.tell(clock.now())

    def broken(*_: object) -> retry_schedule.Outcome:
        raise KeyError("body")

    with Sender(LOCAL, "worker", {"webhook": (broken, webhooks.noted)}) as one:
        one.send_due()
        one.wait()

    (message,) = messages()
    assert (message.state, message.trouble) == ("waiting", "it could not be sent: KeyError")


def test_an_address_that_is_not_allowed_is_not_called(world: World, clock: Clock) -> None:
    added(world, "http://169.254.169.254/latest")
    happened()
    carried(clock)

    (message,) = messages()
    assert message.state == "waiting"
    assert "not allowed" in message.trouble


@pytest.mark.parametrize(
    "name, url, events, pointer",
    [
        ("", "https://a.example", ["*"], "/name"),
        ("x" * 101, "https://a.example", ["*"], "/name"),
        ("x", "", ["*"], "/url"),
        ("x", "ftp://a.example", ["*"], "/url"),
        ("x", "https://user:secret@a.example", ["*"], "/url"),
        ("x", "https://" + "a" * 3000, ["*"], "/url"),
        ("x", "https://a.example", [], "/events"),
        ("x", "https://a.example", ["Item.Reopened"], "/events"),
        ("x", "https://a.example", ["item*"], "/events"),
        ("x", "https://a.example", [f"item.x{number}" for number in range(60)], "/events"),
    ],
)
def test_a_wrong_webhook_is_not_added(
    world: World, name: str, url: str, events: list[str], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused, db.transaction():
        webhooks.add(name, url, events, actor=world.ben, vault=VAULT)

    assert pointer in {problem.pointer for problem in refused.value.problems}


def test_only_admins_manage_webhooks(world: World) -> None:
    with pytest.raises(NotAllowed), db.transaction():
        webhooks.add("x", "https://a.example", ["*"], actor=world.ada, vault=VAULT)
    assert world.browser("ada").get("/settings/webhooks").status_code == 403


def test_a_name_is_taken_once(world: World) -> None:
    added(world, "https://a.example")
    with pytest.raises(Conflict), db.transaction():
        webhooks.add("chat", "https://b.example", ["*"], actor=world.ben, vault=VAULT)


def test_the_pages_add_show_rotate_replay_and_remove(world: World, clock: Clock, receiver: Receiver) -> None:
    ben = world.browser("ben")
    form = {"name": "chat", "url": receiver.url, "events": "item.reopened\n\nitem.regressed"}
    made = ben.send("/settings/webhooks", form)
    assert "whsec_" in made.text
    assert ben.send("/settings/webhooks", form).status_code == 422
    assert ben.send("/settings/webhooks", {**form, "name": "b", "url": "x"}).status_code == 422
    with db.reading():
        (webhook,) = webhooks.listing()
    address = f"/settings/webhooks/{webhook.id}"
    assert "whsec_" not in ben.get(address).text

    happened()
    carried(clock)
    (message,) = messages()
    shown = ben.get(address).text
    assert message.about in shown
    assert ben.send(f"{address}/messages/{message.id}").status_code == 303
    carried(clock)
    assert len(receiver.came) == 2

    assert "whsec_" in ben.send(address, {"do": "rotate"}).text
    assert ben.send(address, {"do": "switch-off"}).status_code == 303
    assert ben.send(f"{address}/messages/{message.id}").status_code == 409
    assert ben.send(address, {"do": "switch-on"}).status_code == 303
    assert ben.send(address, {**form, "do": "save", "events": "nothing"}).status_code == 422
    assert ben.send(address, {**form, "do": "save", "events": "*"}).status_code == 303
    assert ben.send(address, {"do": "remove"}).status_code == 303
    assert ben.get(address).status_code == 404


def test_the_api_does_the_same(world: World, app: Flask, clock: Clock, receiver: Receiver) -> None:
    client, headers = app.test_client(), world.headers("ben")
    body = {"name": "chat", "url": receiver.url, "events": ["item.*"]}
    made = client.post("/api/v1/webhooks", json=body, headers=headers)
    assert made.status_code == 201
    address = f"/api/v1/webhooks/{made.json['webhook']['id']}"
    happened()
    carried(clock)

    (told,) = client.get(f"{address}/messages", headers=headers).json["messages"]
    assert (told["type"], told["state"], told["attempts"]) == ("item.reopened", "sent", 1)
    assert client.post(f"{address}/messages/{told['id']}/send", headers=headers).status_code == 202
    assert client.post(f"{address}/secret", headers=headers).json["secret"] != made.json["secret"]
    assert client.patch(address, json={"is_enabled": False}, headers=headers).json["is_enabled"] is False
    listed = client.get("/api/v1/webhooks", headers=headers).json["webhooks"]
    assert [one["name"] for one in listed] == ["chat"]
    assert "secret" not in listed[0]
    assert client.delete(address, headers=headers).status_code == 204
    assert client.get("/api/v1/webhooks", headers=world.headers("ada")).status_code == 403


def test_telling_takes_as_many_statements_for_many_events(
    any_database: str, world: World, clock: Clock, count_queries: Any
) -> None:
    def statements(count: int) -> int:
        with db.transaction():
            session().add_all(
                Event(
                    at=clock.now(), verb="guard.edited", subject_kind="guard", subject="x",
                    actor_kind="system", actor="x", data={},
                )
                for _ in range(count)
            )  # fmt: skip
        with count_queries() as found, db.transaction():
            assert event_reader.tell(clock.now()) == min(count, event_reader.BATCH)
        return len(found)

    assert statements(10) == statements(event_reader.BATCH)
    with db.reading():
        untold = select(func.count()).select_from(Event).where(Event.is_told.is_(False))
        assert session().scalar(untold) == 0
