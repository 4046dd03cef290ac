"""Many action items, stored quickly."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert

from postmortems import clock
from postmortems.db.session import session
from postmortems.document.model import ITEM_KINDS, ITEM_STATUSES
from postmortems.followup.rules import CLOSED
from postmortems.gate.models import ItemProtection
from postmortems.incidents.models import ActionItem, Affected, Incident
from postmortems.incidents.models import Section as SectionRow

PROTECTIONS = ("unguarded", "proven", "guarded")


def many(count: int) -> None:
    """Items of one incident, quickly."""
    now = clock.now()
    incident = Incident(slug="many", created_at=now, saved_at=now, occurred_on=now.date())
    incident.sections = [SectionRow(position=0, heading="", role="action_items")]
    incident.sections[0].items = [
        ActionItem(
            number=number + 1,
            incident=incident,
            position=number,
            text="x",
            opened_at=now - timedelta(days=number),
            due=date(2026, 1, 1) + timedelta(days=number % 50),
        )
        for number in range(count)
    ]
    session().add(incident)


def varied(count: int) -> None:
    """Items of many incidents, of all statuses, kinds and owners, with a due date and without one."""
    now = clock.now()
    incidents: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        own = number // 4 + 1
        if number == 1 or number % 4 == 0:
            incidents.append({"id": own, "slug": f"x-{own}", "status": "draft", "occurred_on": now.date()})
        items.append(
            {
                "id": number,
                "number": number,
                "incident_id": own,
                "section_id": own,
                "position": number,
                "text": f"item {number}",
                "status": ITEM_STATUSES[number % 5],
                "kind": ITEM_KINDS[number % 6],
                "priority": ("", "", "P0", "P1", "", "P2", "")[number % 7],
                "owner": ("@kim", "", "sam")[number % 3],
                "owner_key": ("kim", "", "sam")[number % 3],
                "due": None if number % 11 == 0 else date(2026, 1, 1) + timedelta(days=number * 7 % 50),
                "opened_at": now - timedelta(days=number % 400),
                "closed_at": now if ITEM_STATUSES[number % 5] in CLOSED else None,
                "reopened_at": now if number % 13 == 0 else None,
            }
        )
    for row in incidents:
        services = [f"service-{row['id'] % 3}"] if row["id"] % 3 else []
        row |= {"created_at": now, "saved_at": now, "version": 1, "services": services}
    sections = [{"id": row["id"], "incident_id": row["id"], "position": 0, "role": ""} for row in incidents]
    hit = [
        {"incident_id": row["id"], "service": service, "target": ""}
        for row in incidents
        for service in row["services"]
    ]
    known = [{"item_id": row["id"], "protection": PROTECTIONS[row["id"] % 3], "since": now} for row in items]
    for table, rows in (
        (Incident, incidents),
        (SectionRow, sections),
        (Affected, hit),
        (ActionItem, items),
        (ItemProtection, known),
    ):
        session().execute(insert(table), rows)
