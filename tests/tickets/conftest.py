"""A tracker on loopback that items are linked to, an item, and the worker that keeps both in step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.gate.enforcement import save_incident
from postmortems.incidents.models import ActionItem
from postmortems.notify import event_reader
from postmortems.notify.delivery import Sender
from postmortems.tickets import accounts, changes, exchange, links, polls, queries, trackers
from postmortems.tickets.models import Ticket
from tests.apps import KEY, LOOPBACK
from tests.conftest import Clock
from tests.runtimes import LOCAL, VAULT
from tests.trackers.desk import TOKEN, Desk, desk
from tests.world import World, build

SECRET = "sixteen-or-more-letters"
CHANNELS = {"ticket": (exchange.send, exchange.noted)}


@dataclass
class Desks:
    """A tracker that is up, as it is known here."""

    there: Desk
    tracker: int
    world: World

    def item(self, **changed: Any) -> ActionItem:
        """An item of a new incident, as it is now."""
        item = Item(**{"text": "Alert on certificates", "kind": "technical", "status": "open", **changed})
        document = Document(title="Certificates", sections=(Section("Action items", (item,)),))
        with db.transaction():
            save_incident.save(None, document, version=None, actor=self.world.ada, message="")
        return self.stored("AI-1")

    def stored(self, ref: str = "AI-1") -> ActionItem:
        with visibility.seen_by(visibility.EVERYTHING), db.reading() as session:
            found = session.query(ActionItem).filter_by(number=int(ref[3:])).one()
            session.expunge(found)
        return found

    def edit(self, ref: str = "AI-1", *, actor: Actor | None = None, **changed: Any) -> None:
        with db.transaction():
            save_incident.edit_item(ref, changed, actor=actor or self.world.ada)

    def create(self, ref: str = "AI-1") -> None:
        with db.transaction():
            links.create(ref, self.tracker, actor=self.world.ada)
        work()

    def link(self, issue: str, ref: str = "AI-1") -> None:
        with db.transaction():
            links.link(ref, self.tracker, issue, actor=self.world.ada)
        work()

    def decide(self, field: str, choice: str) -> None:
        ticket = self.ticket()
        with db.transaction():
            links.resolve("AI-1", ticket.id, field, choice, actor=self.world.ada)
        work()

    def ticket(self, ref: str = "AI-1") -> Ticket:
        item = self.stored(ref)
        with visibility.seen_by(visibility.EVERYTHING), db.reading() as session:
            (found,) = queries.of_item(item.id)
            session.expunge_all()
        return found


def work(clock: Clock | None = None) -> None:
    """What the worker does: reads the trail, polls, and looks at the tickets that are asked for."""
    runtime = LOCAL
    with Sender(runtime, "worker", CHANNELS) as sender:
        while True:
            with db.transaction():
                told = event_reader.tell(the_clock.now(), others=(changes.told,))
            taken = sender.send_due()
            sender.wait()
            if not told and not taken:
                return


def poll() -> int:
    """Look now, however short ago the last look was."""
    found = polls.work(the_clock.now(), LOCAL)
    work()
    return found


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (KEY,), "egress_allow": LOOPBACK}


@pytest.fixture(params=["github"])
def there(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk(request.param) as found:
        yield found


@pytest.fixture
def desks(app: Flask, clock: Clock, there: Desk) -> Desks:
    """The tracker is known here, with Ada and Ben by their names."""
    world = build(app)
    account = "ops@example.org" if there.service == "jira" else ""
    fields = {
        "name": there.service,
        "service": there.service,
        "api": there.api,
        "place": there.place,
        "account": account,
        "access_token": TOKEN,
        "webhook_secret": SECRET,
    }
    with db.transaction():
        tracker = trackers.save(fields, actor=world.ben, vault=VAULT).id
        for name in ("ada", "ben"):
            accounts.name(tracker, name, name, actor=world.ben)
    return Desks(there, tracker, world)


def delivered(desks: Desks, body: bytes, **headers: str) -> TestResponse:
    """What somebody sends to the tracker's address."""
    assert desks.world.app is not None
    sent = {
        "Content-Type": "application/json",
        **{name.replace("_", "-"): said for name, said in headers.items()},
    }
    return desks.world.app.test_client().post(f"/hooks/trackers/{desks.tracker}", data=body, headers=sent)
