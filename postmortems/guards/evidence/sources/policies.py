"""Evidence from policies and their acknowledgements."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from postmortems.db.session import session
from postmortems.guards.judgement import SKEW, EvidenceItem, EvidenceNeed, Question
from postmortems.guards.models import Acknowledgement, Policy, PolicyVersion

MOST_EACH = 20


def find(wants: Collection[EvidenceNeed], question: Question) -> dict[EvidenceNeed, list[EvidenceItem]]:
    """The newest version of each policy (`predicate`) that was published by then."""
    newest = select(func.max(PolicyVersion.number)).where(
        PolicyVersion.policy_id == Policy.id, PolicyVersion.at <= question.now + SKEW
    )
    rows = session().execute(
        select(Policy.slug, Policy.title, PolicyVersion.number, PolicyVersion.at)
        .join(PolicyVersion, PolicyVersion.policy_id == Policy.id)
        .where(Policy.slug.in_({wanted.predicate for wanted in wants}))
        .where(PolicyVersion.number == newest.correlate(Policy).scalar_subquery())
    )
    seen = [
        EvidenceItem("policy", row.at, predicate=row.slug, data={"version": row.number, "title": row.title})
        for row in rows
    ]
    return {wanted: [one for one in seen if wanted.fits(one)] for wanted in wants}


def find_acknowledgements(
    wants: Collection[EvidenceNeed], question: Question
) -> dict[EvidenceNeed, list[EvidenceItem]]:
    """What whoever asks has acknowledged, newest first."""
    rows = session().execute(
        select(Policy.slug, Acknowledgement.number, Acknowledgement.at, Acknowledgement.person)
        .join(Policy, Policy.id == Acknowledgement.policy_id)
        .where(
            Policy.slug.in_({wanted.predicate for wanted in wants}),
            Acknowledgement.person == question.actor.removeprefix("@"),
            Acknowledgement.at <= question.now + SKEW,
        )
        .order_by(Acknowledgement.at.desc())
        .limit(MOST_EACH * len(wants))
    )
    seen = [
        EvidenceItem(
            "acknowledgement", row.at, predicate=row.slug, issuer=row.person, data={"version": row.number}
        )
        for row in rows
    ]
    return {wanted: [one for one in seen if wanted.fits(one)] for wanted in wants}
