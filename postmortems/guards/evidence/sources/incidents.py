"""Evidence that an incident is open on a target; never which, for it may be restricted."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists, or_, select

from postmortems.db import session as db
from postmortems.guards.judgement import EvidenceItem, EvidenceNeed, Question
from postmortems.incidents.models import Affected, Entry, Incident, Section

# Of one service; a guard needs to know of one.
MOST = 100


def find(wants: Collection[EvidenceNeed], question: Question) -> dict[EvidenceNeed, list[EvidenceItem]]:
    """The open incidents of each target, the newest first; one query for each service.

    One is open while its report is a draft whose timeline knows of no recovery by now.
    """
    targets = {wanted.target for wanted in wants}
    seen: list[EvidenceItem] = []
    for service in sorted({target.partition("/")[0] for target in targets}):
        for row in db.rows(_open(), {"service": service, "now": question.now, "most": MOST}):
            named = f"{service}/{row.target}"
            hit = [one for one in targets if one == named or (not row.target and one.startswith(named))]
            seen += [EvidenceItem("incident", row.created_at, target, result="open") for target in hit]
    return {wanted: [one for one in seen if wanted.fits(one)] for wanted in wants}


@cache
def _open() -> Any:
    now: Any = bindparam("now", type_=Incident.created_at.type)
    is_over = exists().where(
        Section.incident_id == Incident.id,
        Entry.section_id == Section.id,
        Entry.kind == "recovery",
        or_(Entry.instant.is_(None), Entry.instant <= now),
    )
    was_draft = or_(Incident.status == "draft", Incident.published_at > now)
    return (
        select(Affected.target, Incident.created_at)
        .join(Incident, Incident.id == Affected.incident_id)
        .where(Affected.service == bindparam("service"), was_draft, ~is_over, Incident.created_at <= now)
        .order_by(Incident.created_at.desc())
        .limit(bindparam("most"))
    )
