"""Old reports that come in are history: all of it is on record, and nobody is told of it as news.

A team that brings ten years of reports would otherwise have each of them announced. What is as young as
`NEWS_FOR` is announced, as some teams write their reports in git. So is what an old one changes elsewhere.
"""

from __future__ import annotations

from datetime import timedelta

from postmortems import clock
from postmortems.audit import operations as audit
from postmortems.document.model import Document
from postmortems.document.times import timeline_times
from postmortems.incidents.models import Incident

NEWS_FOR = timedelta(days=30)


def keep_quiet(incident: Incident, document: Document, name: str, *, since: int) -> None:
    """Let nobody be told that an old report, or one without a date, came in: of what is recorded `since`."""
    day = timeline_times.incident_date(document, name)
    if day is not None and day >= (clock.now() - NEWS_FOR).date():
        return
    items = [("item", item.ref) for item in incident.items]
    its_own = [("incident", incident.slug), ("import", name[-audit.LONGEST_SUBJECT :]), *items]
    audit.tell_nobody(its_own, since=since)
