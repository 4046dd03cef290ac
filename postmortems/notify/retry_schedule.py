"""Retry schedules: when a webhook, or a call that another system waits for, is tried again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from postmortems.egress import headers
from postmortems.egress.client import Refused, Unreachable

# Pauses in seconds before the second try, the third and so on. That of webhooks is Standard Webhooks'.
WEBHOOK = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
WAITED_FOR = (5, 10, 20, 30, 60, 60, 120, 300, 300)
LONGEST_PAUSE_S = 86_400
# A channel that is down is asked by one message for all of it, so it can be asked again soon; and what waits
# for it is given up once the pauses above would have passed, however often that was.
CHANNEL_DOWN = timedelta(minutes=5)
LONGEST_WAIT = timedelta(seconds=sum(WEBHOOK))


@dataclass(frozen=True, slots=True)
class Lent:
    """A message that is leased for delivery, as a value."""

    id: int
    channel: str
    receiver: str
    about: str
    payload: Mapping[str, Any]
    attempts: int
    # What goes with it in the same message.
    others: tuple[Lent, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a delivery. `is_final`: no further try would help. `status` is the answer's, if any."""

    is_sent: bool
    trouble: str = ""
    status: int | None = None
    is_final: bool = False
    # When the receiver asked to be left alone until, in seconds from now.
    retry_after_s: int = 0
    # When to try again, where the channel knows better than the usual pauses.
    again_in: timedelta | None = None
    # Whether it is no fault of this receiver: what waits for others by the same channel waits as well.
    is_channel_down: bool = False
    # Whether nothing will ever reach this receiver: what is sent there is switched off.
    is_gone: bool = False
    # Not done yet, and nobody's fault: go on after so long. It counts as no try.
    goes_on_in: timedelta | None = None
    # The ids of those sent together of which nothing was left to tell.
    left_out: tuple[int, ...] = ()


def pause(attempts: int, outcome: Outcome) -> timedelta:
    """How long to wait after so many attempts, the last of which ended so."""
    usual = outcome.again_in or timedelta(seconds=WEBHOOK[min(attempts, len(WEBHOOK)) - 1])
    if outcome.is_channel_down and outcome.again_in is None:
        usual = min(usual, CHANNEL_DOWN)
    # So that many that failed at once do not come again at once.
    spread = usual * random.uniform(0.9, 1.1)
    return max(spread, timedelta(seconds=min(outcome.retry_after_s, LONGEST_PAUSE_S)))


def is_given_up(attempts: int, waited: timedelta, outcome: Outcome) -> bool:
    """Whether it is tried no more, after so many attempts and so long since it was put in."""
    is_last = attempts > len(WEBHOOK)
    return outcome.is_final or (is_last and not (outcome.is_channel_down and waited < LONGEST_WAIT))


def asked_pause_s(said: str, now: datetime) -> int:
    """How many seconds a `Retry-After` asks to wait, in whole ones and a day at most; 0 for no word."""
    return min(ceil(headers.retry_after_s(said, now) or 0), LONGEST_PAUSE_S)


class Failed(Exception):
    """The system answered other than it should. `is_final`: asking again would not help."""

    def __init__(self, told: str, status: int, *, is_final: bool) -> None:
        super().__init__(told)
        self.told, self.status, self.is_final = told, status, is_final


def again(lent: Lent, failed: Failed | Refused | Unreachable) -> Outcome:
    """The outcome of a failed call: when it is tried again, or that it is final."""
    if not isinstance(failed, Failed):
        told, status = str(failed), None
    elif failed.is_final:
        return Outcome(False, failed.told, failed.status, is_final=True)
    else:
        told, status = failed.told, failed.status
    if lent.attempts >= len(WAITED_FOR):
        return Outcome(False, told, status)
    return Outcome(False, told, status, again_in=timedelta(seconds=WAITED_FOR[lent.attempts]))
