"""Outcomes of deliveries to channels: what takes nothing more is switched off, and the admins are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from postmortems import limits
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.notify import outbox
from postmortems.notify.channels.models import CHANNEL, ChatChannel

MOST_REFUSALS = 5
GIVEN_UP_AFTER = timedelta(days=5)


def note_outcome(
    number: int, trouble: str, now: datetime, *, is_gone: bool = False, is_refusal: bool = False
) -> None:
    """Remember what a channel said; `trouble` is "" where it took a message."""
    channel = session().get(ChatChannel, number, with_for_update=True)
    if channel is None or not channel.is_enabled:
        return
    if not trouble:
        channel.refusals, channel.failing_since = 0, None
        return
    channel.refusals += is_refusal
    channel.failing_since = channel.failing_since or now
    if is_gone:
        switch_off(channel, trouble)
    elif channel.refusals >= MOST_REFUSALS:
        switch_off(channel, f"it refused {MOST_REFUSALS} messages in a row: {trouble}")
    elif now - channel.failing_since > GIVEN_UP_AFTER:
        switch_off(channel, f"it has taken nothing for {GIVEN_UP_AFTER.days} days: {trouble}")


def refuse_full(channels: Sequence[ChatChannel], now: datetime) -> list[ChatChannel]:
    """Those for which no more have waited for an hour than may; the others are switched off.

    Many at once are no fault of a chat: they go together.
    """
    waiting = outbox.backlogs(CHANNEL, now)
    full = [one for one in channels if waiting.get(str(one.id), 0) >= limits.CHAT_WAITING]
    for one in full:
        told = "have it hear of less, or of one team"
        switch_off(one, f"{limits.CHAT_WAITING:,} messages have waited an hour for it: {told}")
    return [one for one in channels if one not in full]


def switch_off(channel: ChatChannel, trouble: str) -> None:
    """Send nothing more to it until a person has seen why."""
    channel.is_enabled, channel.trouble = False, trouble[:500]
    outbox.give_up(CHANNEL, str(channel.id), f"switched off: {trouble}")
    session().flush()
    audit.record(
        Actor.system("worker"), "channel.switched_off", "channel", channel.name, trouble=channel.trouble
    )
