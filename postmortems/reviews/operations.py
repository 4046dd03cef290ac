"""Opens and closes reviews. The answer is applied by `exchange.resolve_conflict`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict as Clash
from postmortems.incidents.models import Incident
from postmortems.reviews import queries
from postmortems.reviews.models import Conflict, Review


@dataclass(frozen=True, slots=True)
class Edits:
    """The two edits of a conflict, as Markdown, and the file that one of them is."""

    origin: str
    name: str
    content: bytes
    in_file: str
    stored: str
    merged: str
    version: int
    service: str = ""
    timezone: str = ""

    @property
    def where(self) -> str:
        return f"{self.name} in {self.origin}" if self.origin else f"{self.name}, which was imported,"


def open_conflict(incident: Incident, edits: Edits, *, actor: Actor) -> Review:
    """Ask for somebody to bring two edits together; one review a file, whatever it says by now."""
    permissions.require(actor, "incident.save")
    digest = hashlib.sha256(edits.content).hexdigest()
    review = queries.open_conflict(incident.id, edits.name)
    is_new = review is None
    if review is None:
        review = Review(
            incident_id=incident.id,
            kind="conflict",
            summary=f"{edits.where} and this incident were edited in the same lines",
            opened_by=actor.name,
            opened_at=clock.now(),
        )
        review.conflict = Conflict(sha256="")
        session().add(review)
    conflict = review.conflict
    assert conflict is not None
    if (conflict.sha256, conflict.version) == (digest, edits.version):
        return review
    conflict.origin, conflict.name, conflict.content = edits.origin, edits.name, edits.content
    conflict.sha256, conflict.version = digest, edits.version
    conflict.in_file, conflict.stored, conflict.merged = edits.in_file, edits.stored, edits.merged
    conflict.service, conflict.timezone = edits.service, edits.timezone
    session().flush()
    if is_new:
        audit.record(
            actor, "review.opened", "incident", incident.slug, review=review.id, kind=review.kind,
            name=edits.name[-200:], origin=edits.origin[-200:], version=edits.version,
        )  # fmt: skip
    return review


def close(review: Review, outcome: str, *, actor: Actor) -> Review:
    """Note that a review is answered (`merged`), or that nobody has to any more (`settled`)."""
    permissions.require(actor, "incident.save")
    if not review.is_open:
        raise Clash(f"this review was closed by {review.closed_by} already")
    review.outcome, review.closed_by, review.closed_at = outcome, actor.name, clock.now()
    session().flush()
    audit.record(actor, "review.closed", "incident", review.incident.slug, review=review.id, outcome=outcome)
    return review
