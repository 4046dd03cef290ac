"""Webhooks: receivers of events, signed, and switched off where they keep failing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import by_key, insert, session
from postmortems.egress import kept_urls
from postmortems.egress.client import Refused, Unreachable
from postmortems.errors import Conflict, Invalid, NotFound, Problem
from postmortems.notify import outbox, retry_schedule
from postmortems.notify.models import Message, Webhook
from postmortems.notify.retry_schedule import Lent, Outcome
from postmortems.signatures import webhooks
from postmortems.vault.encryption import Vault
from postmortems.vault.runtime import Runtime

CHANNEL = "webhook"
NAME = re.compile(r"\S(.{0,98}\S)?")
PATTERN = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)")
MOST, MOST_PATTERNS = 100, 50
INSTEAD = "leave it out: each message is signed with the webhook's own secret, by which the receiver knows us"
EDITABLE = ("name", "url", "events", "is_enabled")
TIMEOUT_S = 20.0
# How long both secrets sign while one is replaced.
BOTH_SIGN = timedelta(hours=24)
# Who has not taken a message for so long is not there any more.
GIVEN_UP_AFTER = timedelta(days=5)


def enabled() -> list[Webhook]:
    return list(session().scalars(select(Webhook).where(Webhook.is_enabled).order_by(Webhook.id).limit(MOST)))


def listing() -> list[Webhook]:
    """All of them by name; there are few."""
    return list(session().scalars(select(Webhook).order_by(Webhook.name).limit(MOST)))


def switched_off() -> list[Webhook]:
    """Those that were switched off because they take nothing more, by name."""
    return [each for each in listing() if each.trouble and not each.is_enabled]


def by_id(webhook_id: int) -> Webhook:
    return by_key(Webhook, webhook_id, "there is no such webhook")


def messages(webhook: Webhook, *, before: int | None = None, limit: int = 50) -> list[Message]:
    """What was and is to be sent to it, newest first; `before` is the last id of the page above."""
    mine = select(Message).where(Message.channel == CHANNEL, Message.receiver == str(webhook.id))
    if before is not None:
        mine = mine.where(Message.id < before)
    return list(session().scalars(mine.order_by(Message.id.desc()).limit(limit)))


def wants(webhook: Webhook, event: Event) -> bool:
    return any(
        pattern in {"*", event.verb} or (pattern.endswith(".*") and event.verb.startswith(pattern[:-1]))
        for pattern in webhook.events
    )


def add(name: str, url: str, events: Iterable[str], *, actor: Actor, vault: Vault) -> tuple[Webhook, str]:
    """A new webhook, and the secret that signs for it, which is given out this once. Raises `Invalid`."""
    permissions.require(actor, "webhook.manage")
    patterns = _checked(name, url, events)
    if (session().scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
        raise Conflict(f"there are {MOST} webhooks already; remove one first")
    _refuse_double(name, but=None)
    secret = webhooks.fresh_secret()
    webhook = Webhook(
        name=name,
        url=url,
        events=patterns,
        secret=vault.encrypt(secret),
        created_at=clock.now(),
    )
    insert(webhook)
    audit.record(actor, "webhook.added", "webhook", name, url=url, events=patterns)
    return webhook, secret


def edit(webhook_id: int, fields: Mapping[str, Any], *, actor: Actor) -> Webhook:
    """Change name, url, events or is_enabled. Switched on again, it begins with what happens from now on."""
    permissions.require(actor, "webhook.manage")
    webhook = by_id(webhook_id)
    merged = {
        name: fields.get(name, getattr(webhook, name)) for name in ("name", "url", "events", "is_enabled")
    }
    patterns = _checked(merged["name"], merged["url"], merged["events"])
    _refuse_double(merged["name"], but=webhook.id)
    before = _said(webhook)
    webhook.name, webhook.url, webhook.events = merged["name"], merged["url"], patterns
    webhook.is_enabled = merged["is_enabled"]
    webhook.trouble, webhook.failing_since = "", None
    session().flush()
    audit.record(actor, "webhook.edited", "webhook", webhook.name, before=before, **_said(webhook))
    return webhook


def _said(webhook: Webhook) -> dict[str, Any]:
    return {"url": webhook.url, "events": webhook.events, "is_enabled": webhook.is_enabled}


def remove(webhook_id: int, *, actor: Actor) -> None:
    permissions.require(actor, "webhook.manage")
    webhook = by_id(webhook_id)
    outbox.give_up(CHANNEL, str(webhook.id), "the webhook was removed")
    session().delete(webhook)
    session().flush()
    audit.record(actor, "webhook.removed", "webhook", webhook.name, url=webhook.url)


def rotate(webhook_id: int, *, actor: Actor, vault: Vault) -> tuple[Webhook, str]:
    """A new secret, given out this once; for a day the one before signs as well."""
    permissions.require(actor, "webhook.manage")
    webhook, secret = by_id(webhook_id), webhooks.fresh_secret()
    webhook.previous_secret, webhook.previous_until = webhook.secret, clock.now() + BOTH_SIGN
    webhook.secret = vault.encrypt(secret)
    session().flush()
    audit.record(actor, "webhook.rotated", "webhook", webhook.name)
    return webhook, secret


def send_again(webhook_id: int, message_id: int, *, actor: Actor) -> Message:
    """Send a message once more, under the name that its receiver knows it by."""
    permissions.require(actor, "webhook.manage")
    webhook, message = by_id(webhook_id), session().get(Message, message_id)
    if message is None or (message.channel, message.receiver) != (CHANNEL, str(webhook.id)):
        raise NotFound("there is no such message")
    if not webhook.is_enabled:
        raise Conflict(f"{webhook.name} is switched off; switch it on first")
    outbox.again(message, clock.now())
    audit.record(actor, "webhook.sent_again", "webhook", webhook.name, message=message.about)
    return message


def switch_off(webhook: Webhook, trouble: str, now: datetime) -> None:
    """Send nothing more to it until a person has seen why."""
    webhook.is_enabled, webhook.trouble = False, trouble
    outbox.give_up(CHANNEL, str(webhook.id), f"switched off: {trouble}")
    session().flush()
    audit.record(Actor.system("worker"), "webhook.switched_off", "webhook", webhook.name, trouble=trouble)


def send(lent: Lent, runtime: Runtime) -> Outcome:
    """Post a message, signed anew: the time is signed too, and receivers take none that is old."""
    with db.reading():
        webhook = session().get(Webhook, int(lent.receiver))
        if webhook is None or not webhook.is_enabled:
            return Outcome(False, "the webhook is switched off or removed", is_final=True)
        with visibility.seen_by(visibility.NOBODY):
            is_open = session().scalar(select(Event.id).where(Event.id == lent.payload["event"]))
        if is_open is None:
            return Outcome(False, "what it is about is told to nobody any more", is_final=True)
        now = clock.now()
        url, keys = webhook.url, list(_keys(webhook, now, runtime.vault))
    content = lent.payload["body"].encode()
    headers = {"Content-Type": "application/json", **webhooks.headers(keys, lent.about, now, content)}
    try:
        # The status says that it was taken: one that breaks off after it is not told twice.
        answer = runtime.egress.request(
            "POST", url, headers=headers, body=content, timeout_s=TIMEOUT_S, max_bytes=0
        )
    except Refused as refused:
        return Outcome(False, f"not allowed to be called: {refused}")
    except Unreachable as unreachable:
        return Outcome(False, str(unreachable))
    if 200 <= answer.status < 300:
        return Outcome(True, status=answer.status)
    waits = answer.headers.get("retry-after", "") if answer.status in {429, 502, 503, 504} else ""
    return Outcome(
        False,
        f"it answered {answer.status}",
        answer.status,
        is_final=answer.status == 410,
        retry_after_s=retry_schedule.asked_pause_s(waits, clock.now()),
    )


def noted(lent: Lent, outcome: Outcome, now: datetime) -> None:
    """Remember since when it fails; who is gone, or has failed for days, is switched off."""
    webhook = session().get(Webhook, int(lent.receiver), with_for_update=True)
    if webhook is None or not webhook.is_enabled:
        return
    if outcome.is_sent:
        webhook.failing_since = None
    elif outcome.status == 410:
        switch_off(webhook, "it answered 410: it is gone for good", now)
    elif webhook.failing_since is None:
        webhook.failing_since = now
    elif now - webhook.failing_since > GIVEN_UP_AFTER:
        switch_off(
            webhook, f"it has not taken a message for {GIVEN_UP_AFTER.days} days: {outcome.trouble}", now
        )


def _keys(webhook: Webhook, now: datetime, vault: Vault) -> Iterable[bytes]:
    name = f"the secret of the webhook {webhook.name}"
    yield webhooks.key(vault.decrypt(webhook.secret, name))
    if webhook.previous_until is not None and now < webhook.previous_until:
        yield webhooks.key(vault.decrypt(webhook.previous_secret, name))


def _checked(name: str, url: str, events: Iterable[str]) -> list[str]:
    problems = []
    if not NAME.fullmatch(name):
        problems.append(Problem("/name", "say whom this is for, in at most 100 characters"))
    try:
        if len(url) > 2000:
            raise Refused("an address has at most 2,000 characters")
        kept_urls.check(url, instead=INSTEAD, reads_path=False)
    except Refused as wrong:
        problems.append(Problem("/url", str(wrong)))
    patterns = list(dict.fromkeys(text.strip() for text in events if text.strip()))
    if not 0 < len(patterns) <= MOST_PATTERNS:
        problems.append(Problem("/events", f"name 1 to {MOST_PATTERNS} events, or * for all"))
    for pattern in patterns[:MOST_PATTERNS]:
        if not PATTERN.fullmatch(pattern):
            told = f"{pattern[:60]!r} is no event; write item.reopened, item.* or *"
            problems.append(Problem("/events", told))
    if problems:
        raise Invalid(problems)
    return patterns


def _refuse_double(name: str, *, but: int | None) -> None:
    if session().scalar(select(Webhook.id).where(Webhook.name == name)) not in {None, but}:
        raise Conflict(f"there is a webhook called {name} already")
