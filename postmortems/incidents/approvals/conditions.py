"""Conditions by which lists of incidents are narrowed to a state of their reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from postmortems.incidents.approvals.models import ReviewRequest, SkippedReport
from postmortems.incidents.approvals.rules import LISTS, STATES, Rule
from postmortems.incidents.models import ActionItem, Entry, Incident, Prose, Section

IN_REVIEW = exists(select(ReviewRequest.reviewer).where(ReviewRequest.incident_id == Incident.id))
SKIPPED = exists(select(SkippedReport.by).where(SkippedReport.incident_id == Incident.id))
AWAITED = and_(Incident.status == "draft", ~SKIPPED)
WRITTEN = or_(
    exists(select(Prose.id).join(Section).where(Section.incident_id == Incident.id)),
    exists(select(Entry.id).join(Section).where(Section.incident_id == Incident.id)),
    exists(select(ActionItem.id).where(ActionItem.incident_id == Incident.id)),
)
CONDITIONS: dict[str, ColumnElement[bool]] = {
    "draft": and_(AWAITED, ~IN_REVIEW, Incident.published_at.is_(None)),
    "in_review": and_(AWAITED, IN_REVIEW),
    "published": Incident.status == "published",
    "reopened": and_(AWAITED, ~IN_REVIEW, Incident.published_at.is_not(None)),
    "skipped": and_(Incident.status == "draft", SKIPPED),
    "unwritten": and_(AWAITED, ~WRITTEN),
}


def in_state(state: str, rules: Mapping[str, Rule], today: date) -> ColumnElement[bool]:
    """That an incident's report is in this state, one of `STATES` or `LISTS`; nothing is in another one."""
    if state not in (*STATES, *LISTS):
        return false()
    return and_(AWAITED, _late(rules, today)) if state == "overdue" else CONDITIONS[state]


def _late(rules: Mapping[str, Rule], today: date) -> ColumnElement[bool]:
    late = []
    for severity, rule in rules.items():
        if rule.due_days is not None and rule.due_days < (today - date.min).days:
            due = Incident.occurred_on < today - timedelta(days=rule.due_days)
            late.append(and_(Incident.severity == severity, due))
    return or_(false(), *late)
