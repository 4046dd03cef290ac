"""A service as an entity of Backstage's catalogue. Pure.

The shape is that of @backstage/catalog-model 1.10.3: a Component of backstage.io/v1alpha1, what is ours under
`spec.postmortems`. Names are 1 to 63 letters of ASCII and digits in runs with one of `-_.` between them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from postmortems.followup import rules
from postmortems.followup.queries import Listed
from postmortems.guards.services.known_services import KnownService
from postmortems.incidents.models import Incident
from postmortems.reports.services.counts import Counts

API_VERSION, KIND, NAMESPACE = "backstage.io/v1alpha1", "Component", "default"
# The annotation by which a catalog-info.yaml says which of our services it is.
ANNOTATION = "postmortems/service"
LONGEST_NAME = 63
NAME = re.compile(r"[A-Za-z0-9]+(?:[-_.]+[A-Za-z0-9]+)*")
MARK = 8
# Backstage asks for both, and where nobody has said it we know neither.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a service: the newest incidents, and what is open, soonest due first."""

    service: KnownService
    counts: Counts
    incidents: Sequence[Incident]
    items: Sequence[Listed]
    badge: str


def of(told: Told, url: str, today: date) -> dict[str, Any]:
    """The entity, as `EntitySchema` dumps it; `url` is the service's own address."""
    service = told.service
    page = f"{url}/services/{quote(service.name, safe='')}"
    links = [
        {"url": page, "title": "Postmortems of this service", "icon": "dashboard"},
        {"url": _list(url, "/action-items", service), "title": "Action items", "icon": "alert"},
        {"url": _list(url, "/incidents", service), "title": "Incidents", "icon": "docs"},
    ]
    owner = f"group:{NAMESPACE}/{name_of(service.team)}" if service.team else ""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "namespace": NAMESPACE,
            "name": name_of(service.name),
            "title": service.title or service.name,
            "annotations": {ANNOTATION: service.name},
            "links": links,
        },
        "spec": {
            "type": "service",
            "lifecycle": UNKNOWN,
            "owner": owner or UNKNOWN,
            "postmortems": _ours(told, url, today),
        },
        "relations": [{"type": "ownedBy", "targetRef": owner}] if owner else [],
    }


def name_of(name: str) -> str:
    """The name that a catalogue takes: as it is, or what is left of it with a mark of its own behind."""
    if len(name) <= LONGEST_NAME and NAME.fullmatch(name):
        return name
    left = "-".join(re.findall(r"[A-Za-z0-9]+", name))[: LONGEST_NAME - MARK - 1].strip("-")
    mark = hashlib.sha256(name.encode()).hexdigest()[:MARK]
    return f"{left}-{mark}" if left else mark


def _list(url: str, path: str, service: KnownService) -> str:
    return f"{url}{path}?{urlencode({'service': service.name})}"


def _ours(told: Told, url: str, today: date) -> dict[str, Any]:
    service = told.service
    return {
        "service": service.name,
        "registered": service.is_registered,
        "targets": [target.name for target in service.targets] or list(service.named),
        "counts": asdict(told.counts),
        "badge": told.badge,
        "incidents": [_incident(incident, url) for incident in told.incidents],
        "incidents_url": _list(url, "/api/v1/incidents", service),
        "action_items": [_item(listed, url, today) for listed in told.items],
        "action_items_url": _list(url, "/api/v1/action-items", service),
    }


def _incident(incident: Incident, url: str) -> dict[str, Any]:
    return {
        "slug": incident.slug,
        "title": incident.title or incident.slug,
        "occurred_on": incident.occurred_on,
        "severity": incident.severity,
        "status": incident.status,
        "url": f"{url}/incidents/{incident.slug}",
    }


def _item(listed: Listed, url: str, today: date) -> dict[str, Any]:
    item = listed.item
    return {
        "id": item.ref,
        "text": item.text,
        "status": item.status,
        "owner": item.owner,
        "due": item.due,
        "overdue": rules.is_overdue(item.status, item.due, today),
        "protection": listed.protection,
        "incident": item.incident.slug,
        "url": f"{url}/action-items/{item.ref}",
    }
