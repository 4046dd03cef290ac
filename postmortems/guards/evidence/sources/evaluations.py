"""Evidence from earlier decisions about the artifact."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import column, func, select, table

from postmortems.db.session import session
from postmortems.guards.judgement import SKEW, EvidenceItem, EvidenceNeed, Question
from postmortems.guards.models import Evaluation

DECISIONS = table("decisions", column("id"), column("artifact"), column("target"))


def find(wants: Collection[EvidenceNeed], question: Question) -> dict[EvidenceNeed, list[EvidenceItem]]:
    """The newest verdict of each guard (`predicate`) on each target about the artifact; others have none."""
    artifact = question.artifact
    named = [name for name in (artifact.digest, artifact.sha) if name]
    newest = (
        select(func.max(Evaluation.id))
        .join(DECISIONS, DECISIONS.c.id == Evaluation.decision_id)
        .where(
            DECISIONS.c.artifact.in_(named),
            DECISIONS.c.target.in_({wanted.target for wanted in wants}),
            Evaluation.guard_slug.in_({wanted.predicate for wanted in wants}),
            Evaluation.purpose == "decision",
            Evaluation.at <= question.now + SKEW,
        )
        .group_by(Evaluation.guard_slug, Evaluation.target)
    )
    columns = (Evaluation.at, Evaluation.target, Evaluation.guard_slug, Evaluation.verdict)
    rows = session().execute(select(*columns).where(Evaluation.id.in_(newest))).all()
    seen = [
        EvidenceItem(
            "evaluation", row.at, row.target, row.guard_slug, artifact.digest, artifact.sha, row.verdict
        )
        for row in rows
    ]  # fmt: skip
    return {wanted: [one for one in seen if wanted.fits(one)] for wanted in wants}
