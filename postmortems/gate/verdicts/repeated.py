"""Repeated verdicts: those that say what was said within the hour, which are kept in the answer alone.

A guard that passes says the same each time it is asked, and a row for each time would be most of what a
decision writes. So in each hour the first is stored, and all that is no pass, and the first pass after that;
`guards.answers` reads the others. What else is worked out from verdicts goes by the hour.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import literal_column, select, update

from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert
from postmortems.gate.verdicts import kept_passes
from postmortems.gate.verdicts.judge import GuardResult
from postmortems.guards import answers
from postmortems.guards.judgement import Question
from postmortems.guards.models import LastSaid

LAST = LastSaid.__table__.c
FIRST = PreparedInsert(LastSaid, "target", "is_dry_run", "hour", "said")


# What was said last over a decision's target, asked for with the decision's row. That row's columns stand as
# words: SQLAlchemy leaves out whose they are, and both tables have such.
LAST_SAID = (
    select(LAST.said)
    .where(
        LAST.target == literal_column("decisions.target"),
        LAST.is_dry_run == literal_column("decisions.is_dry_run"),
    )
    .scalar_subquery()
)


def unsaid(
    results: Sequence[GuardResult],
    question: Question,
    known: str | None,
    *,
    is_dry_run: bool,
    asked_about: Collection[str],
) -> Sequence[GuardResult]:
    """Those whose verdict has to be stored; notes what is stored by then, in the same transaction.

    `known` is what `LAST_SAID` found, None for nothing. What a probe found is stored each time, and so is
    what other guards ask for, of those `asked_about`, and who waived what. Raises `IntegrityError` where
    another decision over this target is the first ever at the same moment.
    """
    able = [one for one in results if not one.guard.probes and one.guard.slug not in asked_about]
    if not able:
        return results
    marks = {one.guard.slug: kept_passes.mark(one) for one in able}
    hour = answers.hour_of(question.now)
    said = ",".join((hour.isoformat(), *marks.values()))
    if known is None:
        FIRST.run([{"target": question.target, "is_dry_run": is_dry_run, "hour": hour, "said": said}])
    elif known != said:
        _say(question.target, is_dry_run, known, {"hour": hour, "said": said})
    # Mostly all that is said was said last.
    before = {*marks.values()} if known == said else set((known or "").split(","))
    if known != said and hour.isoformat() not in before:
        return results
    return [
        one
        for one in results
        if marks.get(one.guard.slug) not in before
        or one.judgement.verdict not in answers.REPEATED
        or one.waiver is not None
    ]


def _say(target: str, is_dry_run: bool, known: str, values: dict[str, Any]) -> None:
    row = update(LastSaid).where(LAST.target == target, LAST.is_dry_run.is_(is_dry_run))
    if db.is_changed(row.where(LAST.said == known).values(**values)):
        return
    # Another decision said something else at the same moment: which of the two was later nobody can tell.
    db.session().execute(row.values(said=""))
