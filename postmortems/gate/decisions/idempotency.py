"""Idempotency of decisions: a request that is sent again gets the same decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.prepared import PreparedQuery
from postmortems.errors import Busy, Invalid
from postmortems.gate.decisions import late_verdicts, redaction
from postmortems.gate.decisions.answer import DecisionAnswer
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.models import Claim, Decision
from postmortems.gate.verdicts import decision_table

OF_KEY = PreparedQuery(
    select(
        Decision.id,
        Decision.decision,
        Decision.is_dry_run,
        Decision.evaluated_at,
        Decision.valid_until,
        Decision.used_at,
        Decision.request_hash,
        Decision.answer,
    ).where(Decision.asked_by == bindparam("asked_by"), Decision.idempotency_key == bindparam("key"))
)
CLAIM = insert(Claim.__table__)  # type: ignore[arg-type]
# A look takes 25 s at most; who holds a claim longer is dead.
CLAIMED_FOR = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Key:
    """Under which key an answer is kept. One that we made says only that the same run asks the same again."""

    text: str | None = None
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier decision of the same caller."""

    id: str
    decision: str
    is_dry_run: bool
    evaluated_at: datetime
    valid_until: datetime | None
    is_used: bool
    answer: DecisionAnswer

    @property
    def waits(self) -> bool:
        return self.decision == "wait" and not self.is_dry_run

    def stands(self, key: Key, now: datetime) -> bool:
        """Whether it still answers the same request: neither waiting, used up nor expired."""
        if self.waits or self.is_used or self.valid_until is None or now >= self.valid_until:
            return False
        return not key.is_ours or self.decision in decision_table.LETS_THROUGH


def earlier(request: DeployRequest, actor: Actor, key: Key) -> Earlier | None:
    """What this caller was answered under the key. Raises `Invalid` when that was another request."""
    if key.text is None:
        return None
    rows = OF_KEY.rows({"asked_by": actor.name, "key": key.text})
    if not rows:
        return None
    row = rows[0]
    if row.request_hash != request.fingerprint:
        raise Invalid("this Idempotency-Key was used for another request; use a new key for a new question")
    return _earlier(row, row.answer)


def waiting(decision_id: str) -> Earlier | None:
    """The decision as it is now, with late verdicts; None where there is none."""
    row = db.session().get(Decision, decision_id)
    return None if row is None else _earlier(row, late_verdicts.with_late_verdicts(row.answer))


def request_of(decision_id: str) -> DeployRequest | None:
    """What was asked for when the decision was made."""
    stored = db.session().scalar(select(Decision.request).where(Decision.id == decision_id))
    return None if stored is None else DeployRequest.of(stored)


def _earlier(row: Any, answer: dict[str, Any]) -> Earlier:
    return Earlier(
        row.id,
        row.decision,
        row.is_dry_run,
        row.evaluated_at,
        row.valid_until,
        row.used_at is not None,
        DecisionAnswer.of(redaction.withheld(answer)),
    )


def claim(actor: Actor, key: Key, now: datetime) -> None:
    """Say that this request is being answered. Raises `Busy` while another process or thread does that."""
    if key.text is None:
        return
    held = select(Claim.ends_at).where(Claim.asked_by == actor.name, Claim.idempotency_key == key.text)
    ends_at = db.session().scalar(held)
    if ends_at is not None and ends_at > now:
        raise Busy("this very request is being answered; ask again in a moment", retry_after_s=2)
    give_up(actor, key)
    row = {"asked_by": actor.name, "idempotency_key": key.text, "ends_at": now + CLAIMED_FOR}
    db.connection().execute(CLAIM, row)


def give_up(actor: Actor, key: Key) -> None:
    """Release the claim: the request is answered, or will not be."""
    if key.text is None:
        return
    mine = delete(Claim).where(Claim.asked_by == actor.name, Claim.idempotency_key == key.text)
    db.connection().execute(mine)
