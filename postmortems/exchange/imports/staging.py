"""Staged files of an import, kept until they are worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from postmortems import clock, limits
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.db.session import session
from postmortems.document.lint.warnings import Warned
from postmortems.errors import Conflict, Invalid, Refusal
from postmortems.exchange.imports import beside
from postmortems.exchange.imports import queries as imports_queries
from postmortems.exchange.imports.files import ImportFile, Left, Stored
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.models import Run, RunFile
from postmortems.zone_tables import available_timezones

# Begins an import, and gives its number.
Begun = Callable[[], int]
# How many unfinished imports one person may have.
MOST_OPEN = 20
# Of how many files it is told why they are no reports, where none is one.
MOST_TOLD = 3
# As much is held in memory, and written in one unit of work.
BATCH_FILES, BATCH_BYTES = 50, 4 * 1024 * 1024
KEPT_FOR = timedelta(days=7)
MINE = PreparedQuery(
    select(func.count().label("count"))
    .select_from(Run)
    .where(Run.created_by == bindparam("name"), Run.ended_at.is_(None))
)
NEW = PreparedInsert(
    Run,
    *("created_at", "created_by", "given", "phase", "scopes", "service", "timezone", "with_templates"),
    returning=("id",),
)
FILES = PreparedInsert(
    RunFile,
    *("run_id", "position", "name", "at", "content", "format", "identity", "size"),
    *("state", "attempts", "result", "slug", "report", "beside"),
)
ALL_THERE = PreparedQuery(
    update(Run)
    .where(Run.id == bindparam("run"))
    .values(phase=bindparam("now_in"), left=bindparam("not_read"), left_files=bindparam("why"))
)


def begin(filled: ImportDefaults, given: str, *, actor: Actor, with_templates: bool = False) -> int:
    """A new import of the actor's, still without files; its number. Opens its own unit of work."""
    begun = beginning(filled, given, actor=actor, with_templates=with_templates)
    with db.transaction():
        return begun()


def beginning(filled: ImportDefaults, given: str, *, actor: Actor, with_templates: bool = False) -> Begun:
    """What begins a new import of the actor's in the unit of work that is open then. Raises `Invalid`."""
    permissions.require(actor, "incident.save")
    if filled.timezone and filled.timezone not in available_timezones():
        raise Invalid(f"{filled.timezone!r} is no zone; write one such as America/Los_Angeles", "/timezone")
    if len(filled.service) > 200:
        raise Invalid("has more than 200 characters", "/service")
    new = {
        "created_at": clock.now(), "created_by": actor.name, "given": given[:200], "phase": "staging",
        "scopes": sorted(actor.scopes) if actor.scopes is not None else None,
        "service": filled.service, "timezone": filled.timezone, "with_templates": with_templates,
    }  # fmt: skip

    def begun() -> int:
        if MINE.rows({"name": actor.name})[0].count >= MOST_OPEN:
            raise Conflict(f"{MOST_OPEN} of your imports wait to be applied; apply or discard one first")
        ((number,),) = NEW.returned([new])
        # What was given may be named after what only some may see; the import, which is theirs, says it.
        audit.record(actor, "import_run.begun", "import_run", str(number))
        return int(number)

    return begun


def stage(
    begun: int | Begun,
    found: Iterable[ImportFile],
    left: Left,
    *,
    is_dry_run: bool,
    actor: Actor,
    when_there: Callable[[int], object] | None = None,
) -> int:
    """Keep the files of an import, then let it be read, or applied at once. Returns how many there are.

    `begun` is its number, or what begins it in the unit of work that keeps its first files: where those are
    at hand, none has to be kept before.
    `left` has counted, once all were found, what was no report. `when_there` is called with the import's
    number in the unit of work that lets it go on: whoever works on it at once takes its first file there.

    Opens units of work of its own, one a batch. What cannot be taken at all raises and leaves no import.
    """
    count, kept = 0, 0 if callable(begun) else begun
    try:
        for batch, is_last in _batches(beside.stored(each, actor) for each in found):
            with db.transaction():
                number = begun() if callable(begun) and not kept else kept
                FILES.run([_row(number, count + place, each) for place, each in enumerate(batch)])
                count += len(batch)
                if is_last:
                    _let_on(number, left, count, is_dry_run=is_dry_run, actor=actor)
                    if when_there:
                        when_there(number)
            # Not before: what was taken back with its unit of work has a number that is another's by now.
            kept = number
        if not count:
            raise Invalid(_none_there(left), "/files")
    except Refusal:
        if kept:
            with db.transaction():
                session().execute(delete(Run).where(Run.id == kept))
        raise
    return count


def _let_on(number: int, left: Left, count: int, *, is_dry_run: bool, actor: Actor) -> None:
    """All files are there: somebody may work on them."""
    phase = "reading" if is_dry_run else "applying"
    ALL_THERE.rows({"run": number, "now_in": phase, "not_read": str(left), "why": left.named()})
    if not is_dry_run:
        audit.record(actor, "import_run.applied", "import_run", str(number), files=count)


def _none_there(left: Left) -> str:
    """That nothing is a report, and why the first files are none."""
    reasons = [f"{each['file']}: {each['reason']}" for each in left.named()[:MOST_TOLD]]
    others = f" ({left})" if str(left) else ""
    told = "; ".join(reasons) or "files end in .md, .rst, .html, .docx, .ipynb and so on"
    return f"there is no report in this{others}; {told}"


def _batches(found: Iterable[ImportFile]) -> Iterator[tuple[list[ImportFile], bool]]:
    """As many files as are kept at once, and whether they are the last."""
    batch: list[ImportFile] = []
    size = count = in_all = 0
    for each in found:
        count, in_all = count + 1, in_all + len(each.content)
        if count > limits.REPORTS or in_all > limits.STAGED:
            most = f"{limits.REPORTS:,} files or {limits.in_mb(limits.STAGED)}"
            raise Invalid(f"more than {most} at once; import its folders one by one", "/files")
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch, False
            batch, size = [], 0
        batch.append(each)
        size += len(each.content)
    if batch:
        yield batch, True


def _row(number: int, position: int, file: ImportFile) -> dict[str, object]:
    trouble = {"detail": f"{file.shown}: {file.trouble}"} if file.trouble else {}
    return {
        "run_id": number,
        "position": position,
        "name": "" if file.trouble else file.name,
        "at": file.shown,
        "content": None if file.trouble else file.content,
        "format": file.format,
        "identity": file.identity,
        "size": len(file.content),
        "state": "done" if file.trouble else "waiting",
        "attempts": 0,
        "result": "failed" if file.trouble else "",
        "slug": "",
        "report": trouble,
        "beside": as_json(file.stored),
    }


def as_json(stored: Stored) -> dict[str, object]:
    """What became of the files beside a report, as it is kept with it."""
    missing = [(one.words, one.text, one.line) for one in stored.missing]
    return {"attached": dict(stored.attached), "missing": missing}


def from_json(kept: Mapping[str, Any]) -> Stored:
    """The same again."""
    missing = (Warned("picture", words, text, line) for words, text, line in kept.get("missing", ()))
    return Stored(kept.get("attached", {}), tuple(missing))


def apply(number: int, *, actor: Actor) -> None:
    """Let an import that was read be stored. Raises `Conflict` while it is read, or once it is applied."""
    run = imports_queries.run(number, actor)
    if run.phase != "reading" or imports_queries.progress([number])[number].waiting:
        raise Conflict(
            "this import is applied already" if run.phase == "applying" else "this import is still being read"
        )
    session().execute(update(Run).where(Run.id == number).values(phase="applying"))
    again = update(RunFile).where(RunFile.run_id == number, RunFile.content.is_not(None))
    session().execute(again.values(state="waiting", leased_until=None, attempts=0))
    audit.record(actor, "import_run.applied", "import_run", str(number))


def discard(number: int, *, actor: Actor) -> None:
    """Drop an import with its files and reports; what it stored stays."""
    imports_queries.run(number, actor)
    session().execute(delete(Run).where(Run.id == number))
    audit.record(actor, "import_run.discarded", "import_run", str(number))


def forget_old(now: datetime) -> None:
    """Drop the bytes of imports that nobody went on with for a week; their reports stay."""
    old = select(Run.id).where(Run.ended_at.is_(None), Run.created_at < now - KEPT_FOR).limit(100)
    numbers = list(session().scalars(old))
    if numbers:
        theirs = RunFile.run_id.in_(numbers)
        session().execute(update(RunFile).where(theirs).values(content=None, state="done"))
        session().execute(update(Run).where(Run.id.in_(numbers)).values(ended_at=now))
