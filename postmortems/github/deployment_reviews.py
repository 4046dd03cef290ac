"""Reviews of deployments on GitHub: asks the gate, comments, approves or rejects waiting jobs.

Each is a message of the outbox, so it is lent, survives a kill, and is tried until GitHub has our answer. A
job whose environment is no target of ours is refused and told so: one that waits for ever says nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from postmortems import clock
from postmortems.actor import Actor
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Refused, Unreachable
from postmortems.errors import Refusal
from postmortems.gate.decisions import ask, redaction
from postmortems.github import apps, client, messages
from postmortems.github.client import App
from postmortems.github.models import GithubRequest
from postmortems.notify import retry_schedule
from postmortems.notify.outbox import Lent, Outcome
from postmortems.notify.retry_schedule import Failed
from postmortems.vault.runtime import Runtime

log = logging.getLogger(__name__)

# How often a job that has to wait is looked at again.
LOOK_AGAIN = timedelta(seconds=30)
# GitHub takes ten reports without a decision for a job; one is kept for the end.
MOST_REPORTS = 9
CLAIMS = ("repository", "repository_id", "environment", "sha", "run_id", "ref")
APPROVED, REJECTED = "approved", "rejected"

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A job that waits: what GitHub asked, which target that is ("" for none), and what was said so far."""

    us: App
    asked: Mapping[str, str]
    target: str
    answer: Answer
    said: str
    reports: int


def send(lent: Lent, runtime: Runtime) -> Outcome:
    """Answer one job as far as it can be answered now."""
    with db.reading():
        row, app = session().get(GithubRequest, lent.about), apps.current()
        if row is None or app is None:
            return Outcome(False, "there is no GitHub App here any more", is_final=True)
        if row.decided_at is not None:
            return Outcome(True)
        mapped = apps.environment(row.asked["repository_id"], row.asked["environment"])
        target = mapped.target if mapped else ""
        # It may be said only now, and tell of what was restricted since.
        answer = redaction.withheld(dict(row.answer))
        job = Job(apps.value(app, runtime.vault), dict(row.asked), target, answer, row.said, row.reports)
    return _tell(lent, job, runtime)


def _tell(lent: Lent, job: Job, runtime: Runtime) -> Outcome:
    if job.target:
        answer, trouble = _answer(job, runtime)
        state = _state(answer)
        comment = messages.comment(answer, Settings.from_env().url) if answer else messages.trouble(trouble)
    else:
        answer, state, comment = {}, REJECTED, messages.unmapped(job.asked)
    if not state and (comment == job.said or job.reports >= MOST_REPORTS):
        return Outcome(False, goes_on_in=LOOK_AGAIN)
    try:
        client.decide(job.us, job.asked, state, comment, now=clock.now(), egress=runtime.egress)
    except (Failed, Refused, Unreachable) as failed:
        _keep(lent.about, answer)
        return retry_schedule.again(lent, failed)
    _keep(lent.about, answer, said=comment, decided=state)
    return Outcome(True, status=204) if state else Outcome(False, goes_on_in=LOOK_AGAIN)


def noted(lent: Lent, outcome: Outcome, now: datetime) -> None:
    """Nothing more: what was said is kept when it was said."""


def _answer(job: Job, runtime: Runtime) -> tuple[Answer, str]:
    """The gate's answer, or what keeps it from one. One that still holds is not asked for again."""
    asked, target = job.asked, job.target
    if _state(job.answer) and datetime.fromisoformat(job.answer["valid_until"]) > clock.now():
        return job.answer, ""
    service, _, name = target.partition("/")
    question = {
        "service": service,
        "target": name,
        "declared_target": target,
        "artifact": {"sha": asked["sha"]},
        "run": {"provider": "github", "id": asked["run_id"]},
        "actor": asked["actor"],
    }
    try:
        return ask.ask(question, actor=_actor(target, asked), runtime=runtime), ""
    except Refusal as refusal:
        return {}, refusal.detail
    except Exception as broken:
        # The job must hear that something is wrong with us, rather than nothing.
        log.exception("a job on GitHub could not be answered")
        return {}, type(broken).__name__


def _actor(target: str, asked: Mapping[str, str]) -> Actor:
    """The job as GitHub signed it: bound to the one target that its environment is."""
    claims = {name: asked[name] for name in CLAIMS}
    return Actor(
        kind="ci",
        name="github",
        role="author",
        scopes=frozenset({"gate:read"}),
        bound_target=target,
        claims=claims,
    )


def _state(answer: Answer) -> str:
    """What GitHub is told; "" while nothing is decided."""
    match answer.get("decision"):
        case "allow" | "allow_with_warnings":
            return APPROVED
        case "block":
            return REJECTED
        case _:
            return ""


def _keep(delivery: str, answer: Answer, *, said: str = "", decided: str = "") -> None:
    """Remember the gate's answer, and what GitHub was told."""
    with db.transaction():
        row = session().get(GithubRequest, delivery)
        if row is None:
            return
        row.answer = dict(answer)
        if said:
            row.said = said
            row.reports += 0 if decided else 1
        if decided:
            row.decided_at = clock.now()
