"""Decisions as commit statuses on GitHub.

A status belongs to a commit, a decision to a commit, a target and a time: its description says when it was
made, and one that was not good is asked again for a day, as windows open and evidence comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from postmortems import clock
from postmortems.actor import Actor
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Refused, Unreachable
from postmortems.formats.payloads import SHA
from postmortems.gate.decisions import ask
from postmortems.gate.models import Decision
from postmortems.github import apps, client, messages
from postmortems.github.models import GithubEnvironment, GithubStatus
from postmortems.notify import outbox
from postmortems.notify.retry_schedule import Failed, Lent, Outcome
from postmortems.vault.runtime import Runtime

CHANNEL = "github-status"
# How far back decisions are looked for: one may be committed a little later than its time says.
BACK = timedelta(minutes=5)
AGAIN, FOLLOWED_FOR = timedelta(minutes=5), timedelta(hours=24)
AT_ONCE = 200
ASKED = ("service", "target", "declared_target", "artifact", "change_kind", "resolves", "run", "actor")
GATE = Actor.system("github")


def work(now: datetime, runtime: Runtime) -> None:
    """Put to commits what was decided since, and ask again about what was not good."""
    with db.reading():
        is_wanted = bool(_wanting())
    if is_wanted:
        with db.transaction():
            put_new(now)
        follow(now, runtime)


def _wanting() -> dict[str, list[GithubEnvironment]]:
    """By target, the environments whose commits get statuses."""
    found: dict[str, list[GithubEnvironment]] = {}
    for environment in apps.environments():
        if environment.posts_statuses:
            found.setdefault(environment.target, []).append(environment)
    return found


def put_new(now: datetime) -> int:
    """Put a status into the outbox for each new decision about a commit; returns how many."""
    environments = _wanting()
    lately = select(Decision).where(
        Decision.target.in_(environments), Decision.is_dry_run.is_(False), Decision.asked_at > now - BACK
    )
    count = 0
    for decision in session().scalars(lately.order_by(Decision.id.desc()).limit(AT_ONCE)).all()[::-1]:
        for environment in environments[decision.target]:
            count += _put(environment, decision.request, decision.answer, now)
    return count


def follow(now: datetime, runtime: Runtime) -> int:
    """Ask again, without consequence, about commits whose status is not good; returns how many changed."""
    waiting = select(GithubStatus).where(
        GithubStatus.state != "success",
        GithubStatus.checked_at < now - AGAIN,
        GithubStatus.decided_at > now - FOLLOWED_FOR,
    )
    with db.reading():
        rows = session().scalars(waiting.order_by(GithubStatus.checked_at).limit(20)).all()
    changed = 0
    for row in rows:
        answer = ask.ask({**row.asked, "dry_run": True}, actor=GATE, runtime=runtime)
        with db.transaction():
            current = session().get(GithubStatus, (row.environment_id, row.sha))
            environment = session().get(GithubEnvironment, row.environment_id)
            if current is None or environment is None:
                continue
            current.checked_at = now
            if messages.STATES[answer["decision"]] != current.state:
                changed += _put(environment, row.asked, answer, now)
    return changed


def _put(
    environment: GithubEnvironment, request: Mapping[str, Any], answer: Mapping[str, Any], now: datetime
) -> int:
    sha = request["artifact"]["sha"]
    if not SHA.fullmatch(sha):
        return 0
    state = messages.STATES[answer["decision"]]
    payload = {
        "environment": environment.id,
        "sha": sha,
        "status": {
            "state": state,
            "description": messages.description(answer),
            "context": f"postmortem/gate/{environment.target}",
            "target_url": f"{Settings.from_env().url}/gate/{answer['id']}",
        },
    }
    about = f"{answer['id']}:{environment.id}"
    if outbox.put(CHANNEL, environment.repository_id, about, payload, now) is None:
        return 0
    asked = {name: request[name] for name in ASKED if name in request}
    decided_at = datetime.fromisoformat(answer["evaluated_at"])
    session().merge(
        GithubStatus(
            environment_id=environment.id,
            sha=sha,
            state=state,
            decision_id=answer["id"],
            asked=asked,
            decided_at=decided_at,
            checked_at=now,
        )
    )
    session().flush()
    return 1


def send(lent: Lent, runtime: Runtime) -> Outcome:
    """Put the status to its commit."""
    with db.reading():
        app = apps.current()
        environment = session().get(GithubEnvironment, lent.payload["environment"])
        if app is None or environment is None:
            return Outcome(False, "there is no such App or environment here any more", is_final=True)
        us = apps.value(app, runtime.vault)
        asked = {
            "repository": environment.repository,
            "repository_id": environment.repository_id,
            "installation_id": environment.installation_id,
            "sha": lent.payload["sha"],
        }
    try:
        if not asked["installation_id"]:
            asked["installation_id"] = client.installation(
                us, asked["repository"], now=clock.now(), egress=runtime.egress
            )
        client.post_status(us, asked, lent.payload["status"], now=clock.now(), egress=runtime.egress)
    except Failed as failed:
        return Outcome(False, failed.told, failed.status, is_final=failed.is_final)
    except (Refused, Unreachable) as trouble:
        return Outcome(False, str(trouble))
    return Outcome(True, status=201)


def noted(lent: Lent, outcome: Outcome, now: datetime) -> None:
    """Nothing more: the outbox has it."""
