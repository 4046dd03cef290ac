"""Reviews of merge requests and deployments on GitLab: asks the gate, comments, approves or rejects.

Each is a message of the outbox, so it is lent, survives a kill, and is tried until GitLab has our answer.
What is not open yet is looked at again: often at first, then every few minutes, for a day. Only an answer of
the gate lets anything through; whatever goes wrong with us does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from postmortems import clock
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Refused, Unreachable
from postmortems.gate import ci_questions
from postmortems.gate.ci_questions import Answer
from postmortems.gitlab import client, mappings, messages, servers
from postmortems.gitlab.client import Server
from postmortems.gitlab.models import GitlabRequest
from postmortems.gitlab.webhooks import NOT_MAPPED
from postmortems.notify import retry_schedule
from postmortems.notify.models import Message
from postmortems.notify.retry_schedule import Failed, Lent, Outcome
from postmortems.vault.encryption import Vault
from postmortems.vault.runtime import Runtime

LOOK_AGAIN, OFTEN_FOR = timedelta(seconds=30), timedelta(minutes=30)
LATER, FOLLOWED_FOR = timedelta(minutes=5), timedelta(hours=24)
# GitLab lets a check that is pending for two minutes fail; ours says so first, to be the one that changes it.
PENDING_FOR = timedelta(seconds=90)
PASSED, FAILED, PENDING = "passed", "failed", "pending"
APPROVED, REJECTED = "approved", "rejected"


@dataclass(frozen=True, slots=True)
class Job:
    """What waits, as a value: what GitLab asked, which target that is ("" for none), and what it was told."""

    about: str
    server: Server
    kind: str
    project_id: str
    number: str
    check_id: str
    sha: str
    asked: Mapping[str, str]
    target: str
    said: str
    asked_at: datetime


def send(lent: Lent, runtime: Runtime) -> Outcome:
    """Answer one question as far as it can be answered now."""
    with db.reading():
        row = session().get(GitlabRequest, lent.about)
        if row is None:
            return Outcome(False, "this GitLab is answered no longer", is_final=True)
        if row.ended_at is not None:
            return Outcome(True)
        try:
            job = _job(row, runtime.vault)
        except Refused as gone:
            # The key that the token was encrypted with.
            return retry_schedule.again(lent, gone)
    try:
        return _check(job, runtime) if job.kind == "check" else _deployment(job, runtime)
    except Failed as failed:
        if failed.status == client.MOVED_ON and job.kind == "check":
            _keep(job, trouble="the branch has a newer commit", is_over=True)
            return Outcome(True, status=failed.status)
        return retry_schedule.again(lent, failed)
    except (Refused, Unreachable) as trouble:
        return retry_schedule.again(lent, trouble)


def noted(lent: Lent, outcome: Outcome, now: datetime) -> None:
    """Show what GitLab answered to us; what was given up is over."""
    row, message = session().get(GitlabRequest, lent.about), session().get(Message, lent.id)
    if row is None or message is None or not outcome.trouble:
        return
    row.trouble = outcome.trouble
    if message.state == "dead" and row.ended_at is None:
        row.ended_at = now


def _job(row: GitlabRequest, vault: Vault) -> Job:
    return Job(
        about=row.about,
        server=servers.value(row.server, vault),
        kind=row.kind,
        project_id=row.project_id,
        number=row.number,
        check_id=row.check_id,
        sha=row.sha,
        asked=dict(row.asked),
        target=mappings.target(row.server_id, row.project_id, row.asked),
        said=row.said,
        asked_at=row.asked_at,
    )


def _check(job: Job, runtime: Runtime) -> Outcome:
    """Say of a merge request's commit how things stand, where GitLab does not know it yet."""
    # A merge is no deploy: it uses up no override, and no later deploy counts as asked about by it.
    answer, trouble = _ask(job, job.asked, job.sha, {"dry_run": True}, runtime)
    state = ci_questions.state(answer, PASSED, FAILED)
    if not job.target:
        state = FAILED
    elif not state:
        is_young = clock.now() - job.asked_at < PENDING_FOR
        state = PENDING if is_young and job.said != FAILED else FAILED
    if state != job.said:
        client.respond(job.server, job.project_id, job.number, job.check_id, job.sha, state, runtime.egress)
    _keep(job, answer, trouble, said=state, is_over=state == PASSED)
    return Outcome(True, status=201) if state == PASSED else _later(job)


def _deployment(job: Job, runtime: Runtime) -> Outcome:
    """Approve a deployment or reject it; while it has to wait, it waits as it is."""
    if not job.target:
        _keep(job, trouble=NOT_MAPPED, is_over=True)
        return Outcome(True)
    found = client.deployment(job.server, job.project_id, job.number, runtime.egress)
    if found["status"] != "blocked" or found["environment"] != job.asked["environment"]:
        _keep(job, trouble=f"it is {found['status']} in {found['environment']}", is_over=True)
        return Outcome(True)
    answer, trouble = _ask(job, {**job.asked, **found}, found["sha"], {}, runtime)
    state = ci_questions.state(answer, APPROVED, REJECTED)
    if not state:
        _keep(job, answer, trouble)
        return _later(job)
    comment = messages.comment(answer, Settings.from_env().url)
    client.approve(job.server, job.project_id, job.number, state, comment, runtime.egress)
    _keep(job, answer, said=state, is_over=True)
    return Outcome(True, status=201)


def _later(job: Job) -> Outcome:
    """Look again, less often with time, and not for ever."""
    age = clock.now() - job.asked_at
    if age >= FOLLOWED_FOR:
        _keep(job, trouble="it was not let through within a day", is_over=True)
        return Outcome(True)
    return Outcome(False, goes_on_in=LOOK_AGAIN if age < OFTEN_FOR else LATER)


def _ask(
    job: Job, asked: Mapping[str, str], sha: str, more: Mapping[str, Any], runtime: Runtime
) -> tuple[Answer, str]:
    """The gate's answer, or what keeps it from one."""
    if not job.target:
        return {}, NOT_MAPPED
    claims = {name: asked[name] for name in ("project", "branch", "environment", "ref") if asked.get(name)}
    return ci_questions.answered(
        "gitlab",
        job.target,
        {**claims, "project_id": job.project_id, "sha": sha},
        run_id=f"{job.kind}:{job.project_id}:{job.number}",
        asked_by=asked.get("actor", ""),
        runtime=runtime,
        in_trouble="the gate could not answer: ",
        **more,
    )


def _keep(
    job: Job, answer: Answer | None = None, trouble: str = "", *, said: str = "", is_over: bool = False
) -> None:
    """Remember the gate's answer, and what GitLab was told."""
    with db.transaction():
        row = session().get(GitlabRequest, job.about)
        if row is None:
            return
        row.target, row.trouble = job.target, trouble
        if answer is not None:
            row.answer = dict(answer)
        if said:
            row.said = said
        if is_over:
            row.ended_at = clock.now()
