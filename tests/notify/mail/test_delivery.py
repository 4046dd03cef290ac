"""Delivery of mail: once, to who still wants it, again after an hour without a server, never to a bounce."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from postmortems import clock as the_clock
from postmortems.accounts import operations as accounts
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.notify import letters, outbox
from postmortems.notify.delivery import Sender
from postmortems.notify.letters import Letter
from postmortems.notify.mail import delivery
from postmortems.notify.models import Message
from postmortems.notify.notice import Notice
from postmortems.notify.people import operations as people
from postmortems.notify.retry_schedule import Lent
from postmortems.vault.runtime import Runtime
from tests.conftest import Clock
from tests.loopback import Conversation
from tests.notify.mail.sink import Sink, sink
from tests.notify.mail.talkers import smtp_like
from tests.runtimes import runtime_of
from tests.world import World

CHANNELS = {"mail": (delivery.send, delivery.noted)}
FROM = "Postmortems <pm@example.org>"


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as found:
        yield found


@pytest.fixture(autouse=True)
def _plain_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter of a kind that can be switched off, which says what its payload does."""
    written = Letter(lambda payload, user, links: Notice(payload["says"]) if payload["says"] else None)
    monkeypatch.setitem(letters.LETTERS, "plain", written)


def with_address(world: World, address: str = "ada@example.org") -> None:
    with db.transaction():
        people.set_address("ada", address, actor=world.ben, sends_mail=True)


def put(world: World, key: str = "one", says: str = "AI-3 is due", kind: str = "reminder") -> None:
    with db.transaction():
        payload = {"letter": "plain", "kind": kind, "says": says}
        outbox.put("mail", str(world.ada.user_id), key, payload, the_clock.now())


def runtime(server: Sink) -> Runtime:
    return runtime_of(smtp_url=server.url, mail_from=FROM, url="https://postmortems.example.org")


def carried(runtime: Runtime) -> int:
    with Sender(runtime, "worker", CHANNELS) as one:
        taken = one.send_due()
        one.wait()
        return taken


def messages() -> list[Message]:
    with db.reading():
        return list(session().scalars(select(Message).order_by(Message.id)))


def lent_to(holder: str) -> Lent:
    first = messages()[0].id
    with db.transaction():
        lent = outbox.lend(first, holder, the_clock.now())
    assert lent is not None
    return lent


def events(verb: str) -> list[Event]:
    with db.reading():
        return list(session().scalars(select(Event).where(Event.verb == verb)))


def test_a_letter_is_handed_in_once(any_database: str, world: World, clock: Clock, server: Sink) -> None:
    with_address(world)
    put(world)
    put(world)

    assert carried(runtime(server)) == 1
    assert carried(runtime(server)) == 0
    (came,) = server.came
    assert came.recipients == ["ada@example.org"]
    assert came.message["Subject"] == "AI-3 is due"
    assert came.message["List-Unsubscribe"].startswith("<https://postmortems.example.org/notifications/off/")
    assert [message.state for message in messages()] == ["sent"]


@pytest.mark.parametrize("hours", [1, 12])
def test_a_server_that_is_down_for_hours_loses_nothing_and_doubles_nothing(
    world: World, clock: Clock, hours: int
) -> None:
    with_address(world)
    for key in ("one", "two", "three"):
        put(world, key, f"about {key}")
    gone = runtime_of(smtp_url="smtp://127.0.0.1:1", mail_from=FROM)
    for _ in range(hours * 12):
        carried(gone)
        clock.advance(minutes=6)
    assert {message.state for message in messages()} == {"waiting"}

    # All of it is there within minutes.
    with sink() as back:
        for _ in range(3):
            carried(runtime(back))
            clock.advance(minutes=1)

    assert sorted(came.message["Subject"] for came in back.came) == ["about one", "about three", "about two"]
    assert {message.state for message in messages()} == {"sent"}


def test_one_try_tells_all_mail_to_wait_while_the_server_is_away(world: World, clock: Clock) -> None:
    with_address(world)
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
        for user in (world.ada, world.cy):
            payload = {"letter": "plain", "kind": "reminder", "says": "x"}
            outbox.put("mail", str(user.user_id), f"to {user.name}", payload, clock.now())
    lent = lent_to("worker")
    outcome = delivery.send(lent, runtime_of(smtp_url="smtp://127.0.0.1:1", mail_from=FROM))
    with db.transaction():
        outbox.give_back(lent, "worker", outcome, clock.now())

    assert all(message.due_at > clock.now() for message in messages())
    assert [message.attempts for message in messages()] == [1, 0]


def test_an_address_that_is_not_there_gets_no_more_mail_and_admins_can_know(
    any_database: str, world: World, clock: Clock, server: Sink
) -> None:
    with_address(world)
    server.recipients = ["550 5.1.1 no such user"]
    put(world, "one")
    put(world, "two")
    carried(runtime(server))

    assert carried(runtime(server)) == 0
    assert {message.state for message in messages()} == {"dead"}
    assert "550 5.1.1" in events("mail.switched_off")[0].data["trouble"]

    with_address(world)
    server.recipients = ["250 OK"]
    put(world, "three")
    carried(runtime(server))
    assert len(server.came) == 1


def test_a_mailbox_that_refuses_for_days_is_switched_off(world: World, clock: Clock, server: Sink) -> None:
    with_address(world)
    server.recipients = ["552 5.2.2 mailbox full"]
    for day in range(7):
        put(world, f"day {day}")
        carried(runtime(server))
        clock.advance(days=1)

    assert len(events("mail.switched_off")) == 1
    assert "for 5 days" in events("mail.switched_off")[0].data["trouble"]


def test_a_server_that_will_not_relay_is_no_fault_of_the_address(
    world: World, clock: Clock, server: Sink
) -> None:
    with_address(world)
    server.recipients = ["554 5.7.1 relaying denied", "250 OK"]
    put(world, "one")
    put(world, "two")
    carried(runtime(server))
    carried(runtime(server))

    assert events("mail.switched_off") == []
    assert [message.state for message in messages()] == ["dead", "sent"]


def test_greylisting_is_waited_for(world: World, clock: Clock, server: Sink) -> None:
    with_address(world)
    server.recipients = ["451 4.7.1 greylisted", "250 OK"]
    put(world)
    carried(runtime(server))
    clock.advance(minutes=15)
    carried(runtime(server))

    assert [message.state for message in messages()] == ["sent"]


def off(world: World, *switches: str, quiet: tuple[str, str] = ("00:00", "00:00"), zone: str = "UTC") -> None:
    with db.transaction():
        people.change(zone=zone, quiet_from=quiet[0], quiet_until=quiet[1], off=switches, actor=world.ada)


def test_what_was_switched_off_meanwhile_is_not_sent_and_says_why(
    world: World, clock: Clock, server: Sink
) -> None:
    with_address(world)
    put(world)
    off(world, "reminder:mail")
    carried(runtime(server))

    assert server.came == []
    assert messages()[0].trouble == "not sent: ada wants no mail of this kind"


def test_what_is_over_by_the_time_is_not_sent(world: World, clock: Clock, server: Sink) -> None:
    with_address(world)
    put(world, says="")
    carried(runtime(server))

    assert (server.came, messages()[0].state) == ([], "dead")


def test_an_account_that_was_switched_off_gets_nothing(world: World, clock: Clock, server: Sink) -> None:
    with_address(world)
    put(world)
    with db.transaction():
        accounts.change_user("ada", role="author", is_active=False, actor=world.ben)
    carried(runtime(server))

    assert server.came == []


BERLIN, NEW_YORK, NIGHT = "Europe/Berlin", "America/New_York", ("22:00", "07:00")
# When it is put in, the person's quiet hours and zone, and when it is handed in.
QUIET = [
    ("2026-03-02T12:00Z", ("08:00", "17:30"), BERLIN, "2026-03-02T16:30Z"),
    # Nights of 23 and 25 hours, either side of the ocean.
    ("2026-03-28T22:30Z", NIGHT, BERLIN, "2026-03-29T05:00Z"),
    ("2026-10-24T21:30Z", NIGHT, BERLIN, "2026-10-25T06:00Z"),
    ("2026-03-08T04:00Z", NIGHT, NEW_YORK, "2026-03-08T11:00Z"),
    ("2026-11-01T03:00Z", NIGHT, NEW_YORK, "2026-11-01T12:00Z"),
    # Their end is skipped by the clocks, and comes twice.
    ("2026-03-28T22:30Z", ("22:00", "02:30"), BERLIN, "2026-03-29T01:00Z"),
    ("2026-10-25T01:10Z", ("22:00", "02:30"), BERLIN, "2026-10-25T01:30Z"),
]


@pytest.mark.parametrize("now, hours, zone, told", QUIET)
def test_in_quiet_hours_it_waits_for_their_end_and_counts_as_no_try(
    world: World, clock: Clock, server: Sink, now: str, hours: tuple[str, str], zone: str, told: str
) -> None:
    clock.set(datetime.fromisoformat(now))
    with_address(world)
    off(world, quiet=hours, zone=zone)
    put(world)
    carried(runtime(server))

    (waiting,) = messages()
    assert (waiting.attempts, waiting.due_at) == (0, datetime.fromisoformat(told))
    clock.set(waiting.due_at - timedelta(minutes=1))
    assert carried(runtime(server)) == 0
    clock.set(waiting.due_at)
    carried(runtime(server))
    assert len(server.came) == 1


def test_a_worker_that_died_leaves_the_letter_to_another_under_the_same_message_id(
    world: World, clock: Clock, server: Sink
) -> None:
    with_address(world)
    put(world)
    delivery.send(lent_to("killed"), runtime(server))

    clock.advance(minutes=3)
    carried(runtime(server))

    first, second = server.came
    assert first.message["Message-ID"] == second.message["Message-ID"]


def test_without_a_server_mail_waits(world: World, clock: Clock) -> None:
    with_address(world)
    put(world)
    carried(runtime_of())

    (waiting,) = messages()
    assert (waiting.state, waiting.trouble) == ("waiting", "no mail server is set (POSTMORTEMS_SMTP_URL)")


def test_what_a_server_does_not_take_for_days_is_given_up(world: World, clock: Clock) -> None:
    with_address(world)
    put(world)
    gone = runtime_of(smtp_url="smtp://127.0.0.1:1", mail_from=FROM)
    for _ in range(20):
        carried(gone)
        clock.advance(hours=5)

    (message,) = messages()
    assert message.state == "dead"
    assert "cannot be reached" in message.trouble


def test_a_letter_at_which_the_server_hangs_up_keeps_no_other_from_going(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter that fails at one message held up all mail for days: each try put off all that waited."""
    monkeypatch.setattr(outbox, "MOST_OF_CHANNEL", 1)
    with_address(world)
    with db.transaction():
        people.set_address("cy", "cy@example.org", actor=world.ben, sends_mail=True)
    put(world, "one", "what no filter can read")
    with db.transaction():
        payload = {"letter": "plain", "kind": "reminder", "says": "AI-4 is due"}
        outbox.put("mail", str(world.cy.user_id), "two", payload, the_clock.now())

    with smtp_like(hangs_up_at("no filter")) as port:
        moody = runtime_of(smtp_url=f"smtp://127.0.0.1:{port}", mail_from=FROM)
        assert [carried(moody), carried(moody)] == [1, 1]

    assert {message.about: message.state for message in messages()} == {"one": "waiting", "two": "sent"}
    assert messages()[0].trouble.startswith("the mail server broke off")

    clock.advance(hours=12)
    with sink() as mended:
        carried(runtime(mended))

    assert [came.message["Subject"] for came in mended.came] == ["what no filter can read"]


def hangs_up_at(words: str) -> Conversation:
    """A server that takes letters, and breaks off at one that says so."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"220 hello\r\n")
        in_data = False
        for line in connection.makefile("rb"):
            if in_data and words.encode() in line:
                return
            if in_data and line != b".\r\n":
                continue
            in_data = line.upper().startswith(b"DATA")
            connection.sendall(b"354 go on\r\n" if in_data else b"250 OK\r\n")

    return talk
