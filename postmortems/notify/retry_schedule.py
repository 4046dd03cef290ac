"""Retry schedule of calls that another system waits for."""

from __future__ import annotations

from datetime import timedelta

from postmortems.egress.client import Refused, Unreachable
from postmortems.notify.outbox import Lent, Outcome

# Pauses in seconds.
TRY_AGAIN = (5, 10, 20, 30, 60, 60, 120, 300, 300)


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
    if lent.attempts >= len(TRY_AGAIN):
        return Outcome(False, told, status)
    return Outcome(False, told, status, again_in=timedelta(seconds=TRY_AGAIN[lent.attempts]))
