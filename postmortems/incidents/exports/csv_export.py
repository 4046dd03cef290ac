"""Incidents as CSV, one line each, without their documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from postmortems.formats import csv_lines
from postmortems.incidents.models import Incident

COLUMNS = (
    "slug",
    "title",
    "date",
    "severity",
    "status",
    "services",
    "tags",
    "open_items",
    "items",
    "version",
    "created_by",
    "created_at",
    "saved_at",
    "published_at",
    "url",
)
HEAD = csv_lines.line(COLUMNS)


def lines(rows: Iterable[Incident], counts: dict[int, tuple[int, int]], url: str) -> Iterator[str]:
    """A line for each incident.

    `counts` is what `queries.item_counts` tells of them, `url` the service's own address; instants are UTC.
    """
    for incident in rows:
        open_items, items = counts.get(incident.id, (0, 0))
        yield csv_lines.line(
            (
                *(incident.slug, incident.title, incident.occurred_on, incident.severity, incident.status),
                *(" ".join(incident.services), " ".join(incident.tags), open_items, items),
                *(incident.version, incident.created_by, _instant(incident.created_at)),
                *(_instant(incident.saved_at), _instant(incident.published_at)),
                f"{url}/incidents/{incident.slug}",
            )
        )


def _instant(instant: datetime | None) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else ""
