"""Asks for reviews, approves, skips a report, and keeps what is not approved from being published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.document.json_form import fields
from postmortems.document.model import Document
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.approvals import queries, rules
from postmortems.incidents.approvals.models import Approval, PublishRule, ReviewRequest, SkippedReport
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions
from postmortems.incidents.templates import queries as templates
from postmortems.incidents.templates.template import is_same

MOST_REVIEWERS, LONGEST_REASON = 20, 1_000


def ask(slug: str, reviewers: Sequence[str], *, actor: Actor) -> Incident:
    """Ask these accounts to review the report, and nobody else any more.

    Raises `Invalid` with pointers such as `/reviewers/0` for who has no account, may not see the incident, or
    asks themselves; `Conflict` where there is nothing to review: published, or skipped.
    """
    permissions.require_anywhere(actor, "incident.save")
    incident = incidents.for_saving(slug)
    team_rights.require(actor, "incident.save", incident)
    _refuse_unless_draft(incident)
    names = list(dict.fromkeys(name.strip().removeprefix("@") for name in reviewers))
    _refuse_reviewers(names, incident, actor)
    known = {request.reviewer: request for request in queries.requests(incident)}
    for name in known.keys() - set(names):
        session().delete(known[name])
    now = clock.now()
    for name in names:
        if name not in known:
            asked = ReviewRequest(incident_id=incident.id, reviewer=name, asked_by=actor.name, asked_at=now)
            session().add(asked)
    session().flush()
    if set(names) != known.keys():
        verb = "review.requested" if names else "review.withdrawn"
        audit.record(actor, verb, "incident", slug, reviewers=names, version=incident.version)
    return incident


def approve(slug: str, *, actor: Actor, version: int | None = None) -> Incident:
    """Approve the report as it is now, in one's own name; `version` is the one that was looked at.

    Raises `NotAllowed` for who is not asked or wrote the newest version, `Conflict` where another one was
    saved since `version`.
    """
    permissions.require(actor, "review.approve")
    incident = incidents.for_saving(slug)
    _refuse_unless_draft(incident)
    if version not in (None, incident.version):
        raise Conflict(
            f"version {incident.version} was saved since you looked at {version}: look at it first"
        )
    if actor.name not in {request.reviewer for request in queries.requests(incident)}:
        raise NotAllowed("you are not asked to review this report: its authors can ask you on its page")
    if incidents.revision(incident, incident.version).author == actor.name:
        raise NotAllowed(f"you saved version {incident.version} yourself: somebody else has to approve it")
    approval = session().get(Approval, (incident.id, actor.name))
    if approval is None:
        approval = Approval(incident_id=incident.id, name=actor.name)
        session().add(approval)
    approval.version, approval.at = incident.version, clock.now()
    approval.digest = rules.digest(rows.to_document(incident))
    session().flush()
    audit.record(actor, "review.approved", "incident", slug, version=incident.version)
    return incident


def withdraw(slug: str, *, actor: Actor) -> Incident:
    """Take one's own approval back. Raises `NotFound` where there is none."""
    permissions.require(actor, "review.approve")
    incident = incidents.for_saving(slug)
    approval = session().get(Approval, (incident.id, actor.name))
    if approval is None:
        raise NotFound(f"you have not approved {slug}")
    session().delete(approval)
    session().flush()
    audit.record(actor, "review.approval_withdrawn", "incident", slug, version=approval.version)
    return incident


def skip(slug: str, reason: str, *, actor: Actor) -> Incident:
    """Say that no report will be written, and why. Raises `Invalid` without a reason."""
    permissions.require_anywhere(actor, "incident.save")
    incident = incidents.for_saving(slug)
    team_rights.require(actor, "incident.save", incident)
    if incident.status == "published":
        raise Conflict("the report is published: make it a draft again first")
    try:
        said = fields.line(reason, most=LONGEST_REASON)
    except fields.Wrong as wrong:
        raise Invalid([Problem("/reason", problem.detail) for problem in wrong.problems]) from None
    if not said:
        raise Invalid("say why no report will be written", "/reason")
    skipped = queries.skipped(incident) or SkippedReport(incident_id=incident.id)
    skipped.reason, skipped.by, skipped.at = said, actor.name, clock.now()
    session().add(skipped)
    session().flush()
    audit.record(actor, "incident.skipped", "incident", slug, reason=said)
    return incident


def take_up(slug: str, *, actor: Actor) -> Incident:
    """Say that the report will be written after all. Raises `NotFound` where nobody skipped it."""
    permissions.require_anywhere(actor, "incident.save")
    incident = incidents.for_saving(slug)
    team_rights.require(actor, "incident.save", incident)
    skipped = queries.skipped(incident)
    if skipped is None:
        raise NotFound(f"the report of {slug} is not skipped")
    session().delete(skipped)
    session().flush()
    audit.record(actor, "incident.taken_up", "incident", slug)
    return incident


def set_rule(
    severity: str,
    *,
    approvals: int,
    due_days: int | None,
    actor: Actor,
    required_fields: Sequence[str] | None = None,
    required_sections: Sequence[str] | None = None,
) -> None:
    """Say what incidents of a severity ask for before they are published. Raises `NotFound`, `Invalid`.

    What is required stays as it is where that is None.
    """
    permissions.require(actor, "publish_rule.edit")
    if severity not in rules.DEFAULTS:
        raise NotFound(f"there is no severity {severity!r}")
    if not 0 <= approvals <= rules.MOST_APPROVALS:
        raise Invalid(f"must be 0 to {rules.MOST_APPROVALS}", "/approvals")
    if due_days is not None and not 0 <= due_days <= rules.LONGEST_DUE_DAYS:
        raise Invalid(f"must be 0 to {rules.LONGEST_DUE_DAYS:,}, or nothing for never", "/due_days")
    row = session().get(PublishRule, severity) or PublishRule(severity=severity)
    row.approvals, row.due_days = approvals, due_days
    if required_fields is not None:
        row.required_fields = _fields(required_fields)
    if required_sections is not None:
        row.required_sections = _sections(required_sections, severity)
    session().add(row)
    session().flush()
    audit.record(
        actor,
        "publish_rule.changed",
        "publish_rule",
        severity or "none",
        approvals=approvals,
        due_days=due_days,
        required_fields=row.required_fields,
        required_sections=row.required_sections,
    )


def _fields(names: Sequence[str]) -> list[str]:
    for place, name in enumerate(names):
        if name not in rules.FIELDS:
            told = f"{name[:40]!r} cannot be required: {', '.join(rules.FIELDS)} can"
            raise Invalid(told, f"/required_fields/{place}")
    return list(dict.fromkeys(names))


def _sections(headings: Sequence[str], severity: str) -> list[str]:
    """Headings that a template of the severity has: an author must be able to find them."""
    if len(headings) > rules.MOST_REQUIRED:
        raise Invalid(f"more than {rules.MOST_REQUIRED} sections", "/required_sections")
    offered = [each.heading for one in templates.fitting(severity, None) for each in one.sections]
    for place, wanted in enumerate(headings):
        if not any(is_same(heading, wanted) for heading in offered):
            known = ", ".join(dict.fromkeys(offered))
            told = f"no template for this severity has a section {wanted[:100]!r}: they have {known}"
            raise Invalid(told, f"/required_sections/{place}")
    return list(dict.fromkeys(headings))


def refuse_unapproved(severities: Iterable[str], document: Document, incident: Incident | None) -> None:
    """Raise `Invalid` where the text about to be published lacks what its severity asks for, or approvals."""
    severities = tuple(severities)
    known = queries.publish_rules()
    if lacking := queries.lacking(document, *severities, known=known):
        raise Invalid(lacking)
    needed = max((known[each].approvals for each in severities if each in known), default=0)
    if not needed:
        return
    given = queries.approvals(incident) if incident is not None else ()
    problem = rules.missing(needed, [each.digest for each in given], rules.digest(document))
    if problem is not None:
        raise Invalid([problem])


def end(incident: Incident) -> None:
    """Note that the report is published: nobody is asked any more, and it is not skipped."""
    for table in (ReviewRequest, SkippedReport):
        session().execute(delete(table).where(table.incident_id == incident.id))


def _refuse_unless_draft(incident: Incident) -> None:
    if incident.status == "published":
        raise Conflict("the report is published: make it a draft again to have it reviewed")
    if queries.skipped(incident) is not None:
        raise Conflict("no report is to be written: take it up again to have it reviewed")


def _refuse_reviewers(names: Sequence[str], incident: Incident, actor: Actor) -> None:
    if len(names) > MOST_REVIEWERS:
        raise Invalid(f"more than {MOST_REVIEWERS} reviewers", "/reviewers")
    problems = [
        Problem(f"/reviewers/{place}", wrong)
        for place, name in enumerate(names)
        if (wrong := _wrong_with(name, incident, actor))
    ]
    if problems:
        raise Invalid(problems)


def _wrong_with(name: str, incident: Incident, actor: Actor) -> str:
    """Why this account cannot be asked; "" where it can."""
    account = accounts.named(name) if "\0" not in name else None
    if account is None:
        return f"there is no account named {name!r}"
    if not account.is_active:
        return f"the account {name} is switched off"
    if name == actor.name:
        return "you cannot review what you ask others to review: name somebody else"
    if incident.restricted and name not in restrictions.admitted(incident.restricted):
        return f"{name} may not see this incident: add them to those it is shown to first"
    return ""
