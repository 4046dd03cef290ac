"""Many action items, stored quickly."""

from __future__ import annotations

from datetime import date, timedelta

from postmortems import clock
from postmortems.db.session import session
from postmortems.incidents.models import ActionItem, Incident
from postmortems.incidents.models import Section as SectionRow


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
