"""The open process fixes by name: one row each, as JSON and in the groups that a reader chooses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from postmortems.followup import rules
from postmortems.followup.filters import NO_SERVICE
from postmortems.followup.queries import Listed

# By the word in the address: how the page offers it.
GROUPINGS = {
    "none": "Not grouped",
    "service": "Service",
    "owner": "Owner",
    "incident": "Incident",
    "age": "Age",
}


@dataclass(frozen=True, slots=True)
class Grouped:
    """Rows that belong together, in the order of the list; `name` is "" where none is named."""

    name: str
    rows: tuple[Listed, ...]


def grouped(rows: Sequence[Listed], by: str, now: datetime, service: str = "") -> tuple[Grouped, ...]:
    """The rows under one of `GROUPINGS`: named groups by name, ages from the youngest, what names none last.

    A fix whose incident hit two services stands under both, as it counts under both; under one alone where
    the report is of that one `service`.
    """
    if by == "none":
        return (Grouped("", tuple(rows)),) if rows else ()
    found: dict[str, list[Listed]] = {}
    spelled: dict[str, str] = {}
    for row in rows:
        for name in _names(row, by, now, service):
            # One owner in several spellings is one.
            same = spelled.setdefault(row.item.owner_key, name) if by == "owner" else name
            found.setdefault(same, []).append(row)
    ages = [label for label, _, _ in rules.AGES]

    def place(name: str) -> tuple[bool, int, str, str]:
        return not name, ages.index(name) if by == "age" else 0, name.casefold(), name

    return tuple(Grouped(name, tuple(found[name])) for name in sorted(found, key=place))


def _names(row: Listed, by: str, now: datetime, service: str) -> Sequence[str]:
    incident = row.item.incident
    if by == "service":
        wanted = service.partition("/")[0]
        hit = dict.fromkeys(name.partition("/")[0] for name in incident.services)
        return [name for name in hit if wanted in {"", NO_SERVICE, name}] or [""]
    if by == "owner":
        return [row.item.owner]
    if by == "incident":
        return [incident.title or incident.slug]
    return [rules.age_label(rules.age_days(row.item.opened_at, now))]


def to_json(listed: Listed, now: datetime, url: str) -> dict[str, Any]:
    """A row of the report's `items`; `url` is the service's own address. Days are days in UTC."""
    item, incident = listed.item, listed.item.incident
    return {
        "ref": item.ref,
        "text": item.text,
        "incident": {
            "slug": incident.slug,
            "title": incident.title,
            "url": f"{url}/incidents/{incident.slug}",
        },
        "services": list(incident.services),
        "owner": item.owner,
        "team": item.team,
        "due": item.due.isoformat() if item.due else None,
        "overdue": rules.is_overdue(item.status, item.due, now.astimezone(UTC).date()),
        "age_days": rules.age_days(item.opened_at, now),
        "status": item.status,
        "protection": listed.protection,
        "guards": [guard.slug for guard in item.guards],
        "url": f"{url}/action-items/{item.ref}",
    }
