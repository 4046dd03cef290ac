"""Evidence from the pings of jobs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select

from postmortems.db.session import session
from postmortems.guards.judgement import SKEW, EvidenceItem, Question
from postmortems.guards.models import Heartbeat, Ping

# So many are judged, beside the last success; a moment in the past is judged by all that are kept.
JUDGED = 20


def find(guard_ids: Collection[int], question: Question) -> dict[int, list[EvidenceItem]]:
    """The newest pings of each guard's job."""
    near = or_(Ping.number > Heartbeat.count - JUDGED, Ping.number == Heartbeat.last_success)
    rows = session().execute(
        select(Heartbeat.guard_id, Ping.at, Ping.result, Ping.rid, Ping.exit_status)
        .join(Ping, Ping.heartbeat_id == Heartbeat.id)
        .where(Heartbeat.guard_id.in_(guard_ids), Ping.at <= question.now + SKEW)
        .where(*([] if question.is_replay else [near]))
        .order_by(Ping.number.desc())
    )
    found: dict[int, list[EvidenceItem]] = {}
    for row in rows:
        data = {"rid": row.rid, "exit_status": row.exit_status}
        found.setdefault(row.guard_id, []).append(EvidenceItem("ping", row.at, result=row.result, data=data))
    return found
