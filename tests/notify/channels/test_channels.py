"""Channels: told once, of nothing restricted, politely again, and switched off where they are gone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from postmortems import clock as the_clock
from postmortems import config, limits, visibility
from postmortems.accounts.teams import operations as teams
from postmortems.audit.models import Event
from postmortems.capture.chats import buttons
from postmortems.capture.chats.buttons import Press
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Conflict, Invalid, NotAllowed
from postmortems.notify import event_reader, retry_schedule
from postmortems.notify.channels import delivery, operations, queries, replies
from postmortems.notify.channels.formats import FORMATS
from postmortems.notify.channels.models import ChatChannel
from postmortems.notify.delivery import Sender
from postmortems.notify.digests import operations as digests
from postmortems.notify.inbox import reminders
from postmortems.notify.models import Message
from postmortems.notify.monthly import operations as monthly
from postmortems.notify.people import operations as people
from tests.apps import KEY, LOOPBACK
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.notify.receiving import Receiver, receiving
from tests.runtimes import LOCAL, RUNTIME, VAULT
from tests.world import World, build

CHANNELS = {"chat": (delivery.send, delivery.noted)}
TODAY = date(2026, 3, 2)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,), "egress_allow": LOOPBACK}


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    world = build(app)
    with db.transaction():
        event_reader.tell(clock.now())
    return world


def added(world: World, url: str, *tells: str, **fields: Any) -> int:
    given: dict[str, Any] = {"name": "#platform", "kind": "slack", "url": url, "team": ""}
    given["tells"] = list(tells) or ["reminder"]
    with db.transaction():
        return operations.add(given | fields, actor=world.ben, vault=VAULT).id


def due(owner: str = "cy", days: int = 0, **fields: Any) -> str:
    item = Item("Block <merges>", owner=owner, due=TODAY + timedelta(days=days), team=fields.pop("team", ""))
    return save(Document(title="It went down", sections=(Section("Action items", (item,)),), **fields)).slug


def carried() -> int:
    with Sender(LOCAL, "worker", CHANNELS) as one:
        taken = one.send_due()
        one.wait()
        return taken


def remind() -> None:
    reminders.tell_all(the_clock.now(), sends_mail=False)


def messages() -> list[Message]:
    with db.reading():
        wanted = select(Message).where(Message.channel == "chat").order_by(Message.id)
        return list(session().scalars(wanted))


def channel(number: int) -> ChatChannel:
    with db.reading():
        return session().get_one(ChatChannel, number)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_channel_is_told_once_in_its_own_form(world: World, receiver: Receiver, kind: str) -> None:
    added(world, f"{receiver.url}/secret", kind=kind)
    due()
    remind()
    remind()

    assert (carried(), carried()) == (1, 0)
    (came,) = receiver.came
    path = "/secret?wait=true" if kind == "discord" else "/secret"
    assert (came.method, came.path, came.headers["content-type"]) == ("POST", path, "application/json")
    said = came.body.decode()
    assert "AI-1 is due" in said.replace("\\\\", "")


def test_a_channel_of_no_team_hears_once_of_the_month_that_is_over(
    world: World, receiver: Receiver, clock: Clock
) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True}, actor=world.ben)
    added(world, f"{receiver.url}/all", "monthly", name="#all")
    added(world, f"{receiver.url}/team", "monthly", name="#team", team="platform")
    clock.set(datetime(2026, 4, 1, 0, 5, tzinfo=UTC))
    with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
        session().execute(update(Event).values(at=clock.now() - timedelta(days=9)))
    due(owner="ada")

    for _ in range(2):
        monthly.tell_due(clock.now(), sends_mail=False)

    assert (carried(), carried()) == (1, 0)
    (came,) = receiver.came
    assert came.path == "/all"
    assert "Report of March 2026: 0 opened, 0 closed" in came.body.decode()
    assert "/reports/monthly?month=2026-03" in came.body.decode()


def test_the_address_is_encrypted_and_never_shown_again(world: World, receiver: Receiver) -> None:
    number = added(world, f"{receiver.url}/T0/B0/hunter2")
    browser = world.browser("ben")

    with db.reading():
        events = [event.data for event in session().scalars(select(Event))]
    shown = [
        browser.get("/settings/channels").text,
        browser.get(f"/settings/channels/{number}").text,
        browser.get("/api/v1/channels", headers=world.headers("ben")).text,
        channel(number).url,
        json.dumps(events),
    ]
    assert not any("hunter2" in text for text in shown)


def test_a_restricted_incident_is_told_to_no_channel(
    any_database: str, world: World, receiver: Receiver
) -> None:
    added(world, receiver.url, "reminder", "digest")
    due(restricted=("cy", "ben"))
    remind()

    assert carried() == 0


def test_what_is_restricted_before_it_is_sent_is_not_sent(world: World, receiver: Receiver) -> None:
    added(world, receiver.url)
    slug = due()
    remind()
    items = Section("Action items", (Item("Block", owner="cy", due=TODAY),))
    save(Document(title="It went down", sections=(items,), restricted=("ben",)), slug, actor=world.ben)
    carried()

    assert receiver.came == []
    assert "not for all" in messages()[0].trouble


def test_a_teams_channel_hears_of_its_items_and_its_digest_alone(world: World, receiver: Receiver) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True}, actor=world.ben)
    added(world, receiver.url, "reminder", "digest", team="platform", kind="webhook")
    due("cy")
    save(
        Document(
            title="Other",
            sections=(Section("Action items", (Item("Ours", owner="Platform", due=TODAY),)),),
        )
    )
    remind()
    digests.tell_due(the_clock.now(), sends_mail=False)
    for _ in range(3):
        carried()

    titles = [json.loads(came.body)["title"] for came in receiver.came]
    assert len(titles) == 1
    assert titles[0].startswith("AI-2")
    later = the_clock.now() + timedelta(days=8)
    with the_clock.frozen_at(later):
        digests.tell_due(later, sends_mail=False)
        carried()
    assert json.loads(receiver.came[-1].body)["title"] == "Platform: 1 overdue"


WAITS = [
    ("", 5, 6),
    ("120", 120, 121),
    ("0.5", 5, 6),
    ("Mon, 02 Mar 2026 09:10:00 GMT", 600, 601),
    ("soon", 5, 6),
]


@pytest.mark.parametrize("said, least, most", WAITS)
def test_a_chat_that_is_asked_too_often_is_left_alone_as_long_as_it_says(
    world: World, receiver: Receiver, said: str, least: int, most: int
) -> None:
    number = added(world, receiver.url)
    receiver.answer(429, **({"Retry_After": said} if said else {}))
    due()
    remind()
    carried()

    (waiting,) = messages()
    wait_s = (waiting.due_at - the_clock.now()).total_seconds()
    assert (waiting.state, channel(number).is_enabled) == ("waiting", True)
    assert least * 0.9 - 1 <= wait_s <= most


RETRY_AFTER = [
    ("0", 0),
    ("7", 7),
    ("1.2", 2),
    (" 30 ", 30),
    ("999999999", 86_400),
    ("-5", 0),
    ("١", 0),
    ("", 0),
    ("Mon, 02 Mar 2026 09:00:05 GMT", 5),
    ("Mon, 02 Mar 2026 08:00:00 GMT", 0),
    ("Mon, 02 Mar 2099 09:00:00 GMT", 86_400),
    ("2026-03-02T09:00:05Z", 0),
    ("Mon, 99 Foo 2026", 0),
    ("1e9", 0),
]


@pytest.mark.parametrize("said, seconds", RETRY_AFTER)
def test_retry_after_is_a_number_or_a_date(said: str, seconds: int) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    assert retry_schedule.asked_pause_s(said, now) == seconds


@pytest.mark.parametrize("status", [404, 410])
def test_a_channel_that_is_gone_is_switched_off_and_admins_are_told(
    any_database: str, world: World, clock: Clock, receiver: Receiver, status: int
) -> None:
    number = added(world, receiver.url)
    receiver.answer(status)
    due()
    remind()
    carried()
    with db.transaction():
        event_reader.tell(clock.now())

    assert (channel(number).is_enabled, channel(number).trouble) == (False, f"it answered {status}")
    ben = world.browser("ben")
    assert "#platform" in ben.get("/").text
    assert "The channel #platform is switched off" in ben.get("/notifications").text
    assert "Channels switched off" not in world.browser("ada").get("/").text


def test_refusals_in_a_row_switch_a_channel_off_and_a_success_between_does_not(
    world: World, receiver: Receiver, clock: Clock
) -> None:
    number = added(world, receiver.url)
    receiver.answer(403, 403, 403, 200, 403, 403, 403, 403, 403)
    for turn in range(9):
        assert channel(number).is_enabled, turn
        with db.transaction():
            operations.test(number, actor=world.ben)
        carried()
        clock.advance(seconds=1)

    assert "refused 5 messages in a row" in channel(number).trouble


def test_a_chat_for_which_too_much_waits_is_switched_off_and_says_what_to_do(
    any_database: str, world: World, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CHAT_WAITING", 3)
    full, other = added(world, receiver.url), added(world, receiver.url, "assigned", name="#other")
    for days in range(4):
        due(days=days)
        remind()
        clock.advance(days=1)
    with db.transaction():
        event_reader.tell(clock.now())

    assert (channel(full).is_enabled, channel(other).is_enabled) == (False, True)
    assert (
        channel(full).trouble == "3 messages have waited an hour for it: have it hear of less, or of one team"
    )
    mine = [message for message in messages() if message.receiver == str(full)]
    assert {message.state for message in mine} == {"dead"}
    assert "#platform" in world.browser("ben").get("/").text


def test_two_admins_who_change_a_channel_at_once_both_learn_of_it(world: World, receiver: Receiver) -> None:
    browser, number = world.browser("ben"), added(world, receiver.url)
    page = f"/settings/channels/{number}"
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(page).text)
    assert seen
    form = {"kind": "slack", "url": "", "team": "", "tells": ["digest"], "seen": seen[1]}

    assert browser.send(page, {**form, "name": "#first"}).status_code == 303
    second = browser.send(page, {**form, "name": "#second", "tells": ["reminder"]})

    assert (second.status_code, channel(number).name) == (422, "#first")
    assert "somebody else changed #first since you opened it" in second.text
    # What was typed stands there, and goes on from theirs.
    assert 'value="#second"' in second.text
    seen = re.search(r'name="seen" value="(\w+)"', second.text)
    assert seen
    assert browser.send(page, {**form, "name": "#second", "seen": seen[1]}).status_code == 303
    assert channel(number).name == "#second"


def test_the_api_changes_a_channel_as_it_was_read(world: World, receiver: Receiver) -> None:
    client, headers, number = world.browser("ben"), world.headers("ben"), added(world, receiver.url)
    path = f"/api/v1/channels/{number}"
    read = client.get(path, headers=headers)
    tag = {**headers, "If-Match": read.headers["ETag"]}

    assert client.get(path, headers={**headers, "If-None-Match": read.headers["ETag"]}).status_code == 304
    first = client.patch(path, json={"name": "#first"}, headers=tag)
    assert (first.status_code, first.get_json()["name"]) == (200, "#first")
    refused = client.patch(path, json={"name": "#second"}, headers=tag)
    assert (refused.status_code, channel(number).name) == (412, "#first")
    again = client.patch(
        path, json={"name": "#second"}, headers={**headers, "If-Match": first.headers["ETag"]}
    )
    assert again.status_code == 200
    assert client.get("/api/v1/channels/999", headers=headers).status_code == 404


def test_a_channel_that_does_not_answer_is_asked_again(
    world: World, receiver: Receiver, clock: Clock
) -> None:
    number = added(world, receiver.url)
    receiver.answer(500, 503, 200)
    due()
    remind()
    for _ in range(4):
        carried()
        clock.advance(hours=1)

    assert [message.state for message in messages()] == ["sent"]
    assert channel(number).failing_since is None


@pytest.mark.parametrize("status, state", [(200, "sent"), (410, "dead"), (503, "waiting")])
def test_a_chat_that_breaks_off_after_its_status_said_what_it_did(
    world: World, receiver: Receiver, status: int, state: str
) -> None:
    added(world, receiver.url)
    receiver.breaks_off = True
    receiver.answer(status)
    due()
    remind()
    carried()

    assert [message.state for message in messages()] == [state]
    assert len(receiver.came) == 1


def test_an_address_in_a_private_network_is_not_called(world: World) -> None:
    added(world, "http://169.254.169.254/latest")
    due()
    remind()
    with Sender(RUNTIME, "worker", CHANNELS) as one:
        one.send_due()
        one.wait()

    assert "not allowed to be called" in messages()[0].trouble


BAD = [
    ({"name": ""}, "/name"),
    ({"kind": "irc"}, "/kind"),
    ({"tells": []}, "/tells"),
    ({"tells": ["weather"]}, "/tells"),
    ({"team": "nobody"}, "/team"),
    ({"url": ""}, "/url"),
    ({"url": "hooks.slack.com/services/x"}, "/url"),
    ({"url": "ftp://hooks.slack.com/x"}, "/url"),
    ({"url": "https://user:hunter2@hooks.slack.com/x"}, "/url"),
    ({"url": f"https://hooks.slack.com/{'x' * 2000}"}, "/url"),
]


def without_url(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "url"}


@pytest.mark.parametrize("fields, pointer", BAD)
def test_a_channel_that_cannot_be_is_refused_at_its_field(
    world: World, fields: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        added(world, fields.get("url", "https://hooks.slack.com/x"), "digest", **without_url(fields))

    assert pointer in [problem.pointer for problem in refused.value.problems]
    assert "hunter2" not in str(refused.value)


def test_only_admins_keep_channels(world: World) -> None:
    with db.transaction(), pytest.raises(NotAllowed):
        operations.add({}, actor=world.ada, vault=VAULT)


def test_pages_and_api_add_change_and_remove(world: World, receiver: Receiver) -> None:
    browser, headers = world.browser("ben"), world.headers("ben")
    form = {"name": "#a", "kind": "discord", "url": receiver.url, "team": "", "tells": ["digest", "reopened"]}

    assert browser.send("/settings/channels", form).status_code == 303
    assert browser.send("/settings/channels", form).status_code == 422
    (one,) = browser.get("/api/v1/channels", headers=headers).get_json()["channels"]
    assert (one["name"], one["kind"], one["tells"], one["host"]) == (
        "#a",
        "discord",
        ["digest", "reopened"],
        "127.0.0.1",
    )
    path = f"/api/v1/channels/{one['id']}"
    assert browser.patch(path, json={"is_enabled": False}, headers=headers).get_json()["is_enabled"] is False
    assert browser.post(f"{path}/test", headers=headers).status_code == 409
    assert browser.send(f"/settings/channels/{one['id']}", {"do": "switch-on"}).status_code == 303
    assert (
        browser.send(f"/settings/channels/{one['id']}", {**form, "url": "", "name": "#b"}).status_code == 303
    )
    assert browser.post(f"{path}/test", headers=headers).status_code == 202
    carried()
    assert b"try the channel" in receiver.came[0].body
    assert browser.delete(path, headers=headers).status_code == 204
    assert browser.get("/api/v1/channels", headers=headers).get_json() == {"channels": []}


def test_deliveries_say_who_was_told_and_send_again(world: World, receiver: Receiver) -> None:
    added(world, receiver.url)
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
    due()
    reminders.tell_all(the_clock.now(), sends_mail=True)
    carried()
    browser, headers = world.browser("ben"), world.headers("ben")

    found = browser.get("/api/v1/deliveries", headers=headers).get_json()["deliveries"]
    assert [(row["channel"], row["to"], row["kind"], row["state"]) for row in found] == [
        ("chat", "#platform", "reminder", "sent"),
        ("mail", "cy", "reminder", "waiting"),
    ]
    assert found[1]["about"] == "AI-1 is due 2026-03-02, today"
    page = browser.get("/settings/deliveries?person=cy").text
    assert "AI-1 is due" in page
    assert "#platform</td>" not in page
    assert browser.get("/settings/deliveries?person=nobody").status_code == 422
    assert browser.send(f"/settings/deliveries/{found[0]['id']}").status_code == 303
    carried()
    assert len(receiver.came) == 2
    answer = browser.post(f"/api/v1/deliveries/{found[1]['id']}/send", headers=headers)
    assert answer.status_code == 409


def test_what_was_tried_and_waits_is_tried_at_once_where_an_admin_asks(
    world: World, receiver: Receiver
) -> None:
    added(world, receiver.url)
    due()
    remind()
    browser, headers = world.browser("ben"), world.headers("ben")
    (fresh,) = browser.get("/api/v1/deliveries", headers=headers).get_json()["deliveries"]
    again = f"/api/v1/deliveries/{fresh['id']}/send"
    assert browser.post(again, headers=headers).status_code == 409
    assert "Try now" not in browser.get("/settings/deliveries").text
    receiver.answer(503)
    carried()
    receiver.answer(200)

    assert (carried(), len(receiver.came)) == (0, 1)
    assert "Try now" in browser.get("/settings/deliveries").text
    assert browser.send(f"/settings/deliveries/{fresh['id']}").status_code == 303
    assert browser.post(again, headers=headers).status_code == 409
    assert (carried(), len(receiver.came)) == (1, 2)
    assert [message.state for message in messages()] == ["sent"]


def test_a_delivery_about_a_restricted_incident_tells_an_admin_nothing_of_it(world: World) -> None:
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
    save(
        Document(
            title="Secret",
            sections=(Section("Action items", (Item("Secret", owner="cy", due=TODAY),)),),
            restricted=("cy", "ada"),
        ),
        actor=world.ada,
    )
    reminders.tell_all(the_clock.now(), sends_mail=True)
    answer = world.browser("ben").get("/api/v1/deliveries", headers=world.headers("ben"))

    (one,) = answer.get_json()["deliveries"]
    assert (one["to"], one["about"]) == ("cy", "about a restricted incident")


def test_a_message_about_what_was_restricted_since_is_withheld_too(world: World, receiver: Receiver) -> None:
    added(world, receiver.url)
    slug = due()
    remind()
    carried()
    items = Section("Action items", (Item("Block", owner="cy", due=TODAY),))
    save(Document(title="It went down", sections=(items,), restricted=("ada",)), slug)
    answer = world.browser("ben").get("/api/v1/deliveries", headers=world.headers("ben"))

    assert [row["about"] for row in answer.get_json()["deliveries"]] == ["about a restricted incident"]


def test_the_hundredth_channel_is_the_last(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 1)
    added(world, "https://hooks.slack.com/x")
    with pytest.raises(Conflict):
        added(world, "https://hooks.slack.com/y", name="#other")


CONNECTED = {"slack_secrets": ("s" * 32,), "mattermost_tokens": ("t" * 26,)}
# By the chat and what is told: whether there are buttons under it, where the chat is connected.
ASKED = [("slack", "reminder", 3), ("mattermost", "reminder", 3), ("teams", "reminder", 0)]


@pytest.mark.parametrize("kind, tells, count", ASKED)
@pytest.mark.parametrize("is_connected", [True, False])
def test_reminders_have_buttons_where_presses_are_taken(
    world: World, receiver: Receiver, kind: str, tells: str, count: int, is_connected: bool
) -> None:
    added(world, receiver.url, tells, kind=kind)
    due()
    remind()
    runtime = replace(LOCAL, settings=replace(LOCAL.settings, **(CONNECTED if is_connected else {})))

    with Sender(runtime, "worker", CHANNELS) as one:
        one.send_due()
        one.wait()

    (came,) = receiver.came
    secret = config.secret_key(runtime.settings)
    values = re.findall(r'"value": ?"([^"]+)"', came.body.decode())
    assert len(values) == (count if is_connected else 0)
    assert {buttons.read(value, secret) for value in values} <= {
        Press(do, "AI-1") for do in ("done", "later", "not_mine")
    }


def test_what_came_of_a_press_is_posted_for_who_pressed(world: World, receiver: Receiver) -> None:
    with db.transaction():
        replies.put(f"{receiver.url}/answer", "AI-1 is done", "digest", VAULT, the_clock.now())

    with Sender(LOCAL, "worker", {"chat-reply": (replies.send, replies.noted)}) as one:
        one.send_due()
        one.wait()

    (came,) = receiver.came
    assert json.loads(came.body) == {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": "AI-1 is done",
    }
