"""Polls GitLab for deployments that wait for approval, as some versions send no event for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import Refused, Unreachable
from postmortems.gitlab import client, servers, webhooks
from postmortems.gitlab.models import GitlabPlace
from postmortems.gitlab.payloads import Asked
from postmortems.notify.retry_schedule import Failed
from postmortems.vault.runtime import Runtime

AGAIN = timedelta(seconds=55)
AT_ONCE = 15


def work(now: datetime, runtime: Runtime) -> int:
    """Take in the blocked deployments of the environments not looked at lately; returns how many are new."""
    with db.reading():
        found = [row.id for row in _due(now)]
    return sum(_look(place_id, now, runtime) for place_id in found)


def _due(now: datetime) -> list[GitlabPlace]:
    due = select(GitlabPlace).where(
        GitlabPlace.kind == "environment",
        or_(GitlabPlace.looked_at.is_(None), GitlabPlace.looked_at <= now - AGAIN),
    )
    longest_ago = due.order_by(GitlabPlace.looked_at.is_not(None), GitlabPlace.looked_at, GitlabPlace.id)
    return list(session().scalars(longest_ago.limit(AT_ONCE)))


def _look(place_id: int, now: datetime, runtime: Runtime) -> int:
    trouble, numbers = "", list[str]()
    try:
        with db.reading():
            place = session().get_one(GitlabPlace, place_id)
            server = servers.value(place.server, runtime.vault)
            project_id, name = place.project_id, place.name
        numbers = client.blocked(server, project_id, name, runtime.egress)
    except Failed as failed:
        trouble = failed.told
    except (Refused, Unreachable) as failed:
        trouble = str(failed)
    with db.transaction():
        row = session().get(GitlabPlace, place_id)
        if row is None:
            return 0
        row.looked_at, row.trouble = now, trouble
        told = {"project": row.project, "environment": row.name}
        taken = [
            webhooks.take(row.server, Asked("deployment", row.project_id, number, told=told), now)
            for number in numbers
        ]
    return taken.count("accepted")
