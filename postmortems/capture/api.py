"""Notes over HTTP: one timeline entry, appended while the incident runs."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from postmortems.accounts import permissions
from postmortems.capture import operations, schemas
from postmortems.capture.notes import Note
from postmortems.capture.operations import Noted
from postmortems.db import session as db
from postmortems.errors import NotFound
from postmortems.web import downloads
from postmortems.web.auth import current_actor
from postmortems.web.openapi.contract import api_blueprint, contract

blueprint = api_blueprint("capture", "What is noted while an incident runs")

# Stands for the newest draft that whoever asks began: no incident has such a slug.
MINE = "-"


@blueprint.route("/incidents/<slug>/entries", methods=["POST"])
@blueprint.doc(
    parameters=[
        {
            "in": "header",
            "name": "Idempotency-Key",
            "schema": {"type": "string", "maxLength": operations.LONGEST_KEY},
            "description": "the same note under the same key is noted once; another note is refused",
        }
    ]
)
@contract(
    body=schemas.NoteSchema,
    returns=schemas.NotedSchema,
    status=201,
    errors=(404, 409, 422),
    scope_note="write",
)
def note(body: dict[str, Any], slug: str) -> Response:
    """Append one entry to the timeline, at its time, without looking at what others edit meanwhile

    `-` as the slug is the newest draft that you began. The time is written as the timeline's other entries
    are; an incident without a timeline gets one. Noted before under the same key: 200 and the same entry.
    """
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    noted = operations.append(
        _mine(actor.name) if slug == MINE else slug,
        Note(**body),
        actor=actor,
        key=request.headers.get("Idempotency-Key"),
    )
    db.catch_up()
    response = jsonify(schemas.NotedSchema().dump(_told(noted)))
    response.status_code = 201 if noted.is_new else 200
    return response


def _mine(name: str) -> str:
    incident = operations.newest_draft_of(name)
    if incident is None:
        raise NotFound(f"{name} has begun no incident that is a draft; name the incident")
    return incident.slug


def _told(noted: Noted) -> dict[str, Any]:
    incident, entry, reading = noted.incident, noted.entry, noted.reading
    return {
        "id": entry.id,
        "incident": incident.slug,
        "title_of_incident": incident.title,
        "version": incident.version,
        "section": noted.section.id,
        "section_heading": noted.section.heading,
        "written": entry.written,
        "title": entry.title,
        "text": entry.text,
        "kind": entry.kind,
        "at": reading.at.isoformat() if reading.at else None,
        "instant": reading.instant,
        "is_new": noted.is_new,
        "url": f"{downloads.own_url()}/incidents/{incident.slug}",
    }
