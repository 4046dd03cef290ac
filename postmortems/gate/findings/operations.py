"""Opens and closes findings: deploys without a decision, and guards that were not evaluated.

A finding counts against every item whose guards cover that target, for 30 days or until a person closes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.gate.models import Decision, Finding
from postmortems.gate.verdicts import decision_table
from postmortems.gate.verdicts.judge import GuardResult
from postmortems.guards.judgement import SKEW
from postmortems.guards.models import Evidence, Guard
from postmortems.incidents.page_keys import Page, fetched

# A deploy that is reported when it is over began on a decision that has expired meanwhile.
DEPLOY_TAKES = timedelta(days=1)
# The same thing, seen again within this time, is one finding.
SAME_WITHIN = timedelta(days=1)
LONGEST_REASON = 2000
GATE = Actor.system("gate")


def of_deploy(deploy: Evidence, covering: Iterable[Guard]) -> Finding | None:
    """The finding that a deploy event is, if an enforcing guard stood there and no decision let it pass.

    A rollback is a cure, and an event from before the guards stood there speaks against none of them.
    """
    if deploy.target is None or deploy.result == "rolled_back":
        return None
    enforcing = [guard for guard in covering if guard.level in decision_table.ENFORCING]
    if not any(guard.created_at <= deploy.observed_at for guard in enforcing):
        return None
    why = _without_decision(deploy)
    if not why:
        return None
    artifact = deploy.subject or deploy.sha
    summary = f"{artifact[:24]} was deployed to {deploy.target.full_name} without a decision: {why}"
    return _add(
        "bypass", deploy.observed_at, deploy.target.full_name, summary, artifact=artifact[:200],
        decision_id=deploy.decision_id,
    )  # fmt: skip


def of_decision(
    decision_id: str, decision: str, results: Iterable[GuardResult], target: str
) -> list[Finding]:
    """The findings in a real decision: enforcing guards that were not evaluated and let the deploy pass."""
    erred = [result for result in results if result.judgement.verdict == "error"]
    passed = [result for result in erred if _let_pass(result)]
    if not passed or decision_table.DECISIONS.index(decision) > decision_table.DECISIONS.index(
        "allow_with_warnings"
    ):
        return []
    now = clock.now()
    findings = [
        _add(
            "allowed_on_error",
            now,
            target,
            f"{result.guard.slug} could not be evaluated and let a deploy to {target} pass: "
            f"{result.judgement.summary}",
            guard=result.guard.slug,
            decision_id=decision_id,
        )
        for result in passed
    ]
    return [finding for finding in findings if finding is not None]


def settle(finding_id: int, reason: str, *, actor: Actor) -> Finding:
    """Say what was done about it: from then on it counts against nothing. Raises `Invalid`, `Conflict`."""
    permissions.require(actor, "finding.settle")
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise Invalid(f"say in up to {LONGEST_REASON:,} characters what was done about it", "/reason")
    finding = session().scalars(select(Finding).where(Finding.id == finding_id).with_for_update()).first()
    if finding is None:
        raise NotFound(f"there is no finding {finding_id}")
    if finding.settled_at is not None:
        raise Conflict(f"{finding.settled_by} has settled it already")
    finding.settled_at, finding.settled_by, finding.reason = clock.now(), actor.name, reason.strip()
    session().flush()
    audit.record(actor, "finding.settled", "finding", str(finding.id), reason=finding.reason)
    return finding


def page(*, is_open: bool = True, target: str = "", after: str = "", limit: int = 50) -> Page[Finding]:
    """Findings, newest first; `after` is the id that the page before ended with."""
    wanted = select(Finding).where(
        Finding.settled_at.is_(None) if is_open else Finding.settled_at.is_not(None)
    )
    if target:
        wanted = wanted.where(Finding.target == target)
    if after.isdecimal():
        wanted = wanted.where(Finding.id < int(after[:18]))
    return fetched(wanted.order_by(Finding.id.desc()), limit, lambda row: str(row.id))


def of_guard(slug: str, targets: Collection[str], limit: int = 5) -> list[Finding]:
    """The newest open findings about a guard or about the targets that it covers."""
    about = or_(Finding.guard == slug, and_(Finding.guard == "", Finding.target.in_(targets)))
    wanted = select(Finding).where(Finding.settled_at.is_(None), about)
    return list(session().scalars(wanted.order_by(Finding.id.desc()).limit(limit)))


def newest_open(targets: Collection[str], since: datetime) -> list[Finding]:
    """The newest finding of each sort, target and guard that is open and seen since then."""
    newest = select(func.max(Finding.id)).where(
        Finding.target.in_(targets), Finding.settled_at.is_(None), Finding.at > since
    )
    newest = newest.group_by(Finding.kind, Finding.target, Finding.guard)
    return list(session().scalars(select(Finding).where(Finding.id.in_(newest)).order_by(Finding.id.desc())))


def _let_pass(result: GuardResult) -> bool:
    is_enforcing = result.guard.level in decision_table.ENFORCING
    return is_enforcing and result.effective == "allow_with_warnings"


def _without_decision(deploy: Evidence) -> str:
    """Why no decision let this deploy pass; "" when one did. One that never could is taken off already."""
    decision = session().get(Decision, deploy.decision_id) if deploy.decision_id else None
    if decision is None or decision.valid_until is None:
        return str(next(iter(deploy.data.get("warnings", ())), "none was named"))
    if deploy.observed_at < decision.evaluated_at - SKEW:
        return f"{decision.id} is younger than the deploy"
    slack = SKEW if deploy.result == "started" else DEPLOY_TAKES
    return f"{decision.id} held no longer" if deploy.observed_at > decision.valid_until + slack else ""


def _add(
    kind: str,
    at: datetime,
    target: str,
    summary: str,
    *,
    guard: str = "",
    artifact: str = "",
    decision_id: str = "",
) -> Finding | None:
    """Keep a finding; None where the same was found within the day."""
    same = select(Finding.id).where(
        Finding.kind == kind,
        Finding.target == target,
        Finding.guard == guard,
        Finding.artifact == artifact,
        Finding.at > at - SAME_WITHIN,
    )
    if session().scalar(same.limit(1)) is not None:
        return None
    finding = Finding(
        kind=kind,
        at=at,
        target=target,
        guard=guard,
        artifact=artifact,
        decision_id=decision_id,
        summary=summary,
    )
    insert(finding)
    audit.record(GATE, "finding.made", "finding", str(finding.id), kind=kind, target=target, summary=summary)
    return finding
