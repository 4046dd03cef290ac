"""The pages of attachments: the files themselves, and an upload that needs no script."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import limits
from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.errors import Invalid, Refusal
from postmortems.incidents import queries as incidents
from postmortems.incidents.attachments import file_store, links, operations, queries, uploaded
from postmortems.web import downloads, forms, transactions, uploads
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("attachments", __name__)

# Whatever it is, nothing in it runs and nothing is loaded by it, even where it is opened by itself.
POLICY = "default-src 'none'; sandbox"


@blueprint.get("/attachments/<attachment_id>")
@blueprint.get("/attachments/<attachment_id>/<path:name>")
def show(attachment_id: str, name: str = "") -> AnyResponse:
    """A picture to look at, or a file to download. Asked for each time: who may see it may change."""
    row = queries.one(attachment_id, current_actor())
    response = Response(file_store.get(row.sha256), mimetype=row.media_type or "application/octet-stream")
    if not row.is_picture:
        response.headers["Content-Disposition"] = downloads.attachment(row.name)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    response.set_etag(row.sha256[:32])
    return response.make_conditional(request)


@blueprint.get("/attachments")
def begin() -> Response:
    """Upload a file, and the Markdown of those that wait for a text; or the files of an incident."""
    return _page(request.args.get("incident", ""))


@blueprint.post("/attachments")
@transactions.own_units
@uploads.takes_files
def give() -> Response | AnyResponse:
    """Take a file in; the page that follows has what to paste."""
    slug = request.form.get("incident", "").strip()
    files = uploads.sent("file")
    try:
        uploaded.refuse_many(len(files))
        row = uploaded.take_in(files[0].file, files[0].name, actor=current_actor(), slug=slug)
    except Refusal as refusal:
        problems = refusal.problems if isinstance(refusal, Invalid) else []
        with db.reading():
            return _page(slug, forms.flatten(problems) or {"file": [refusal.detail]})
    flash(f"{row.name} is here. Copy its line into your text, and save that.", "success")
    return redirect(f"/attachments?incident={slug}" if slug else "/attachments", 303)


@blueprint.post("/attachments/<attachment_id>/remove")
def remove(attachment_id: str) -> AnyResponse:
    """Delete one for good."""
    operations.remove(attachment_id, actor=current_actor())
    flash("The file was removed.", "success")
    slug = request.form.get("incident", "")
    return redirect(f"/attachments?incident={slug}" if slug else "/attachments", 303)


def _page(slug: str, errors: dict[str, list[str]] | None = None) -> Response:
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    incident = incidents.by_slug(slug, actor) if slug else None
    used = [use.attachment for use in queries.of_incident(incident, limit=500)] if incident else []
    waiting = queries.own_unused(actor)
    return form_page(
        "attachments/index.html",
        errors=errors,
        incident=incident,
        lists=[
            ("In no saved text yet", waiting),
            ("Of this incident", list(dict.fromkeys(used))),
        ],
        lines={
            row.id: links.markdown(row.id, row.name, is_picture=row.is_picture) for row in (*waiting, *used)
        },
        addresses={row.id: links.address(row.id, row.name) for row in (*waiting, *used)},
        largest=limits.in_mb(db.files().largest),
    )
