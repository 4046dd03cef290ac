"""Queries of recent GitLab requests, for the settings page."""

from __future__ import annotations

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.gitlab.models import GitlabRequest

LATEST = 20


def latest() -> list[GitlabRequest]:
    """The newest questions, what had to be left unanswered among them."""
    newest = select(GitlabRequest).order_by(GitlabRequest.asked_at.desc(), GitlabRequest.about)
    return list(session().scalars(newest.limit(LATEST)))
