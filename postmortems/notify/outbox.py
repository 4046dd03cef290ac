"""The outbox: add messages, lease them for delivery, record the outcome.

A message is lent by a conditional update, committed, sent outside any unit of work, and given back: a worker
that dies in between leaves it to the next one, so a receiver may see it twice, under the same name. Those
to one receiver whose payloads have the same `bundle` go together, as many as are due when the first is lent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from postmortems.db.session import insert, is_changed, session
from postmortems.jobs import batches
from postmortems.notify import retry_schedule
from postmortems.notify.models import Message
from postmortems.notify.retry_schedule import Lent, Outcome

# Sending takes at most half a minute; whoever holds a message longer is dead.
LEASE = timedelta(minutes=2)
LONGEST_TROUBLE = 500
# So many messages of one channel are sent side by side.
MOST_OF_CHANNEL = 6
# So many go together at most, sought among so many that wait.
MOST_TOGETHER, MOST_SOUGHT = 100, 500
# What waits no longer may be many at once, of a receiver who takes them as fast as they go.
LATELY = timedelta(hours=1)
OVER = "not sent: what it was about is over, or not for them any more"


def put(
    channel: str,
    receiver: str,
    about: str,
    payload: Mapping[str, Any],
    now: datetime,
    due_at: datetime | None = None,
) -> Message | None:
    """Add a message, due at once or at `due_at`; None where one of that name was put in before."""
    known = select(Message.id).where(Message.channel == channel, Message.about == about)
    if session().scalar(known) is not None:
        return None
    message = Message(
        channel=channel,
        receiver=receiver,
        about=about,
        payload=dict(payload),
        created_at=now,
        due_at=due_at or now,
    )
    insert(message)
    return message


def due(now: datetime, busy: Collection[tuple[str, str]], limit: int) -> list[int]:
    """The ids of the oldest due message of each receiver that is not `busy`, a pair of channel and name.

    Channels take turns, and none has all threads: thousands of mails hold up no webhook.
    """
    since = func.min(Message.due_at)
    place = func.row_number().over(partition_by=Message.channel, order_by=since).label("place")
    oldest = (
        select(func.min(Message.id).label("id"), Message.channel, Message.receiver, since, place)
        .where(Message.state == "waiting", Message.due_at <= now, _is_free(now))
        .group_by(Message.channel, Message.receiver)
        .order_by(place, since)
        .limit(limit + len(busy))
    )
    left = Counter({channel: -count for channel, count in Counter(channel for channel, _ in busy).items()})
    found = []
    for row in session().execute(oldest):
        if (row.channel, row.receiver) not in busy and left[row.channel] + MOST_OF_CHANNEL > 0:
            left[row.channel] -= 1
            found.append(row.id)
    return found[:limit]


def lend(message_id: int, holder: str, now: datetime) -> Lent | None:
    """Lease a due message to `holder` for as long as sending may take; None where another holds it."""
    mine = update(Message).where(
        Message.id == message_id, Message.state == "waiting", Message.due_at <= now, _is_free(now)
    )
    if not is_changed(mine.values(holder=holder, leased_until=now + LEASE)):
        return None
    row = session().get_one(Message, message_id)
    others = _lend_others(row, holder, now) if row.payload.get("bundle") else ()
    return replace(_lent(row), others=others)


def give_back(lent: Lent, holder: str, outcome: Outcome, now: datetime) -> Message | None:
    """Note what came of it; None where the message was taken over meanwhile.

    Who does not answer is not asked about its other messages sooner than about this one.
    """
    row = session().get(Message, lent.id, populate_existing=True, with_for_update=True)
    if row is None or row.holder != holder or row.state != "waiting":
        return None
    if outcome.goes_on_in is None:
        row.attempts += 1
    row.leased_until, row.holder = None, ""
    row.last_status, row.trouble = outcome.status, outcome.trouble[:LONGEST_TROUBLE]
    if outcome.is_sent:
        row.state, row.sent_at = "sent", now
    elif outcome.goes_on_in is not None:
        row.due_at = now + outcome.goes_on_in
    elif retry_schedule.is_given_up(row.attempts, now - row.created_at, outcome):
        row.state = "dead"
    else:
        row.due_at = now + retry_schedule.pause(row.attempts, outcome)
        _put_off_others(row, of_channel=outcome.is_channel_down)
    for other in _others(lent, holder):
        _share(row, other, outcome)
    if row.id in outcome.left_out:
        _leave_out(row)
    session().flush()
    return row


def again(message: Message, now: datetime) -> None:
    """Send it once more, however it ended, under the name that the receiver knows it by."""
    message.state, message.due_at, message.attempts = "waiting", now, 0
    message.trouble, message.last_status = "", None
    session().flush()


def backlog(channel: str, receiver: str, now: datetime) -> int:
    """How many messages wait for a receiver, and not only of `LATELY`."""
    count = select(func.count()).select_from(Message)
    old = Message.created_at <= now - LATELY
    return session().scalar(count.where(*_queue(channel, receiver), old)) or 0


def backlogs(channel: str, now: datetime) -> dict[str, int]:
    """The same of each receiver of a channel for which any waits so long."""
    counted = select(Message.receiver, func.count()).where(
        Message.channel == channel, Message.state == "waiting", Message.created_at <= now - LATELY
    )
    rows = session().execute(counted.group_by(Message.receiver))
    return {row[0]: row[1] for row in rows}


def give_up(channel: str, receiver: str, trouble: str) -> None:
    """Give up every message that waits for a receiver."""
    dead = update(Message).where(*_queue(channel, receiver))
    session().execute(
        dead.values(state="dead", trouble=trouble[:LONGEST_TROUBLE], leased_until=None, holder="")
    )


def forget(before: datetime, after: object) -> tuple[object, int]:
    """Remove some messages that were sent, or given up, before that."""
    is_over = Message.state.in_(["sent", "dead"])
    return batches.some(Message, Message.id, is_over, Message.due_at < before)


def _lent(row: Message) -> Lent:
    return Lent(row.id, row.channel, row.receiver, row.about, row.payload, row.attempts)


def _lend_others(first: Message, holder: str, now: datetime) -> tuple[Lent, ...]:
    """Lease what goes with the first. What was tried as often only: a try that may have come through says the
    same when it is repeated."""
    wanted = select(Message).where(
        *_queue(first.channel, first.receiver), Message.due_at <= now, _is_free(now), Message.id != first.id
    )
    wanted = wanted.where(Message.attempts == first.attempts).order_by(Message.id).limit(MOST_SOUGHT)
    found = session().scalars(wanted.with_for_update(skip_locked=True)).all()
    bundle = [row for row in found if row.payload.get("bundle") == first.payload["bundle"]]
    for row in bundle[: MOST_TOGETHER - 1]:
        row.holder, row.leased_until = holder, now + LEASE
    session().flush()
    return tuple(_lent(row) for row in bundle[: MOST_TOGETHER - 1])


def _others(lent: Lent, holder: str) -> Sequence[Message]:
    """What went with it and is still held."""
    if not lent.others:
        return ()
    mine = select(Message).where(
        Message.id.in_([one.id for one in lent.others]),
        Message.holder == holder,
        Message.state == "waiting",
    )
    return session().scalars(mine.execution_options(populate_existing=True).with_for_update()).all()


def _share(row: Message, other: Message, outcome: Outcome) -> None:
    """What came of the one came of the other."""
    other.leased_until, other.holder = None, ""
    other.state, other.sent_at, other.due_at = row.state, row.sent_at, row.due_at
    other.attempts, other.last_status, other.trouble = row.attempts, row.last_status, row.trouble
    if other.id in outcome.left_out:
        _leave_out(other)


def _leave_out(row: Message) -> None:
    row.state, row.sent_at, row.trouble = "dead", None, OVER


def _put_off_others(row: Message, *, of_channel: bool) -> None:
    queue = (Message.channel == row.channel, Message.state == "waiting")
    mine = queue if of_channel else _queue(row.channel, row.receiver)
    # Who gives back another of them now says itself when that is due: two that waited for each other would
    # wait for ever.
    free = select(Message.id).where(*mine, Message.due_at < row.due_at).with_for_update(skip_locked=True)
    others = update(Message).where(Message.id.in_(free)).values(due_at=row.due_at)
    session().execute(others.execution_options(synchronize_session=False))


def _queue(channel: str, receiver: str) -> tuple[Any, ...]:
    return Message.channel == channel, Message.receiver == receiver, Message.state == "waiting"


def _is_free(now: datetime) -> Any:
    return or_(Message.leased_until.is_(None), Message.leased_until <= now)
