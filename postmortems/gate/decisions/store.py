"""Stores a decision: each guard's verdict, and the answer exactly as given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Executable, bindparam, insert, update

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.prepared import PreparedInsert, Same
from postmortems.formats.json_text import Dumped
from postmortems.gate.decisions.answer import DecisionAnswer
from postmortems.gate.decisions.idempotency import Earlier
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.models import Decision, Waiver
from postmortems.gate.verdicts import decision_table, kept_passes, repeated
from postmortems.gate.verdicts.judge import GuardResult
from postmortems.guards.judgement import Question
from postmortems.guards.models import Evaluation, Evidence

# Put together once; that takes longer than running them.
DECISION = PreparedInsert(
    Decision,
    *("id", "service", "target", "artifact", "decision", "is_dry_run", "is_demo", "asked_by", "asked_at"),
    *("evaluated_at", "valid_until", "idempotency_key", "request_hash", "request", "answer"),
    returning=[repeated.LAST_SAID],
)
EVALUATION = PreparedInsert(
    Evaluation,
    *("guard_id", "guard_slug", "guard_revision", "decision_id", "purpose", "target", "at", "level"),
    *("verdict", "reason_code", "summary", "observed", "expected", "checked_at"),
    by_json=True,
)
OBSERVATION = insert(Evidence.__table__)  # type: ignore[arg-type]
AGAIN = (
    update(Decision)
    .where(
        Decision.id == bindparam("is_id"),
        Decision.decision == "wait",
        Decision.evaluated_at == bindparam("was_at"),
    )
    .values(
        decision=bindparam("decided"),
        evaluated_at=bindparam("now_at"),
        valid_until=bindparam("until"),
        answer=bindparam("answer_text"),
    )
)
FREE_KEY = update(Decision).where(Decision.id == bindparam("is_id")).values(idempotency_key=None)


class Overtaken(Exception):
    """Another process changed the decision, or used up its override, at the same moment."""


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """An answer and what is stored with it; `key` is the idempotency key it is kept under."""

    answer: DecisionAnswer
    question: Question
    actor: Actor
    key: str | None
    now: datetime
    is_demo: bool = False


def decision(request: DeployRequest, record: DecisionRecord) -> str | None:
    """Add the decision; what was said last over its target, if anything (`repeated.LAST_SAID`).

    A key that is taken is noticed here (IntegrityError).
    """
    artifact = record.question.artifact
    row = {
        "id": record.answer.id,
        "service": request.service,
        "target": record.question.target,
        "artifact": artifact.digest or artifact.sha,
        "decision": record.answer.decision,
        "is_dry_run": request.dry_run,
        "is_demo": record.is_demo,
        "asked_by": record.actor.name,
        "asked_at": record.now,
        "evaluated_at": record.question.now,
        "valid_until": record.answer.valid_until,
        "idempotency_key": record.key,
        "request_hash": request.fingerprint if record.key else "",
        "request": request.as_json(),
        "answer": Dumped(record.answer.text),
    }
    said: str | None
    (said,) = DECISION.told(row)
    return said


def decided_again(record: DecisionRecord, before: Earlier) -> None:
    """Replace the answer of a waiting decision. Raises `Overtaken` where somebody else did."""
    values = {
        "is_id": before.id,
        "was_at": before.evaluated_at,
        "decided": record.answer.decision,
        "now_at": record.question.now,
        "until": record.answer.valid_until,
        "answer_text": Dumped(record.answer.text),
    }
    if _changed(AGAIN, values) != 1:
        raise Overtaken


def free_key(decision_id: str) -> None:
    """Take the idempotency key off a decision that is no longer valid, for the next one to use."""
    db.connection().execute(FREE_KEY, {"is_id": decision_id})


def use_overrides(results: Iterable[GuardResult], record: DecisionRecord) -> None:
    """Use up the overrides that let a real deploy through. Raises `Overtaken` when one is used already."""
    if record.answer.is_dry_run or record.answer.decision not in decision_table.LETS_THROUGH:
        return
    used = [one.waiver for one in results if one.waiver is not None and one.waiver.kind == "override"]
    if not used:
        return
    ids = [override.id for override in used]
    mine = update(Waiver).where(Waiver.id.in_(ids), Waiver.used_by == "").values(used_by=record.answer.id)
    if _changed(mine) != len(ids):
        raise Overtaken
    guards = sorted(override.guard for override in used)
    audit.record(record.actor, "decision.override_used", "decision", record.answer.id, guards=guards)
    db.session().flush()


def observation(guard_id: int | None, data: Mapping[str, Any], at: datetime, now: datetime) -> int:
    """Add a guard's probe result as evidence; returns its id."""
    row = {
        "kind": "observation",
        "guard_id": guard_id,
        "observed_at": at,
        "received_at": now,
        "data": dict(data),
    }
    done = db.connection().execute(OBSERVATION, row)
    key = done.inserted_primary_key
    return int(key[0]) if key else 0


def cite(results: Iterable[GuardResult], record: DecisionRecord) -> None:
    """Mark the probe results behind a real decision: they are kept as long as it is."""
    ids = [result.evidence_id for result in results if result.evidence_id is not None]
    if ids and not record.answer.is_dry_run:
        cited = update(Evidence).where(Evidence.id.in_(ids), Evidence.decision_id == "")
        db.connection().execute(cited.values(decision_id=record.answer.id))


def evaluations(
    results: Sequence[GuardResult], question: Question, *, decision_id: str | None, purpose: str
) -> None:
    """Add every guard's verdict, in one statement; `purpose` is decision, dry_run or test."""
    guards = [one.guard for one in results]
    judgements = [kept_passes.at(one, question.now).judgement for one in results]
    columns: dict[str, Sequence[Any] | Same] = {
        "guard_id": [guard.id for guard in guards],
        "guard_slug": [guard.slug for guard in guards],
        "guard_revision": [guard.revision for guard in guards],
        "decision_id": Same(decision_id),
        "purpose": Same(purpose),
        "target": Same(question.target),
        "at": Same(question.now),
        "level": [guard.level for guard in guards],
        "verdict": [one.verdict for one in judgements],
        "reason_code": [one.reason_code for one in judgements],
        "summary": [one.summary for one in judgements],
        "observed": [one.observed for one in judgements],
        "expected": [one.expected for one in judgements],
        "checked_at": [one.checked_at for one in judgements],
    }
    EVALUATION.run_columns(len(results), columns)


def _changed(statement: Executable, values: Mapping[str, Any] | None = None) -> int:
    done = db.connection().execute(statement, values)
    return done.rowcount if isinstance(done, CursorResult) else 0
