"""Repeated verdicts: those that say what was said within the hour, which are kept in the answer alone.

A guard that passes says the same each time it is asked, and a row for each time would be most of what a
decision writes. So in each hour the first is stored, and all that is no pass, and the first pass after that;
`guards.answers` reads the others. What else is worked out from verdicts goes by the hour.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.gate.verdicts.judge import GuardResult
from postmortems.guards import answers
from postmortems.guards.judgement import Question
from postmortems.guards.models import LastSaid

LAST = LastSaid.__table__.c
KNOWN = PreparedQuery(
    select(LAST.hour, LAST.said).where(
        LAST.target == bindparam("target"), LAST.is_dry_run == bindparam("is_dry_run")
    )
)
FIRST = PreparedInsert(LastSaid, "target", "is_dry_run", "hour", "said")


def unsaid(
    results: Sequence[GuardResult], question: Question, *, is_dry_run: bool, asked_about: Collection[str]
) -> Sequence[GuardResult]:
    """Those whose verdict has to be stored; notes what is stored by then, in the same transaction.

    What a probe found is stored each time, and so is what other guards ask for: of those `asked_about`.
    Raises `IntegrityError` where another decision over this target is the first ever at the same moment.
    """
    able = [one for one in results if not one.guard.probes and one.guard.slug not in asked_about]
    if not able:
        return results
    marks = {one.guard.slug: _mark(one) for one in able}
    hour, said = answers.hour_of(question.now), ",".join(marks.values())
    rows = KNOWN.rows({"target": question.target, "is_dry_run": is_dry_run})
    known = rows[0] if rows else None
    before = set(known.said.split(",")) if known is not None and known.hour == hour else set[str]()
    if known is None:
        FIRST.run([{"target": question.target, "is_dry_run": is_dry_run, "hour": hour, "said": said}])
    elif known.hour != hour or known.said != said:
        _say(question.target, is_dry_run, known, {"hour": hour, "said": said})
    return [one for one in results if marks.get(one.guard.slug) not in before or not _passes(one)]


def _mark(result: GuardResult) -> str:
    """What makes a verdict another one: guard, its revision and level, and what it says."""
    guard = result.guard
    return f"{guard.id}:{guard.revision}:{guard.level}:{result.judgement.verdict}"


def _passes(result: GuardResult) -> bool:
    """Whether it passes by itself: who waived what is stored each time."""
    return result.judgement.verdict in answers.REPEATED and result.waiver is None


def _say(target: str, is_dry_run: bool, known: Any, values: dict[str, Any]) -> None:
    row = update(LastSaid).where(LAST.target == target, LAST.is_dry_run.is_(is_dry_run))
    if db.is_changed(row.where(LAST.hour == known.hour, LAST.said == known.said).values(**values)):
        return
    # Another decision said something else at the same moment: which of the two was later nobody can tell.
    db.session().execute(row.values(said=""))
