"""Reviews of deployments on GitHub: asks the gate, comments, approves or rejects waiting jobs.

Each is a message of the outbox, so it is lent, survives a kill, and is tried until GitHub has our answer. A
job whose environment is no target of ours is refused and told so: one that waits for ever says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from postmortems import clock
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Refused, Unreachable
from postmortems.gate import ci_questions
from postmortems.gate.ci_questions import Answer
from postmortems.gate.decisions import redaction
from postmortems.github import apps, client, messages
from postmortems.github.client import App
from postmortems.github.models import GithubRequest
from postmortems.notify import retry_schedule
from postmortems.notify.retry_schedule import Failed, Lent, Outcome
from postmortems.vault.runtime import Runtime

# How often a job that has to wait is looked at again.
LOOK_AGAIN = timedelta(seconds=30)
# GitHub takes ten reports without a decision for a job; one is kept for the end.
MOST_REPORTS = 9
CLAIMS = ("repository", "repository_id", "environment", "sha", "run_id", "ref")
APPROVED, REJECTED = "approved", "rejected"


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
    asked = job.asked
    if _state(job.answer) and datetime.fromisoformat(job.answer["valid_until"]) > clock.now():
        return job.answer, ""
    claims = {name: asked[name] for name in CLAIMS}
    about = {"run_id": asked["run_id"], "asked_by": asked["actor"]}
    return ci_questions.answered("github", job.target, claims, **about, runtime=runtime)


def _state(answer: Answer) -> str:
    """What GitHub is told; "" while nothing is decided."""
    return ci_questions.state(answer, APPROVED, REJECTED)


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
