"""Evidence from earlier decisions about the artifact."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.guards import answers
from postmortems.guards.judgement import SKEW, EvidenceItem, EvidenceNeed, Question
from postmortems.guards.models import Evaluation


def find(wants: Collection[EvidenceNeed], question: Question) -> dict[EvidenceNeed, list[EvidenceItem]]:
    """The newest verdict of each guard (`predicate`) on each target about the artifact; others have none."""
    artifact = question.artifact
    named = [name for name in (artifact.digest, artifact.sha) if name]
    newest = (
        select(func.max(Evaluation.id))
        .join(answers.TABLE, answers.DECISIONS.id == Evaluation.decision_id)
        .where(
            answers.DECISIONS.artifact.in_(named),
            answers.DECISIONS.target.in_({wanted.target for wanted in wants}),
            Evaluation.guard_slug.in_({wanted.predicate for wanted in wants}),
            Evaluation.purpose == "decision",
            Evaluation.at <= question.now + SKEW,
        )
        .group_by(Evaluation.guard_slug, Evaluation.target)
    )
    columns = (Evaluation.at, Evaluation.target, Evaluation.guard_slug, Evaluation.verdict)
    rows = session().execute(select(*columns).where(Evaluation.id.in_(newest))).all()
    said = {(row.guard_slug, row.target): (row.at, row.verdict) for row in rows}
    wanted = {(one.predicate, one.target) for one in wants}
    for place, again in answers.about(named, wanted, question.now + SKEW).items():
        if place not in said or again.at > said[place][0]:
            said[place] = again.at, again.verdict
    seen = [
        EvidenceItem("evaluation", at, target, guard, artifact.digest, artifact.sha, verdict)
        for (guard, target), (at, verdict) in said.items()
    ]
    return {wanted: [one for one in seen if wanted.fits(one)] for wanted in wants}
