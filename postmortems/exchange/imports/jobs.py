"""Jobs of imports, file by file: the first in the request, the rest in the worker.

Each file is leased by a conditional update, so any number may work on one import. What came of a file is
written in the unit of work that stores it: a worker that is killed loses no file and stores none twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, or_, select, update

from postmortems import clock, visibility
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.db import server_clock
from postmortems.db import session as db
from postmortems.db.prepared import PreparedQuery
from postmortems.exchange.imports import import_file, staging
from postmortems.exchange.imports.files import ImportFile, Left
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


RUN_ID = Run.id == bindparam("run")
IS_WAITING = RunFile.state == "waiting"
IS_FREE = or_(RunFile.leased_until.is_(None), RunFile.leased_until < bindparam("now"))


def _claim(*of: ColumnElement[bool]) -> PreparedQuery:
    """What takes the first file that nobody holds, and tells what it is."""
    is_staged = exists().where(Run.id == RunFile.run_id, Run.phase != "staging")
    free = select(RunFile.id).where(IS_WAITING, IS_FREE, is_staged, *of)
    free = free.order_by(RunFile.id).limit(1).with_for_update(skip_locked=True)
    claim = update(RunFile).where(RunFile.id == free.scalar_subquery(), IS_WAITING, IS_FREE)
    told = (RunFile.id, RunFile.run_id, RunFile.name, RunFile.content, RunFile.at, RunFile.beside)
    return PreparedQuery(
        claim.values(leased_until=bindparam("until"), attempts=RunFile.attempts + 1).returning(
            *told, RunFile.format, RunFile.identity, RunFile.attempts
        )
    )


CLAIM, CLAIM_OF = _claim(), _claim(RunFile.run_id == bindparam("run"))
RUN = PreparedQuery(
    select(Run.service, Run.timezone, Run.phase, Run.with_templates, Run.scopes, Run.created_by)
    .add_columns(User.id.label("user_id"), User.role, User.is_active)
    .outerjoin(User, User.name == Run.created_by)
    .where(RUN_ID)
)
OUTCOME = (
    update(RunFile)
    # Whoever lost it meanwhile says nothing of what another does with it.
    .where(RunFile.id == bindparam("file"), RunFile.leased_until == bindparam("until"))
    .values(state="done", leased_until=None)
    .values(result=bindparam("came"), slug=bindparam("as"), report=bindparam("told"))
    .returning(RunFile.id)
)
# By whether the bytes are needed no more.
DONE = {False: PreparedQuery(OUTCOME), True: PreparedQuery(OUTCOME.values(content=None))}
HOLD = PreparedQuery(select(Run.id).where(RUN_ID).with_for_update())
LEFT = exists().where(RunFile.run_id == bindparam("run"), IS_WAITING)
END = PreparedQuery(
    update(Run).where(RUN_ID, Run.phase == "applying", ~LEFT).values(ended_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Job:
    """A staged file that this worker holds until then, as a value."""

    id: int
    until: datetime
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


def staged(
    begun: int | staging.Begun, found: Iterable[ImportFile], left: Left, *, is_dry_run: bool, actor: Actor
) -> int:
    """Stage an import's files as `staging.stage` does, and work on the first of them; opens its own units.

    The first is taken in the unit that lets the import go on. Gives the import's number.
    """
    let_on: list[tuple[int, Job | None]] = []
    count = staging.stage(
        begun, found, left, is_dry_run=is_dry_run, actor=actor,
        when_there=lambda staged: let_on.append((staged, _taken(staged))),
    )  # fmt: skip
    [(number, first)] = let_on
    some(number, min(count, AT_ONCE), first=first)
    return number


def some(
    number: int | None, most: int = AT_ONCE, longest_s: float = AT_ONCE_S, *, first: Job | None = None
) -> int:
    """Work on up to so many waiting files of an import, or of all; opens its own units of work.

    `first` is held already.
    """
    until, done = time.monotonic() + longest_s, 0
    while done < most and (first or time.monotonic() < until) and (job := first or _claimed(number)):
        _do(job)
        first, done = None, done + 1
    return done


def _claimed(number: int | None) -> Job | None:
    """The next file that nobody holds, now ours; None where there is none."""
    with db.transaction():
        return _taken(number)


def _taken(number: int | None) -> Job | None:
    """The same, within a unit of work."""
    now = server_clock.now()
    held = {"now": now, "until": now + LEASE}
    claimed = CLAIM.rows(held) if number is None else CLAIM_OF.rows({**held, "run": number})
    return _job(claimed[0], held["until"]) if claimed else None


def _job(file: Any, until: datetime) -> Job:
    run = RUN.rows({"run": file.run_id})[0]
    trouble = ""
    if file.attempts > MOST_ATTEMPTS:
        trouble = f"whoever read it was ended {MOST_ATTEMPTS} times; it may be too much for this server"
    return Job(
        file.id,
        until,
        file.run_id,
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


def _asker(run: Any) -> Actor | None:
    """Who asked, with the role of today; None for an account that is gone or switched off."""
    if not run.is_active:
        return None
    kind = "person" if run.scopes is None else "token"
    scopes = None if run.scopes is None else frozenset(run.scopes)
    return Actor(kind=kind, name=run.created_by, role=run.role, user_id=run.user_id, scopes=scopes)


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
        told = {"came": report.result, "as": report.slug, "told": report.as_json()}
        is_over = report.result in ("failed", "template") or not job.is_dry_run
        if not DONE[is_over].rows({"file": job.id, "until": job.until, **told}):
            return  # The import was discarded meanwhile, or another worker has the file by now.
        if not job.is_dry_run:
            # One after the other, so that of two who finish the last files the second sees the first's.
            HOLD.rows({"run": job.run_id})
            END.rows({"run": job.run_id, "now": clock.now()})

    return note
