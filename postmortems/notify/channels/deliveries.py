"""Deliveries: who was told by mail or chat, when, and how it went; and sending one again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.incidents.models import ActionItem
from postmortems.notify import outbox
from postmortems.notify.channels import dispatch
from postmortems.notify.channels.models import ChatChannel
from postmortems.notify.inbox import queries as inbox
from postmortems.notify.inbox import texts
from postmortems.notify.inbox.models import Notification
from postmortems.notify.models import Message
from postmortems.notify.people import operations as people

MAIL, CHAT = people.CHANNEL, dispatch.CHANNEL
CHANNELS = (MAIL, CHAT)
STATES = ("waiting", "sent", "dead", "held")
WITHHELD = "about a restricted incident"
# What is about no item, by its letter.
LETTERS = {
    "confirm": "to confirm the address",
    "monthly": "the report of a month",
    "test": "to try the channel",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as an admin may see it: `to` is the account or the channel, `about` what it says."""

    message: Message
    to: str
    kind: str
    about: str


def listing(
    actor: Actor,
    *,
    channel: str = "",
    person: str = "",
    state: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """Newest first. What is about an incident that the actor may not see only says that it was sent."""
    permissions.require(actor, "channel.manage")
    if channel and channel not in CHANNELS:
        raise Invalid(f"is none of {', '.join(CHANNELS)}", "/channel")
    if state and state not in STATES:
        raise Invalid(f"is none of {', '.join(STATES)}", "/state")
    wanted = select(Message).where(Message.channel.in_([channel] if channel else CHANNELS))
    if person:
        mine = str(accounts.account(person).id)
        wanted = wanted.where(Message.channel == MAIL, Message.receiver == mine)
    if state:
        wanted = wanted.where(Message.state == state)
    if before is not None:
        wanted = wanted.where(Message.id < before)
    return shown(session().scalars(wanted.order_by(Message.id.desc()).limit(limit)).all())


def send_again(number: int, *, actor: Actor) -> Delivery:
    """Send one once more, as its reader may see it now; one that was tried and waits, at once.

    Raises `NotFound`, and `Conflict` while it is on its way, or waits for quiet hours to end.
    """
    permissions.require(actor, "channel.manage")
    message = session().get(Message, number, with_for_update=True)
    if message is None or message.channel not in CHANNELS:
        raise NotFound("there is no such delivery")
    now = clock.now()
    if message.state == "waiting" and not is_put_off(message, now):
        raise Conflict("it is on its way already")
    outbox.again(message, now)
    audit.record(actor, "delivery.sent_again", "delivery", str(message.id))
    return shown([message])[0]


def is_put_off(message: Message, now: datetime) -> bool:
    """Whether it was tried, and waits for its next try: not for quiet hours, nor for whoever sends it."""
    is_held = message.leased_until is not None and message.leased_until > now
    return message.state == "waiting" and message.attempts > 0 and message.due_at > now and not is_held


def last_mail_trouble() -> tuple[str, datetime] | None:
    """Why mail waits, and since when: what the server is to blame for holds up all of it."""
    wanted = select(Message.trouble, Message.created_at).where(
        Message.channel == MAIL, Message.state == "waiting", Message.trouble != "", Message.attempts > 0
    )
    row = session().execute(wanted.order_by(Message.id).limit(1)).first()
    return (row.trouble, row.created_at) if row is not None else None


def shown(messages: Sequence[Message]) -> list[Delivery]:
    """Messages as the viewer may see them, in a fixed number of statements."""
    users = _names(User, messages, MAIL)
    chats = _names(ChatChannel, messages, CHAT)
    numbers = (message.payload.get("notification") for message in messages)
    said = _said([number for number in numbers if number is not None])
    seen = _seen({message.payload["item"] for message in messages if message.payload.get("item")})
    return [
        Delivery(
            message,
            (users if message.channel == MAIL else chats).get(message.receiver, "(removed)"),
            message.payload.get("kind") or message.payload.get("letter", ""),
            _about(message, said, seen),
        )
        for message in messages
    ]


def _about(message: Message, said: dict[int, str], seen: set[int]) -> str:
    number = message.payload.get("notification")
    if number is not None:
        return said.get(number, WITHHELD)
    item = message.payload.get("item")
    if item is not None:
        return f"AI-{item}" if item in seen else WITHHELD
    letter = message.payload.get("letter", "")
    return str(message.payload.get("team") or LETTERS.get(letter, letter))


def _seen(numbers: set[int]) -> set[int]:
    """Those of the items that the viewer may see."""
    wanted = select(ActionItem.number).where(ActionItem.number.in_(numbers))
    return set(session().scalars(wanted)) if numbers else set()


def _said(numbers: Sequence[int]) -> dict[int, str]:
    """By notification, what it says; those that are hidden from the viewer are left out."""
    wanted = select(Notification).where(Notification.id.in_(numbers))
    rows = session().scalars(wanted).all() if numbers else []
    today = clock.now().date()
    return {
        told.notification.id: texts.headline(told, today) or texts.past(told)
        for told in inbox.with_subjects(rows)
    }


def _names(
    table: type[User] | type[ChatChannel], messages: Sequence[Message], channel: str
) -> dict[str, str]:
    ids = {int(message.receiver) for message in messages if message.channel == channel}
    wanted = select(table.id, table.name).where(table.id.in_(ids))
    return {str(row.id): row.name for row in session().execute(wanted)} if ids else {}
