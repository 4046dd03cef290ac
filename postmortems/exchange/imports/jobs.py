"""Jobs of imports, file by file: the first in the request, the rest in the worker.

Each file is leased by a conditional update, so any number may work on one import. What came of a file is
written in the unit of work that stores it: a worker that is killed loses no file and stores none twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import undefer

from postmortems import clock, visibility
from postmortems.accounts import queries as accounts
from postmortems.actor import Actor
from postmortems.db import server_clock
from postmortems.db import session as db
from postmortems.db.session import is_changed, session
from postmortems.exchange.imports import import_file, staging
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.imports.import_file import Report
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.models import Run, RunFile
from postmortems.visibility import Viewer

log = logging.getLogger(__name__)

# Reading the largest file takes seconds; whoever holds one longer is dead.
LEASE = timedelta(minutes=2)
# A file that ended this many workers is not given to another.
MOST_ATTEMPTS = 3
# What a request does before it answers: enough for most imports, and never long.
AT_ONCE, AT_ONCE_S = 20, 3.0
# And what a worker does before it looks whether it should stop.
MOST_AT_A_TIME, AT_A_TIME_S = 5_000, 20.0


@dataclass(frozen=True, slots=True)
class Job:
    """A staged file that this worker holds, as a value."""

    id: int
    run_id: int
    found: ImportFile
    filled: ImportDefaults
    actor: Actor | None
    is_dry_run: bool
    with_templates: bool


def work(now: datetime) -> int:
    """Work on whatever waits, while something does and the time lasts; how many files were done."""
    with db.transaction():
        staging.forget_old(now)
    return some(None, MOST_AT_A_TIME, AT_A_TIME_S)


def some(number: int | None, most: int = AT_ONCE, longest_s: float = AT_ONCE_S) -> int:
    """Work on up to so many waiting files of an import, or of all; opens its own units of work."""
    until, done = time.monotonic() + longest_s, 0
    while done < most and time.monotonic() < until and (job := _claimed(number)) is not None:
        _do(job)
        done += 1
    return done


def _claimed(number: int | None) -> Job | None:
    """The next file that nobody holds, now ours; None where there is none."""
    with db.reading():
        now = server_clock.now()
        is_free = or_(RunFile.leased_until.is_(None), RunFile.leased_until < now)
        waiting = select(RunFile.id).join(Run)
        waiting = waiting.where(RunFile.state == "waiting", is_free, Run.phase != "staging")
        if number is not None:
            waiting = waiting.where(RunFile.run_id == number)
        next_ones = list(session().scalars(waiting.order_by(RunFile.id).limit(10)))
    for file_id in next_ones:
        with db.transaction():
            mine = update(RunFile).where(RunFile.id == file_id, RunFile.state == "waiting", is_free)
            if is_changed(mine.values(leased_until=now + LEASE, attempts=RunFile.attempts + 1)):
                return _job(file_id)
    return None


def _job(file_id: int) -> Job:
    file = session().get_one(RunFile, file_id, options=[undefer(RunFile.content)])
    run = file.run
    trouble = ""
    if file.attempts > MOST_ATTEMPTS:
        trouble = f"whoever read it was ended {MOST_ATTEMPTS} times; it may be too much for this server"
    return Job(
        file.id,
        run.id,
        ImportFile(
            file.name,
            file.content or b"",
            trouble,
            file.at,
            stored=staging.from_json(file.beside or {}),
            format=file.format,
            identity=file.identity,
        ),
        ImportDefaults(run.service, run.timezone),
        _asker(run),
        run.phase == "reading",
        run.with_templates,
    )


def _asker(run: Run) -> Actor | None:
    """Who asked, with the role of today; None for an account that is gone or switched off."""
    user = accounts.named(run.created_by)
    if user is None or not user.is_active:
        return None
    kind = "person" if run.scopes is None else "token"
    scopes = None if run.scopes is None else frozenset(run.scopes)
    return Actor(kind=kind, name=user.name, role=user.role, user_id=user.id, scopes=scopes)


def _do(job: Job) -> None:
    note = _noting(job)
    if job.actor is None:
        with db.transaction():
            note(Report("failed", detail="the account that asked for this import is switched off"))
        return
    with visibility.seen_by(Viewer(job.actor.name)):
        import_file.bring(
            job.found,
            job.filled,
            actor=job.actor,
            is_dry_run=job.is_dry_run,
            with_templates=job.with_templates,
            note=note,
        )


def _noting(job: Job) -> Callable[[Report], None]:
    """What writes down how a file came out, inside the unit of work that keeps it."""

    def note(report: Report) -> None:
        file = session().get(RunFile, job.id)
        if file is None:
            return  # The import was discarded meanwhile.
        file.state, file.leased_until = "done", None
        file.result, file.slug, file.report = report.result, report.slug, report.as_json()
        if report.result in ("failed", "template") or not job.is_dry_run:
            file.content = None
        session().flush()
        # One after the other, so that of two who finish the last files the second sees the first's.
        session().execute(select(Run.id).where(Run.id == job.run_id).with_for_update())
        others = exists().where(RunFile.run_id == job.run_id, RunFile.state == "waiting")
        over = update(Run).where(Run.id == job.run_id, Run.phase == "applying", ~others)
        session().execute(over.values(ended_at=clock.now()))

    return note
