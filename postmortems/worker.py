"""The door without visitors: does what is due, in a thread of `serve` or alone as `worker`.

Any number may run, on any number of machines: each duty is claimed before it is done.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from postmortems import clock, db
from postmortems.config import Settings
from postmortems.egress import Egress
from postmortems.gate import duties, scheduled

log = logging.getLogger(__name__)

# How long the worker rests between two looks at what is due, in seconds.
PAUSE_S = 5.0
DRILL, RESTATE, OBSERVE = "drill", "restate", "observe:"
EVERY = {DRILL: timedelta(hours=1), RESTATE: timedelta(minutes=10)}
OBSERVE_EVERY = timedelta(minutes=5)
# What cannot be evaluated does not get better by the minute: somebody has to mend the guard first.
AFTER_ERROR = timedelta(hours=1)
AT_ONCE = 8


def run(settings: Settings, stop: threading.Event) -> None:
    """Work until `stop` is set; what is under way then is finished."""
    egress = Egress(settings.egress_allow)
    while not stop.is_set():
        try:
            turn(egress, stop)
        except Exception:
            # A database that restarts must not end the worker; what was claimed is due again in its time.
            log.exception("the worker's turn failed")
        stop.wait(PAUSE_S)


def turn(egress: Egress, stop: threading.Event) -> list[str]:
    """Do what is due now; returns the names of the duties that were done here."""
    now = clock.now()
    _appoint(now)
    claimed = _claim(now)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="duty") as pool:
        for name in claimed:
            pool.submit(_do, name, now, egress, stop)
    return claimed


def _appoint(now: datetime) -> None:
    """Keep one duty for each guard that looks outside, beside the standing ones."""
    with db.reading():
        wanted = {DRILL, RESTATE, *(f"{OBSERVE}{number}" for number in scheduled.observing_guards())}
        if duties.names() == wanted:
            return
    try:
        with db.transaction():
            duties.appoint(wanted, now)
    except IntegrityError:
        log.info("another worker appointed the same duties at this moment")


def _claim(now: datetime) -> list[str]:
    with db.reading():
        waiting = [(duty.name, duty.due_at) for duty in duties.due(now)]
    if not waiting:
        return []
    with db.transaction():
        return [
            name for name, seen in waiting if duties.claim(name, seen, now + EVERY.get(name, OBSERVE_EVERY))
        ]


def _do(name: str, now: datetime, egress: Egress, stop: threading.Event) -> None:
    """Do one duty. One that fails is due again in its time, and holds up no other."""
    if stop.is_set():
        return
    try:
        if name == DRILL:
            scheduled.drill_again(now)
        elif name == RESTATE:
            scheduled.restate_all(now)
        else:
            _observe(name, now, egress)
    except Exception:
        log.exception("the duty %s failed", name)


def _observe(name: str, now: datetime, egress: Egress) -> None:
    verdict = scheduled.observe(int(name.removeprefix(OBSERVE)), egress)
    if verdict == "error":
        with db.transaction():
            duties.put_off(name, now, AFTER_ERROR)
