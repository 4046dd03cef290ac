"""Resolves a conflict between an incident and its file, as a person decided."""

from __future__ import annotations

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.document.markdown import parser
from postmortems.errors import Conflict, Invalid
from postmortems.exchange.git_sync import tracked_files
from postmortems.exchange.imports import apply
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.reviews import operations, queries
from postmortems.reviews.models import Review

HERE, FILE, TEXT = "here", "file", "text"


def answer(
    slug: str, review_id: int, take: str, *, text: str = "", version: int | None, actor: Actor
) -> Review:
    """Take what is stored (`here`), what the file says (`file`), or a `text`; the next sync writes it back.

    `version` is the one that was looked at. Raises `Stale` where somebody saved since, `Conflict` where the
    review is closed, `Invalid` for a text that cannot be stored.
    """
    permissions.require(actor, "incident.save")
    # Not with the application: what speaks git takes memory that few processes ever need.
    from postmortems.exchange.git import commit

    incident = incidents.for_saving(slug)
    review = queries.one(incident, review_id)
    conflict = review.conflict
    if conflict is None or not review.is_open:
        raise Conflict(f"this review was closed by {review.closed_by} already")
    if take not in (HERE, FILE, TEXT):
        raise Invalid(f"is one of {HERE}, {FILE}, {TEXT}", "/take")
    if take == TEXT and not text.strip():
        raise Invalid("write what the incident is to say", "/text")
    wanted = conflict.in_file if take == FILE else text
    document = rows.to_document(incident) if take == HERE else parser.parse(wanted)
    message = f"Brought together with {conflict.name}"
    saved = save_incident.save(slug, document, version=version, actor=actor, message=message)
    apply.take_in(saved, conflict.name, conflict.content, conflict.service, conflict.timezone, actor=actor)
    tracked_files.taken_in(conflict.name, saved, commit.blob_id(conflict.content))
    return operations.close(review, "merged", actor=actor)
