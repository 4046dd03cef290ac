"""The worker: runs periodic jobs, in a thread of `serve` or as a process of its own.

Any number may run, on any number of machines: each periodic job is leased before it is done, and one whose
worker died is taken over when its lease ends. Probes have threads of their own, so that an address that hangs
holds up its own guard alone.
"""

from __future__ import annotations

import logging
import os
import platform
import secrets
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from types import TracebackType

from sqlalchemy.exc import IntegrityError
from structlog.contextvars import bound_contextvars

from postmortems import clock
from postmortems.actor import Actor
from postmortems.assistants import repeats
from postmortems.audit import retention, sealer
from postmortems.capture import chat_commands
from postmortems.capture import operations as capture
from postmortems.config import Settings
from postmortems.db import partitions, server_clock
from postmortems.db import session as db
from postmortems.document.readers import parse_process
from postmortems.exchange.git_sync import sync
from postmortems.exchange.imports import jobs as imports_jobs
from postmortems.followup.policies import calendars, redates
from postmortems.gate import jobs as gate_jobs
from postmortems.gate import purge
from postmortems.gate.enforcement import bulk_edits
from postmortems.gate.exemptions import waivers
from postmortems.gate.tallies import team_changes
from postmortems.github import deployment_reviews as github_deployment_reviews
from postmortems.github import statuses
from postmortems.github import webhooks as github_webhooks
from postmortems.gitlab import deployment_poll
from postmortems.gitlab import deployment_reviews as gitlab_deployment_reviews
from postmortems.gitlab import webhooks as gitlab_webhooks
from postmortems.incidents.attachments import operations as attachments
from postmortems.incidents.drafts import retention as drafts_retention
from postmortems.jobs import leases
from postmortems.notify import event_reader, outbox, webhooks
from postmortems.notify.channels import delivery as chats
from postmortems.notify.channels import replies
from postmortems.notify.delivery import Sender
from postmortems.notify.digests import operations as digests
from postmortems.notify.inbox import operations as inbox
from postmortems.notify.inbox import reminders, token_notices
from postmortems.notify.mail import delivery as mail
from postmortems.notify.monthly import operations as monthly
from postmortems.tickets import changes as ticket_changes
from postmortems.tickets import exchange, polls
from postmortems.tickets.hooks import webhooks as ticket_webhooks
from postmortems.vault.runtime import Runtime

log = logging.getLogger(__name__)

WORKER = Actor.system("worker")

# How long the worker rests between two queries for what is due, in seconds; less while it has too much to do.
PAUSE_S, SHORT_PAUSE_S = 5.0, 0.25
OBSERVE = "observe:"
OBSERVE_EVERY = timedelta(minutes=5)
# What cannot be evaluated does not get better by the minute: somebody has to mend the guard first.
AFTER_ERROR = timedelta(hours=1)
# A probe is over within 25 s; a worker that holds its lease longer is dead.
OBSERVE_LEASE = timedelta(minutes=2)
# So long what is under way may go on when the worker is told to stop. What takes longer, another takes up.
ENDS_WITHIN_S = 25.0
# More jobs than there are kinds: one that takes long keeps no other kind waiting.
PROBES_AT_ONCE, JOBS_AT_ONCE = 16, 24


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """A periodic job: how often it runs, how long its lease is, and what it does."""

    every: timedelta
    lease: timedelta
    do: Callable[[datetime, WorkerPool], object]


# What was exchanged with other systems is removed by these, a question before the message it came with: who
# asks again must not find half of it.
FORGET = (
    github_webhooks.forget,
    gitlab_webhooks.forget,
    ticket_webhooks.forget,
    outbox.forget,
    inbox.forget,
    capture.forget,
    chat_commands.forget,
    repeats.forget,
)

# Another thing that is done without being asked: one line here. It must bear being done twice.
PERIODIC_JOBS = {
    "drill": PeriodicJob(
        timedelta(hours=1), timedelta(minutes=15), lambda now, _: gate_jobs.drill_again(now)
    ),
    "retention": PeriodicJob(timedelta(hours=1), timedelta(minutes=15), lambda now, pool: _forget(now, pool)),
    "files": PeriodicJob(
        timedelta(hours=1),
        timedelta(minutes=15),
        lambda now, pool: attachments.forget_unused(now, pool.settings.keep_uploads_days),
    ),
    "drafts": PeriodicJob(
        timedelta(hours=1), timedelta(minutes=15), lambda now, _: drafts_retention.remove(now)
    ),
    "seal": PeriodicJob(
        timedelta(minutes=5), timedelta(minutes=15), lambda now, _: sealer.seal_all(WORKER, now)
    ),
    "audit": PeriodicJob(
        timedelta(hours=1), timedelta(minutes=15), lambda now, pool: _forget_events(now, pool.settings)
    ),
    "months": PeriodicJob(
        timedelta(hours=1),
        timedelta(minutes=5),
        lambda now, pool: partitions.make_ahead(now, partitions.kept_for(pool.settings)),
    ),
    "waivers": PeriodicJob(timedelta(minutes=10), timedelta(minutes=5), lambda now, _: waivers.tell_all(now)),
    "restate": PeriodicJob(timedelta(minutes=10), timedelta(minutes=15), lambda *_: gate_jobs.restate_all()),
    "sync": PeriodicJob(timedelta(minutes=1), timedelta(minutes=30), lambda now, pool: _sync(now, pool)),
    "statuses": PeriodicJob(
        timedelta(seconds=5), timedelta(minutes=5), lambda now, pool: statuses.work(now, pool.runtime)
    ),
    "gitlab": PeriodicJob(
        timedelta(minutes=1), timedelta(minutes=10), lambda now, pool: deployment_poll.work(now, pool.runtime)
    ),
    "tickets": PeriodicJob(
        timedelta(seconds=30), timedelta(minutes=10), lambda now, pool: polls.work(now, pool.runtime)
    ),
    "teams": PeriodicJob(timedelta(seconds=5), timedelta(minutes=15), lambda *_: team_changes.work()),
    "redates": PeriodicJob(timedelta(seconds=5), timedelta(minutes=1), lambda *_: redates.work_all()),
    "holidays": PeriodicJob(timedelta(days=1), timedelta(minutes=5), lambda now, _: _keep_due_dates(now)),
    "reminders": PeriodicJob(
        timedelta(minutes=10), timedelta(minutes=15), lambda now, pool: _remind(now, pool)
    ),
    "digests": PeriodicJob(timedelta(minutes=1), timedelta(minutes=15), lambda now, pool: _digest(now, pool)),
    "monthly": PeriodicJob(
        timedelta(minutes=1), timedelta(minutes=15), lambda now, pool: _tell_month(now, pool)
    ),
    "bulk-edits": PeriodicJob(timedelta(seconds=2), timedelta(minutes=1), lambda *_: bulk_edits.work()),
    "import": PeriodicJob(timedelta(seconds=2), timedelta(minutes=2), lambda now, _: imports_jobs.work(now)),
}


# How what waits in the outbox is sent, by channel: another is one line here.
CHANNELS = {
    "webhook": (webhooks.send, webhooks.noted),
    "mail": (mail.send, mail.noted),
    "chat": (chats.send, chats.noted),
    "chat-reply": (replies.send, replies.noted),
    "github": (github_deployment_reviews.send, github_deployment_reviews.noted),
    "github-status": (statuses.send, statuses.noted),
    "gitlab": (gitlab_deployment_reviews.send, gitlab_deployment_reviews.noted),
    "ticket": (exchange.send, exchange.noted),
}
# Who reads the audit trail beside webhooks and inboxes.
TRAIL_READERS = (ticket_changes.told,)


class WorkerPool:
    """The threads of one worker, and what they hold. Leaving it waits for what is under way, but not long."""

    runtime: Runtime
    settings: Settings

    def __init__(
        self, runtime: Runtime, stop: threading.Event | None = None, settings: Settings | None = None
    ) -> None:
        self.runtime, self.stop = runtime, stop or threading.Event()
        self.settings = settings or Settings()
        self.name = f"{platform.node()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.probers = ThreadPoolExecutor(PROBES_AT_ONCE, thread_name_prefix="observe")
        self.other_jobs = ThreadPoolExecutor(JOBS_AT_ONCE, thread_name_prefix="job")
        self.under_way: dict[str, Future[None]] = {}
        self._ends_at: float | None = None
        self.clock_ahead = timedelta()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        unfinished = futures.wait(self.under_way.values(), self.time_left()).not_done
        for threads in (self.probers, self.other_jobs):
            threads.shutdown(wait=not unfinished, cancel_futures=True)
        if unfinished:
            self.leave()

    def time_left(self) -> float:
        """How many seconds what is under way may still take, once this was asked."""
        if self._ends_at is None:
            self._ends_at = monotonic() + ENDS_WITHIN_S
        return max(0.0, self._ends_at - monotonic())

    def leave(self) -> None:
        """Give back what is not done, for another worker to do at once and not when the lease ends."""
        names = sorted(name for name, task in self.under_way.items() if not task.done())
        try:
            with db.transaction():
                leases.leave(self.name, self.now())
        except Exception:
            # The database is away: the leases end by themselves.
            log.exception("what was under way could not be given back")
        log.warning("left to another worker, as it took too long: %s", ", ".join(names))

    def now(self) -> datetime:
        """The database's time, where it has a clock."""
        return clock.now() + self.clock_ahead

    def keep_time(self) -> None:
        """Look how far our clock is from the database's: one that is ahead would end the leases of others."""
        with db.reading():
            self.clock_ahead = server_clock.ahead()

    def free(self) -> tuple[int, int]:
        """How many probes and how many other jobs could begin at this moment."""
        self.under_way = {name: task for name, task in self.under_way.items() if not task.done()}
        probing = sum(name.startswith(OBSERVE) for name in self.under_way)
        return PROBES_AT_ONCE - probing, JOBS_AT_ONCE - (len(self.under_way) - probing)

    def begin(self, name: str, now: datetime) -> None:
        pool = self.probers if name.startswith(OBSERVE) else self.other_jobs
        self.under_way[name] = pool.submit(_do, self, name, now)


def run(settings: Settings, stop: threading.Event) -> None:
    """Work until `stop` is set; what is under way then is finished."""
    parse_process.install()
    runtime = Runtime.of(settings)
    with WorkerPool(runtime, stop, settings) as pool, _sender(pool) as sender:
        while not stop.is_set():
            is_busy = False
            try:
                pool.keep_time()
                is_busy = bool(start_due(pool)) and 0 in pool.free()
                is_busy |= _tell(sender, stop)
            except Exception:
                # A database that restarts must not end the worker; what was claimed is free again in time.
                log.exception("the worker's turn failed")
            stop.wait(SHORT_PAUSE_S if is_busy else PAUSE_S)


def _sender(pool: WorkerPool) -> Sender:
    return Sender(pool.runtime, pool.name, CHANNELS, pool.time_left, pool.now)


def _tell(sender: Sender, stop: threading.Event) -> bool:
    """Put into the outbox what happened, and begin to send what is due; whether there is more of either."""
    with db.reading():
        has_news = event_reader.has_news()
    told = 0
    if has_news:
        with db.transaction():
            sends_mail = bool(sender.runtime.settings.smtp_url)
            told = event_reader.tell(sender.now(), sends_mail=sends_mail, others=TRAIL_READERS)
    return sender.send_due(stop) > 0 or told == event_reader.BATCH


def _sync(now: datetime, pool: WorkerPool) -> int:
    return sync.run_due(now, way_out=pool.runtime.egress, mail=pool.settings.git_mail)


def _keep_due_dates(now: datetime) -> None:
    redates.forget(now)
    with db.transaction():
        calendars.extend(now)


def _remind(now: datetime, pool: WorkerPool) -> int:
    sends_mail = bool(pool.settings.smtp_url)
    told = reminders.tell_all(now, sends_mail=sends_mail)
    return told + token_notices.tell_all(now, sends_mail=sends_mail)


def _digest(now: datetime, pool: WorkerPool) -> int:
    return digests.tell_due(now, sends_mail=bool(pool.settings.smtp_url))


def _tell_month(now: datetime, pool: WorkerPool) -> int:
    return monthly.tell_due(now, sends_mail=bool(pool.settings.smtp_url))


def _forget(now: datetime, pool: WorkerPool) -> int:
    return purge.remove(now, keep_days=pool.settings.keep_days, exchanged=FORGET)


def _forget_events(now: datetime, settings: Settings) -> None:
    retention.erase_addresses(now, keep_days=settings.keep_addresses_days, actor=WORKER)
    retention.remove(now, keep_days=settings.keep_events_days, actor=WORKER)


def start_due(pool: WorkerPool) -> list[str]:
    """Begin what is due now, as far as there are threads for it; returns the names of what was begun."""
    now = pool.now()
    _appoint(now)
    claimed = _claim(pool, now)
    for name in claimed:
        pool.begin(name, now)
    return claimed


def _appoint(now: datetime) -> None:
    """Keep one job for each guard that probes, beside the periodic jobs."""
    with db.reading():
        wanted = {*PERIODIC_JOBS, *(f"{OBSERVE}{number}" for number in gate_jobs.observing_guards())}
        if leases.names() == wanted:
            return
    try:
        with db.transaction():
            leases.appoint(wanted, now)
    except IntegrityError:
        log.info("another worker appointed the same jobs at this moment")


def _claim(pool: WorkerPool, now: datetime) -> list[str]:
    free_for_probes, other_jobs = pool.free()
    # Each class for itself: behind thousands of probes that are late no other job would be found.
    with db.reading():
        probes = leases.due(now, limit=1000, like=f"{OBSERVE}%")
        others = leases.due(now, unlike=f"{OBSERVE}%")
        # What takes longer here than its lease is still being done.
        late = [(one.name, one.due_at) for one in probes if one.name not in pool.under_way]
        waiting = [(one.name, one.due_at) for one in others if one.name not in pool.under_way]
    wanted = late[:free_for_probes] + [one for one in waiting if one[0] in PERIODIC_JOBS][:other_jobs]
    if not wanted:
        return []
    with db.transaction():
        return [name for name, due_at in wanted if leases.claim(name, due_at, pool.name, now, _lease(name))]


def _lease(name: str) -> timedelta:
    return PERIODIC_JOBS[name].lease if name in PERIODIC_JOBS else OBSERVE_LEASE


def _do(pool: WorkerPool, name: str, now: datetime) -> None:
    """Run one job and give it back: due again in its time, or at once where the worker had to stop first."""
    with bound_contextvars(job=name):
        _do_and_return(pool, name, now)


def _do_and_return(pool: WorkerPool, name: str, now: datetime) -> None:
    again_at = now if pool.stop.is_set() else now + _done(pool, name, now)
    try:
        with db.transaction():
            leases.finish(name, pool.name, again_at)
    except Exception:
        # The database is away: the lease ends, and the job runs again then.
        log.exception("the job %s could not be given back", name)


def _done(pool: WorkerPool, name: str, now: datetime) -> timedelta:
    """In how long it is due again. A job that fails is due in its usual time, and holds up no other."""
    try:
        if name in PERIODIC_JOBS:
            PERIODIC_JOBS[name].do(now, pool)
        elif gate_jobs.observe(int(name.removeprefix(OBSERVE)), pool.runtime.egress) == "error":
            return AFTER_ERROR
    except Exception:
        log.exception("the job %s failed", name)
    return PERIODIC_JOBS[name].every if name in PERIODIC_JOBS else OBSERVE_EVERY
