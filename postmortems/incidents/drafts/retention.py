"""Retention of drafts: removes what is old, has ended, or is of somebody who may not see it any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, or_, select

from postmortems import visibility
from postmortems.accounts.models import User
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.models import Admitted

KEPT_FOR = timedelta(days=90)
# What a browser sends late comes within this.
KNOWN_FOR = timedelta(days=1)
BATCH = 200


def remove(now: datetime) -> int:
    """Remove what is due; returns how many drafts went."""
    count = 0
    while removed := _batch(now):
        count += removed
    return count


def _batch(now: datetime) -> int:
    is_old = or_(Draft.saved_at < now - KEPT_FOR, Draft.ended_at < now - KNOWN_FOR)
    is_off = User.is_active.is_(False)
    its = Admitted.incident_id == Draft.incident_id
    is_shown = exists().where(
        its, Admitted.name == User.name, or_(Admitted.until.is_(None), Admitted.until > now)
    )
    is_hidden = and_(exists().where(its), ~is_shown)
    due = select(Draft.id).join(User).where(or_(is_old, is_off, is_hidden)).limit(BATCH)
    with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
        ids = list(session().scalars(due))
        session().execute(delete(Draft).where(Draft.id.in_(ids)))
    return len(ids)
