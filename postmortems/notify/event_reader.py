"""Reads audit events and puts messages into the outbox: each event once, none forgotten.

Events are marked as told and not counted up to a number: on PostgreSQL an event may be committed after one
with a higher number, and a reader that remembers the highest would never see it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from postmortems import limits, visibility
from postmortems.audit.models import Event
from postmortems.db.session import session
from postmortems.notify import outbox, webhooks
from postmortems.notify.channels import dispatch
from postmortems.notify.inbox import operations as inbox
from postmortems.notify.inbox import sources
from postmortems.notify.models import Webhook

CHANNEL = "webhook"
BATCH = 200
Reader = Callable[[Sequence[Event], datetime], None]
# Standard Webhooks asks for less than 20 kB.
LARGEST_BODY = 20_000


def has_news() -> bool:
    """Whether there are events that were not put into the outbox yet."""
    with visibility.seen_by(visibility.EVERYTHING):
        return session().scalar(select(Event.id).where(Event.is_told.is_(False)).limit(1)) is not None


def tell(now: datetime, *, sends_mail: bool = False, others: Sequence[Reader] = ()) -> int:
    """Put a batch of events into outbox and inboxes; returns how many were read. In a unit of work.

    `others` are rooms to our right that read the trail as well.

    What is about restricted incidents no webhook is told: it is no person whom they name. People are, who may
    see them.
    """
    page = select(Event.id).where(Event.is_told.is_(False)).order_by(Event.id).limit(BATCH)
    with visibility.seen_by(visibility.EVERYTHING):
        fresh = session().scalars(page.with_for_update(skip_locked=True)).all()
        happened = session().scalars(select(Event).where(Event.id.in_(fresh)).order_by(Event.id)).all()
    if not fresh:
        return 0
    news = sources.of(happened)
    inbox.tell(news, now, sends_mail=sends_mail)
    dispatch.tell(news, now)
    for read in others:
        read(happened, now)
    with visibility.seen_by(visibility.NOBODY):
        events = session().scalars(select(Event).where(Event.id.in_(fresh)).order_by(Event.id)).all()
    listening = webhooks.enabled()
    for webhook in listening:
        wanted = [event for event in events if webhooks.wants(webhook, event)]
        if wanted and outbox.backlog(CHANNEL, str(webhook.id), now) > limits.WEBHOOK_WAITING:
            trouble = f"more than {limits.WEBHOOK_WAITING:,} messages have waited an hour for it"
            webhooks.switch_off(webhook, trouble, now)
            continue
        for event in wanted:
            _put(webhook, event, now)
    told = update(Event).where(Event.id.in_(fresh)).values(is_told=True)
    session().execute(told.execution_options(synchronize_session=False))
    return len(fresh)


def _put(webhook: Webhook, event: Event, now: datetime) -> None:
    payload = {"event": event.id, "type": event.verb, "body": body(event)}
    outbox.put(CHANNEL, str(webhook.id), f"msg_{webhook.id}_{event.id}", payload, now)


def body(event: Event) -> str:
    """What is sent, as it is signed: `type`, `timestamp` and `data`. Details that are too much stay out."""
    told = {
        "type": event.verb,
        "timestamp": event.at.isoformat(),
        "data": {
            "subject_kind": event.subject_kind,
            "subject": event.subject,
            "actor": {"kind": event.actor_kind, "name": event.actor},
            "details": event.data,
        },
    }
    text = _json(told)
    if len(text.encode()) < LARGEST_BODY:
        return text
    told["data"] = {**told["data"], "details": {}, "is_cut": True}  # type: ignore[dict-item]
    return _json(told)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
