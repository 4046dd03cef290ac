"""Open process fixes by name, as rows and in groups. Pure."""

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
    called: dict[str, str] = {}
    for row in rows:
        for key, name in _groups_of(row, by, now, service):
            called.setdefault(key, name)
            found.setdefault(key, []).append(row)
    ages = [label for label, _, _ in rules.AGES]

    def place(key: str) -> tuple[bool, int, str, str]:
        return not key, ages.index(key) if by == "age" else 0, called[key].casefold(), key

    return tuple(Grouped(called[key], tuple(found[key])) for key in sorted(found, key=place))


def _groups_of(row: Listed, by: str, now: datetime, service: str) -> Sequence[tuple[str, str]]:
    """What tells each of its groups from others, and what that is called."""
    incident = row.item.incident
    if by == "service":
        wanted = service.partition("/")[0]
        hit = dict.fromkeys(name.partition("/")[0] for name in incident.services)
        return [(name, name) for name in hit if wanted in {"", NO_SERVICE, name}] or [("", "")]
    if by == "owner":
        # One owner in several spellings is one.
        return [(row.item.owner_key, row.item.owner)]
    if by == "incident":
        # Two incidents may have one title.
        return [(incident.slug, incident.title or incident.slug)]
    label = rules.age_label(rules.age_days(row.item.opened_at, now))
    return [(label, label)]


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
