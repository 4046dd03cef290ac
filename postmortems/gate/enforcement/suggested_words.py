"""Applies the words that a comment suggests for a part, by the same rules as any save."""

from __future__ import annotations

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.document import part_ids
from postmortems.errors import Conflict, Invalid
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.comments import operations, part_words, queries
from postmortems.incidents.comments.models import Comment
from postmortems.incidents.items import team_rights


def apply(slug: str, comment_id: int, *, actor: Actor) -> Comment:
    """Put the suggested words in their part's place and resolve the thread.

    Raises `NotFound`, `Invalid` where the comment suggests nothing or the words may not stand there, and
    `Conflict` where the suggestion was applied already, or the part says something else by now.
    """
    permissions.require_anywhere(actor, "incident.save")
    incident = incidents.for_saving(slug)
    team_rights.require(actor, "incident.save", incident)
    comment = queries.one(incident, comment_id)
    document = rows.to_document(incident)
    parts = part_ids.by_id(document)
    state = queries.remark(comment, parts).suggestion_state
    if comment.suggestion is None:
        raise Invalid("this comment suggests no other words")
    if state == "applied":
        raise Conflict(f"this suggestion was applied in version {comment.applied_version}")
    if state == "stale":
        what = "says something else by now" if comment.part in parts else "was removed"
        raise Conflict(f"the part {what}: look at both, and edit it by hand")
    part_words.refuse_more(document, comment.part, comment.suggestion)
    after = part_words.replaced(document, comment.part, comment.suggestion)
    message = f"Apply what {comment.author} suggested"
    saved = save_incident.save(slug, after, version=incident.version, actor=actor, message=message)
    comment.applied_version = saved.version
    session().flush()
    audit.record(
        actor, "comment.applied", "incident", slug,
        comment=comment.id, part=comment.part, version=saved.version, author=comment.author,
    )  # fmt: skip
    first = queries.first_of(incident, comment)
    if first.resolved_at is None:
        operations.close(first, incident, is_resolved=True, actor=actor)
    return comment
