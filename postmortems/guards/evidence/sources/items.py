"""Evidence from open action items: by number, never by their words."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select

from postmortems.db.session import session
from postmortems.followup import queries as followup
from postmortems.followup import rules
from postmortems.guards.judgement import EvidenceItem, EvidenceNeed, Question
from postmortems.incidents.models import ActionItem, Admitted

# More than a guard may allow; the rest would change nothing about the verdict.
MOST = 200


def find(wants: Collection[EvidenceNeed], question: Question) -> dict[EvidenceNeed, list[EvidenceItem]]:
    """The items of each priority (`predicate`), due soonest first; one query for each target."""
    found: dict[EvidenceNeed, list[EvidenceItem]] = {}
    for target in sorted({wanted.target for wanted in wants}):
        asking = [wanted for wanted in wants if wanted.target == target]
        known = _items(target, {wanted.predicate for wanted in asking}, question)
        found |= {wanted: [one for one in known if wanted.fits(one)] for wanted in asking}
    return found


# What is restricted is judged like others, and shown to nobody.
def _items(target: str, priorities: Collection[str], question: Question) -> list[EvidenceItem]:
    several = "" if "" in priorities else ",".join(sorted(priorities))
    # What was closed after the moment in question was open then.
    was_open = or_(ActionItem.status.in_(rules.OPEN), ActionItem.closed_at > question.now)
    protection = followup.protection()
    rows = session().execute(
        select(
            ActionItem.number,
            ActionItem.priority,
            ActionItem.status,
            ActionItem.due,
            ActionItem.opened_at,
            ActionItem.closed_at,
            protection.label("protection"),
            ActionItem.incident_id.in_(select(Admitted.incident_id)).label("is_restricted"),
        )
        .where(
            *followup.conditions(followup.Filters(service=target, priority=several)),
            or_(was_open, protection == "regressed"),
            ActionItem.opened_at <= question.now,
        )
        .order_by(ActionItem.due.asc().nulls_last(), ActionItem.number)
        .limit(MOST)
    )
    return [
        EvidenceItem(
            "item",
            row.opened_at,
            target,
            row.priority,
            result="open" if row.closed_at and row.closed_at > question.now else row.status,
            data={
                "id": f"AI-{row.number}",
                "due": row.due.isoformat() if row.due else None,
                "protection": row.protection,
                **({"is_restricted": True} if row.is_restricted else {}),
            },
        )
        for row in rows
    ]
