"""Queries of imports: one's own, page by page, with their progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, and_, bindparam, func, inspect, or_, select
from sqlalchemy.orm import undefer

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import existing
from postmortems.errors import NotFound
from postmortems.exchange.models import Run, RunFile
from postmortems.incidents import page_keys

RUN = PreparedQuery(select(*inspect(Run).columns).where(Run.id == bindparam("run")))
WANTED = bindparam("result", type_=String())
IS_WANTED = or_(WANTED == "", and_(RunFile.state == "done", RunFile.result == WANTED))
FILES = PreparedQuery(
    select(RunFile.position, RunFile.at, RunFile.state, RunFile.result, RunFile.slug)
    .add_columns(RunFile.report.label("told"))
    .where(RunFile.run_id == bindparam("run"), RunFile.position > bindparam("after"), IS_WANTED)
    .order_by(RunFile.position)
    .limit(bindparam("most"))
)
COUNTED = PreparedQuery(
    select(RunFile.run_id, RunFile.state, RunFile.result, func.count())
    .where(RunFile.run_id.in_(bindparam("runs", expanding=True)))
    .group_by(RunFile.run_id, RunFile.state, RunFile.result)
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many files there are, how many wait, and how many came to which result."""

    files: int
    waiting: int
    results: dict[str, int]

    @property
    def done(self) -> int:
        return self.files - self.waiting


def run(number: int, actor: Actor) -> Any:
    """An import of the actor's own: what it tells may be restricted. Raises `NotFound`."""
    permissions.require(actor, "incident.save")
    found = RUN.rows({"run": number})
    if not found or found[0].created_by != actor.name:
        raise NotFound(f"there is no import {number}")
    return found[0]


def runs(actor: Actor, after: str = "", limit: int = 50) -> page_keys.Page[Run]:
    """The actor's imports, newest first."""
    permissions.require(actor, "incident.save")
    page = select(Run).where(Run.created_by == actor.name)
    if after:
        page = page.where(Run.id < int(page_keys.parts(after, 1)[0]))
    return page_keys.fetched(page.order_by(Run.id.desc()), limit, lambda row: str(row.id))


def progress(numbers: Sequence[int]) -> dict[int, Progress]:
    """How far each of these imports has come; one query."""
    rows = COUNTED.rows({"runs": list(numbers)})
    return {number: _progress([row[1:] for row in rows if row[0] == number]) for number in numbers}


def _progress(rows: Sequence[Sequence[object]]) -> Progress:
    counts = [(str(state), str(result), int(str(count))) for state, result, count in rows]
    results: dict[str, int] = {}
    for state, result, count in counts:
        if state == "done":
            results[result] = results.get(result, 0) + count
    waiting = sum(count for state, _, count in counts if state == "waiting")
    return Progress(sum(count for *_, count in counts), waiting, results)


def files(number: int, after: str = "", limit: int = 50, result: str = "") -> page_keys.Page[Any]:
    """The files of an import with what is told of them, in the order in which they were found."""
    behind = int(page_keys.parts(after, 1)[0]) if after else -1
    page = {"run": number, "after": behind, "result": result, "most": page_keys.most(limit)}
    return page_keys.cut(FILES.rows(page), lambda row: str(row.position), limit)


def file(number: int, position: int) -> RunFile:
    """One file of an import with its report. Raises `NotFound`."""
    wanted = select(RunFile).where(RunFile.run_id == number, RunFile.position == position)
    return existing(wanted.options(undefer(RunFile.report)), f"import {number} has no file {position}")
