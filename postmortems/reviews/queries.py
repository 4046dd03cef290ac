"""Queries of reviews: of an incident, and all that wait."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import existing, session
from postmortems.incidents.models import Incident
from postmortems.reviews.models import Conflict, Review


def waiting(*, actor: Actor, after: int = 0, limit: int = 50) -> Sequence[Review]:
    """The open reviews behind the id `after`, the oldest first, with their incidents; one query."""
    permissions.require(actor, "incident.read")
    page = (
        select(Review)
        .join(Review.incident)
        .options(contains_eager(Review.incident))
        .where(Review.outcome == "", Review.id > after)
    )
    return list(session().scalars(page.order_by(Review.id).limit(min(limit, limits.PAGE))))


def of(incident: Incident, *, only_open: bool = False, after: int = 0, limit: int = 50) -> Sequence[Review]:
    """The incident's reviews, oldest first."""
    mine = select(Review).where(Review.incident_id == incident.id, Review.id > after)
    if only_open:
        mine = mine.where(Review.outcome == "")
    return list(session().scalars(mine.order_by(Review.id).limit(min(limit, limits.PAGE))))


def one(incident: Incident, review_id: int) -> Review:
    """A review of the incident, with what it is about. Raises `NotFound`."""
    wanted = select(Review).where(Review.id == review_id, Review.incident_id == incident.id)
    return existing(
        wanted.options(selectinload(Review.conflict)), f"{incident.slug} has no review {review_id}"
    )


def open_conflict(incident_id: int, name: str) -> Review | None:
    """The open review about the file of that name, if there is one."""
    about = (
        select(Review)
        .join(Conflict)
        .where(Review.incident_id == incident_id, Review.outcome == "", Conflict.name == name)
        .options(selectinload(Review.conflict))
    )
    return session().scalars(about.limit(1)).one_or_none()


def in_conflict(incident_ids: Sequence[int]) -> set[int]:
    """Which of the incidents have an open conflict; one query."""
    found = select(Review.incident_id).join(Conflict)
    found = found.where(Review.incident_id.in_(incident_ids), Review.outcome == "")
    return set(session().scalars(found))
