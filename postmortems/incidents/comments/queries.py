"""Queries of comments: a page of them, threads beside what they are about, and counts by part."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from postmortems import limits
from postmortems.db.session import existing, session
from postmortems.document import part_ids
from postmortems.document.model import Document
from postmortems.incidents.comments import part_words
from postmortems.incidents.comments.models import Comment
from postmortems.incidents.models import Incident

# An incident with more than that has its report written in the comments.
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment with what can be said of it beside the document as it is now."""

    comment: Comment
    # Its part was there and is not any more.
    is_on_removed: bool
    # "" without a suggestion, else open, applied, or stale: the part says something else by now.
    suggestion_state: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment, and the replies to it in their order. `label` says what it is about."""

    first: Remark
    replies: tuple[Remark, ...]
    label: str

    @property
    def is_open(self) -> bool:
        return self.first.comment.resolved_at is None


def of(
    incident: Incident, *, part: str | None = None, after: int = 0, limit: int = limits.PAGE
) -> Sequence[Comment]:
    """The incident's comments behind the id `after`, the oldest first; of one `part` alone, or of all."""
    page = select(Comment).where(Comment.incident_id == incident.id, Comment.id > after)
    if part is not None:
        page = page.where(Comment.part == part)
    return list(session().scalars(page.order_by(Comment.id).limit(min(limit, MOST))))


def one(incident: Incident, comment_id: int, *, also_deleted: bool = False) -> Comment:
    """A comment of the incident, as it is now. Raises `NotFound`."""
    wanted = select(Comment).where(Comment.id == comment_id, Comment.incident_id == incident.id)
    if not also_deleted:
        wanted = wanted.where(Comment.deleted_at.is_(None))
    return existing(
        wanted.execution_options(populate_existing=True), f"{incident.slug} has no comment {comment_id}"
    )


def first_of(incident: Incident, comment: Comment) -> Comment:
    """The first comment of its thread, also where that one was deleted."""
    return comment if comment.reply_to is None else one(incident, comment.reply_to, also_deleted=True)


def count(incident: Incident) -> int:
    """How many comments the incident has, also deleted ones."""
    counted = select(func.count()).select_from(Comment).where(Comment.incident_id == incident.id)
    return session().scalar(counted) or 0


def remark(comment: Comment, parts: Mapping[str, part_words.Part]) -> Remark:
    """The comment beside the parts that there are now, by id."""
    part = parts.get(comment.part)
    state = ""
    if comment.applied_version is not None:
        state = "applied"
    elif comment.suggestion is not None:
        state = "open" if part and part_words.quoted(part) == comment.quoted else "stale"
    return Remark(comment, bool(comment.part) and part is None, state)


def threads(incident: Incident, document: Document, part: str | None = None) -> list[Thread]:
    """The incident's threads in the document's order: first about the whole, last about removed parts.

    Of one `part` alone, or of all.
    """
    parts = part_ids.by_id(document)
    order = {part: place for place, (part, _) in enumerate(part_words.labels(document), 1)} | {"": 0}
    replies: dict[int, list[Remark]] = {}
    firsts = []
    for comment in of(incident, part=part, limit=MOST):
        told = remark(comment, parts)
        if comment.reply_to is None:
            firsts.append(told)
        else:
            replies.setdefault(comment.reply_to, []).append(told)
    firsts.sort(key=lambda told: (order.get(told.comment.part, len(order)), told.comment.id))
    made = [Thread(first, tuple(replies.get(first.comment.id, ())), _label(first, parts)) for first in firsts]
    return [each for each in made if each.replies or each.first.comment.deleted_at is None]


def _label(first: Remark, parts: Mapping[str, part_words.Part]) -> str:
    part = parts.get(first.comment.part)
    if part is not None:
        return part_words.label(part)
    return "A part that was removed" if first.comment.part else "The whole postmortem"


def remembered(incident: Incident, but: Collection[str]) -> dict[str, str]:
    """By what they said, the ids of parts that were commented on, the newest last; without those in `but`."""
    told = select(Comment.quoted, Comment.part).where(Comment.incident_id == incident.id, Comment.part != "")
    pairs = session().execute(told.order_by(Comment.id).limit(MOST))
    return {quoted: part for quoted, part in pairs if quoted.strip() and part not in but}


def open_counts(found: Sequence[Thread]) -> dict[str, int]:
    """By part, how many comments its open threads have."""
    counts: dict[str, int] = {}
    for thread in found:
        if thread.is_open:
            said = [each for each in (thread.first, *thread.replies) if each.comment.deleted_at is None]
            counts[thread.first.comment.part] = counts.get(thread.first.comment.part, 0) + len(said)
    return counts
