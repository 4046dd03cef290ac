"""Action items as CSV, one line each, with the API's field names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from postmortems.followup import rules
from postmortems.followup.item import written_blockers
from postmortems.followup.queries import Listed
from postmortems.formats import csv_lines

COLUMNS = (
    "id",
    "text",
    "incident",
    "incident_title",
    "incident_date",
    "services",
    "category",
    "owner",
    "team",
    "due",
    "overdue",
    "priority",
    "status",
    "protection",
    "guards",
    "age_days",
    "url",
    "kind",
    "guardability",
    "done_when",
    "reason",
    "outcome",
    "tickets",
    "opened_on",
    "closed_on",
    "closed_by",
    "evidence",
    "blocked_by",
)
AT_ONCE = 500
HEAD = csv_lines.line(COLUMNS)


def lines(rows: Iterable[Listed], now: datetime, url: str) -> Iterator[str]:
    """A line for each row; `url` is the service's own address. Days are UTC."""
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        blocked = written_blockers.refs([listed.item.id for listed in some])
        for listed in some:
            yield csv_lines.line(_cells(listed, blocked.get(listed.item.id, ()), now, url))


def _cells(listed: Listed, blocked_by: Sequence[str], now: datetime, url: str) -> Iterator[object]:
    item, incident = listed.item, listed.item.incident
    today = now.astimezone(UTC).date()
    yield from (item.ref, item.text, incident.slug, incident.title, incident.occurred_on)
    yield from (" ".join(incident.services), item.category, item.owner, item.team, item.due or "")
    yield "yes" if rules.is_overdue(item.status, item.due, today) else "no"
    yield from (item.priority, item.status, listed.protection, " ".join(guard.slug for guard in item.guards))
    yield rules.age_days(item.opened_at, now, item.closed_at)
    yield f"{url}/incidents/{incident.slug}#{item.ref}"
    yield from (item.kind, item.guardability, item.done_when, item.reason, item.outcome)
    yield from (" ".join(item.tickets), _day(item.opened_at), _day(item.closed_at), item.closed_by)
    yield item.evidence
    yield " ".join(blocked_by)


def _day(instant: datetime | None) -> str:
    return instant.astimezone(UTC).date().isoformat() if instant else ""
