"""Adds, edits, resolves and deletes comments. Applying a suggestion is `gate.enforcement.suggested_words`."""

from __future__ import annotations

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.document import part_ids
from postmortems.document.json_form import fields
from postmortems.errors import Conflict, Invalid, NotAllowed, Problem
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows, search_entries
from postmortems.incidents.comments import part_words, queries
from postmortems.incidents.comments.models import Comment
from postmortems.incidents.items import team_rights
from postmortems.incidents.mentions import operations as mentions
from postmortems.incidents.models import Incident

LONGEST_TEXT = 20_000


# Each change holds the incident, so that of two at once the second sees what the first did: words that were
# deleted do not come back.


def add(
    slug: str,
    text: str,
    *,
    actor: Actor,
    part: str = "",
    reply_to: int | None = None,
    suggestion: str | None = None,
) -> Comment:
    """Say something about an incident, a part of it, or another comment; `suggestion` are words for the part.

    A reply is about what its thread is about, and opens it again. Raises `NotFound`, and `Invalid` with
    pointers such as `/part`.
    """
    permissions.require(actor, "comment.write")
    incident = incidents.for_saving(slug)
    if queries.count(incident) >= queries.MOST:
        raise Conflict(f"this incident has {queries.MOST:,} comments, which is all it can have")
    comment = Comment(incident_id=incident.id, author=actor.name, at=clock.now())
    _say(comment, text, suggestion)
    if reply_to is None:
        _put_at(comment, incident, part)
    else:
        _put_below(comment, incident, reply_to, part, actor)
    session().add(comment)
    session().flush()
    _record("comment.added", comment, incident, actor, reply_to=comment.reply_to)
    mentions.follow_comment(incident, comment.id, "", comment.text, actor=actor)
    return comment


def edit(slug: str, comment_id: int, text: str, *, actor: Actor, suggestion: str | None = None) -> Comment:
    """Change the words of one's own comment; that it was edited shows. Raises `NotFound`, `NotAllowed`."""
    permissions.require(actor, "comment.write")
    incident = incidents.for_saving(slug)
    comment = queries.one(incident, comment_id)
    if comment.author != actor.name:
        raise NotAllowed(f"this is {comment.author}'s comment: only they can change its words")
    if comment.applied_version is not None and suggestion != comment.suggestion:
        raise Conflict(f"the suggestion was applied in version {comment.applied_version}; write another one")
    before = (comment.text, comment.suggestion)
    _say(comment, text, suggestion)
    _refuse_suggestion(comment, incident)
    if before != (comment.text, comment.suggestion):
        comment.edited_at = clock.now()
        session().flush()
        _record("comment.edited", comment, incident, actor)
        mentions.follow_comment(incident, comment.id, before[0], comment.text, actor=actor)
    return comment


def resolve(slug: str, comment_id: int, *, is_resolved: bool, actor: Actor) -> Comment:
    """Close a thread, or open it again: whoever edits the incident may, and who began the thread."""
    permissions.require(actor, "comment.write")
    incident = incidents.for_saving(slug)
    comment = queries.one(incident, comment_id, also_deleted=True)
    if comment.reply_to is not None:
        raise Invalid("a reply is resolved with its thread: resolve the comment that it answers", "/resolved")
    if comment.author != actor.name:
        team_rights.require(actor, "incident.save", incident)
    if is_resolved != (comment.resolved_at is not None):
        close(comment, incident, is_resolved=is_resolved, actor=actor)
    return comment


def close(comment: Comment, incident: Incident, *, is_resolved: bool, actor: Actor) -> None:
    """Note that a thread is resolved, or is not any more; whoever calls has asked whether the actor may."""
    comment.resolved_at = clock.now() if is_resolved else None
    comment.resolved_by = actor.name if is_resolved else ""
    session().flush()
    _record("comment.resolved" if is_resolved else "comment.reopened", comment, incident, actor)


def delete(slug: str, comment_id: int, *, actor: Actor) -> None:
    """Take a comment's words away: its author may, and an admin. That it was there, and who did it, stays."""
    permissions.require(actor, "comment.write")
    incident = incidents.for_saving(slug)
    comment = queries.one(incident, comment_id)
    if comment.author != actor.name and not team_rights.may(actor, "incident.delete", incident):
        raise NotAllowed(f"this is {comment.author}'s comment: only they or an admin can delete it")
    mentions.follow_comment(incident, comment.id, comment.text, "", actor=actor)
    comment.text, comment.suggestion, comment.quoted = "", None, ""
    comment.deleted_at, comment.deleted_by = clock.now(), actor.name
    session().flush()
    _record("comment.deleted", comment, incident, actor, author=comment.author)


def _say(comment: Comment, text: str, suggestion: str | None) -> None:
    comment.text = _checked(text, "/text")
    comment.suggestion = None if suggestion is None else _checked(suggestion, "/suggestion")
    if not comment.text and comment.suggestion is None:
        raise Invalid("write something first", "/text")


def _put_at(comment: Comment, incident: Incident, part: str) -> None:
    comment.part = part
    if part:
        found = _parts(incident).get(part)
        if found is None:
            raise Invalid(
                "is no part of this incident: take the `id` of a section or block from its JSON, or leave it "
                "out for the whole",
                "/part",
            )
        comment.quoted = part_words.quoted(found)
    _refuse_suggestion(comment, incident)


def _put_below(comment: Comment, incident: Incident, reply_to: int, part: str, actor: Actor) -> None:
    first = queries.first_of(incident, queries.one(incident, reply_to, also_deleted=True))
    if part and part != first.part:
        raise Invalid("a reply is about what its thread is about: leave the part out", "/part")
    # What the thread is about may be gone, and people still speak of it.
    found = _parts(incident).get(first.part) if first.part else None
    comment.reply_to, comment.part = first.id, first.part
    comment.quoted = part_words.quoted(found) if found else ""
    _refuse_suggestion(comment, incident)
    if first.resolved_at is not None:
        close(first, incident, is_resolved=False, actor=actor)


def _parts(incident: Incident) -> dict[str, part_words.Part]:
    return part_ids.by_id(rows.to_document(incident))


def _refuse_suggestion(comment: Comment, incident: Incident) -> None:
    if comment.suggestion is None:
        return
    if not comment.part:
        raise Invalid("a suggestion replaces the words of a part: say which", "/suggestion")
    document = rows.to_document(incident)
    if comment.part in part_ids.by_id(document):
        part_words.refuse_more(document, comment.part, comment.suggestion)


def _checked(text: str, pointer: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"longer than {LONGEST_TEXT:,} characters; the rest belongs in the report", pointer)
    try:
        return fields.text(text)
    except fields.Wrong as wrong:
        raise Invalid([Problem(pointer, problem.detail) for problem in wrong.problems]) from None


def _record(verb: str, comment: Comment, incident: Incident, actor: Actor, **more: object) -> None:
    # Not its words: whoever deletes them wants them gone.
    audit.record(actor, verb, "incident", incident.slug, comment=comment.id, part=comment.part, **more)
    search_entries.touch(incident)
