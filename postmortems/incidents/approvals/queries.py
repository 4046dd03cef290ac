"""Queries of reviews before publishing: of one incident, of a list of them, and what is asked of somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import contains_eager

from postmortems import clock, limits
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.document.model import Document
from postmortems.errors import Problem
from postmortems.incidents.approvals import conditions, rules
from postmortems.incidents.approvals.models import Approval, PublishRule, ReviewRequest, SkippedReport
from postmortems.incidents.approvals.rules import Given, Rule
from postmortems.incidents.models import Incident

SAID = PreparedQuery(
    select(
        PublishRule.severity,
        PublishRule.approvals,
        PublishRule.due_days,
        PublishRule.required_fields,
        PublishRule.required_sections,
    )
)


@dataclass(frozen=True, slots=True)
class Review:
    """Where a report stands on its way to being published."""

    state: str
    version: int
    due_on: date | None
    is_overdue: bool
    approvals_needed: int
    reviewers: tuple[ReviewRequest, ...]
    approvals: tuple[Given, ...]
    skipped: SkippedReport | None

    @property
    def approvals_current(self) -> int:
        """How many approvals are of the text as it is now."""
        return sum(1 for each in self.approvals if each.is_current)


def publish_rules() -> dict[str, Rule]:
    """By severity, what is asked for: what an admin said, else the defaults."""
    said = {row.severity: _rule(row) for row in _said()}
    return {severity: said.get(severity, default) for severity, default in rules.DEFAULTS.items()}


def _rule(row: Any) -> Rule:
    required = tuple(row.required_fields), tuple(row.required_sections)
    return Rule(row.severity, row.approvals, row.due_days, *required)


def lacking(document: Document, *severities: str, known: Mapping[str, Rule] | None = None) -> list[Problem]:
    """What the report lacks before it may be published, by the rules of its severity and of these ones.

    `known` is what `publish_rules` gave, where somebody has asked.
    """
    known = publish_rules() if known is None else known
    asked = dict.fromkeys((document.severity, *severities))
    found = [wrong for each in asked if each in known for wrong in rules.lacking(known[each], document)]
    return list(dict.fromkeys(found))


def _said() -> Sequence[Any]:
    return SAID.rows({})


def requests(incident: Incident) -> tuple[ReviewRequest, ...]:
    """Who is asked to review the incident's report, by name."""
    asked = select(ReviewRequest).where(ReviewRequest.incident_id == incident.id)
    return tuple(session().scalars(asked.order_by(ReviewRequest.reviewer)))


def approvals(incident: Incident) -> tuple[Approval, ...]:
    """The newest approval of each who ever gave one, by name."""
    given = select(Approval).where(Approval.incident_id == incident.id)
    return tuple(session().scalars(given.order_by(Approval.name)))


def skipped(incident: Incident) -> SkippedReport | None:
    """That its report is skipped, and why."""
    return session().get(SkippedReport, incident.id)


# What `review` reads of an incident.
TABLES = frozenset({"approvals", "review_requests", "skipped_reports"})


def review(incident: Incident, document: Document, *, is_known: bool = True) -> Review:
    """Where the incident's report stands; `document` is what is stored.

    Not `is_known`: none of `TABLES` has anything of it, so they are not asked.
    """
    rule = publish_rules().get(incident.severity, rules.DEFAULTS[""])
    is_draft, given = incident.status == "draft" and is_known, approvals(incident) if is_known else ()
    # What ended with publishing is not looked for.
    asked, skip = (requests(incident), skipped(incident)) if is_draft else ((), None)
    now = rules.digest(document) if given else ""
    state, due = _state(incident, bool(asked), skip is not None), rules.due_on(incident.occurred_on, rule)
    return Review(
        state=state,
        version=incident.version,
        due_on=due,
        is_overdue=rules.is_overdue(state, due, clock.now().date()),
        approvals_needed=rule.approvals,
        reviewers=asked,
        approvals=tuple(_given(each, now, incident.version) for each in given),
        skipped=skip,
    )


def _given(approval: Approval, now: str, version: int) -> Given:
    is_current = approval.digest == now
    since = 0 if is_current else version - approval.version
    return Given(approval.name, approval.version, approval.at, is_current, since)


IDS: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
# Put together once, for every save and every page.
IN_REVIEW = (
    select(ReviewRequest.incident_id).where(ReviewRequest.incident_id.in_(IDS)).select_from(ReviewRequest)
)
SKIPPED = (
    select(SkippedReport.incident_id).where(SkippedReport.incident_id.in_(IDS)).select_from(SkippedReport)
)


def states(incidents: Sequence[Incident]) -> dict[int, str]:
    """By incident id, the state that its report is in. Two queries, and none where all are published."""
    drafts = [incident.id for incident in incidents if incident.status != "published"]
    in_review: set[int] = set()
    skips: set[int] = set()
    if drafts:
        in_review = set(session().scalars(IN_REVIEW, {"ids": drafts}))
        skips = set(session().scalars(SKIPPED, {"ids": drafts}))
    return {each.id: _state(each, each.id in in_review, each.id in skips) for each in incidents}


def _state(incident: Incident, is_in_review: bool, is_skipped: bool) -> str:
    return rules.state(
        incident.status,
        was_published=incident.published_at is not None,
        is_in_review=is_in_review,
        is_skipped=is_skipped,
    )


def asked_of(name: str, limit: int = limits.PAGE) -> list[ReviewRequest]:
    """The reviews that are asked of somebody, the oldest first, without those of a version they approved."""
    approved = select(Approval.name).where(
        Approval.incident_id == ReviewRequest.incident_id,
        Approval.name == name,
        Approval.version == Incident.version,
    )
    asked = (
        select(ReviewRequest)
        .join(ReviewRequest.incident)
        .options(contains_eager(ReviewRequest.incident))
        .where(ReviewRequest.reviewer == name, ~approved.exists(), conditions.AWAITED)
    )
    return list(session().scalars(asked.order_by(ReviewRequest.asked_at).limit(limit)))
