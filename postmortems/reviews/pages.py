"""The page of a review: two texts side by side, and what they become."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.errors import Invalid, Stale
from postmortems.exchange import resolve_conflict
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.models import Incident
from postmortems.reviews import queries
from postmortems.reviews.models import Review
from postmortems.web import diff, forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("reviews", __name__, url_prefix="/incidents/<slug>/reviews")


@blueprint.get("/<int:review_id>")
def show(slug: str, review_id: int) -> AnyResponse:
    """Both texts, and where they differ."""
    incident = incidents.by_slug(slug, current_actor())
    return _page(incident, queries.one(incident, review_id))


@blueprint.post("/<int:review_id>")
def answer(slug: str, review_id: int) -> AnyResponse:
    """Save one of the texts, or the one that was written."""
    form, actor = request.form, current_actor()
    permissions.require(actor, "incident.save")
    incident = incidents.by_slug(slug, actor)
    version, text = form.get("version", ""), form.get("text", "").replace("\r\n", "\n")
    try:
        # What is refused is undone here already: the page that says so shows what is stored.
        with session().begin_nested():
            review = resolve_conflict.answer(
                slug,
                review_id,
                form.get("take", ""),
                text=text,
                version=forms.whole_number(version) or 0,
                actor=actor,
            )
    except Invalid as refusal:
        return _page(incident, queries.one(incident, review_id), text, [_said(refusal)])
    except Stale as stale:
        messages = [f"{stale.detail[:1].upper()}{stale.detail[1:]}. Look again, then save."]
        return _page(incident, queries.one(incident, review_id), text, messages, status=409)
    is_synced = review.conflict is not None and bool(review.conflict.origin)
    flash(f"Brought together.{' The next sync writes it back.' if is_synced else ''}", "success")
    return redirect(f"/incidents/{slug}", 303)


def _said(refusal: Invalid) -> str:
    return "; ".join(f"{wrong.pointer} {wrong.detail}".strip() for wrong in refusal.problems)


def _page(
    incident: Incident,
    review: Review,
    text: str | None = None,
    messages: list[str] | None = None,
    status: int = 422,
) -> AnyResponse:
    conflict = review.conflict
    stored = parser.write(rows.to_document(incident))
    # Whoever saved since the conflict was found begins from what is stored now.
    begun = conflict.merged if conflict and conflict.version == incident.version else stored
    body = page(
        "reviews/show.html",
        incident=incident,
        review=review,
        conflict=conflict,
        stored=stored if review.is_open or conflict is None else conflict.stored,
        text=begun if text is None else text,
        lines=diff.lines(stored, conflict.in_file) if conflict else [],
        errors={"text": messages} if messages else {},
    )
    return make_response(body, status if messages else 200)
