"""The page of an incident's comments, and what its buttons do; the incident's page shows the same threads."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db.session import session
from postmortems.document import part_ids
from postmortems.errors import Conflict, Invalid
from postmortems.gate.enforcement import suggested_words
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.comments import operations, part_words, queries
from postmortems.incidents.items.item_numbers import number_of
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.models import Incident
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("comments", __name__, url_prefix="/incidents/<slug>/comments")

NUMBER = "<int(max=2147483647):comment_id>"


@blueprint.get("")
def index(slug: str) -> Response:
    """Every thread, and a form for a new comment: on the part that the address names, or on the whole."""
    incident = incidents.by_slug(slug, current_actor())
    part = request.args.get("part", "")
    return _page(incident, {"part": part})


@blueprint.post("")
def add(slug: str) -> AnyResponse:
    """Add a comment, or a reply."""
    form = {name: text.replace("\r\n", "\n") for name, text in request.form.items()}
    part = form.get("part", "")
    incident = incidents.by_slug(slug, current_actor())
    typed = form.get("suggestion", "").strip("\n")
    suggestion = None if typed in {"", _words(incident, part)} else typed
    try:
        with session().begin_nested():
            comment = operations.add(
                slug,
                form.get("text", ""),
                actor=current_actor(),
                part=part,
                reply_to=forms.whole_number(form.get("reply_to", "")),
                suggestion=suggestion,
            )
    except (Invalid, Conflict) as refused:
        return _page(incident, form, forms.errors(refused, "text"))
    for untold in mentions.untold({"": comment.text}, incident.restricted):
        flash(f"{untold}.", "info")
    return _back(slug, comment.id)


@blueprint.post(f"/{NUMBER}/edit")
def edit(slug: str, comment_id: int) -> AnyResponse:
    """Change the words of one's own comment."""
    incident = incidents.by_slug(slug, current_actor())
    text = request.form.get("text", "").replace("\r\n", "\n")
    comment = queries.one(incident, comment_id)
    return _done(
        slug,
        comment_id,
        lambda: operations.edit(slug, comment_id, text, actor=current_actor(), suggestion=comment.suggestion),
    )


@blueprint.post(f"/{NUMBER}/resolve")
def resolve(slug: str, comment_id: int) -> AnyResponse:
    """Close a thread, or open it again."""
    is_resolved = request.form.get("resolved", "1") != "0"
    return _done(
        slug,
        comment_id,
        lambda: operations.resolve(slug, comment_id, is_resolved=is_resolved, actor=current_actor()),
    )


@blueprint.post(f"/{NUMBER}/delete")
def delete(slug: str, comment_id: int) -> AnyResponse:
    """Take the words of a comment away."""
    return _done(slug, comment_id, lambda: operations.delete(slug, comment_id, actor=current_actor()))


@blueprint.post(f"/{NUMBER}/apply")
def apply(slug: str, comment_id: int) -> AnyResponse:
    """Put the suggested words into the report."""
    return _done(
        slug,
        comment_id,
        lambda: suggested_words.apply(slug, comment_id, actor=current_actor()),
        "Applied: the report says it now.",
    )


def _done(slug: str, comment_id: int, act: Callable[[], object], said: str = "") -> AnyResponse:
    """Do it and go back to where the button was; what is refused is said there."""
    try:
        with session().begin_nested():
            act()
    except (Invalid, Conflict) as refused:
        flash(f"{refused.detail[:1].upper()}{refused.detail[1:]}.", "error")
    else:
        if said:
            flash(said, "success")
    return _back(slug, comment_id)


def _back(slug: str, comment_id: int) -> AnyResponse:
    """To the comment on the page where the button stood: the incident's, or the one of an item."""
    number = number_of(request.form.get("item", ""))
    page = f"/action-items/AI-{number}" if number is not None else f"/incidents/{slug}"
    return redirect(f"{page}#comment-{comment_id}", 303)


def _words(incident: Incident, part: str) -> str:
    """The words that a suggestion would replace; "" for a part that is not there."""
    found = part_ids.by_id(rows.to_document(incident)).get(part)
    return "" if found is None else part_words.words(found)


def _page(incident: Incident, form: dict[str, str], errors: forms.Errors | None = None) -> Response:
    document = rows.to_document(incident)
    labels = part_words.labels(document)
    return form_page(
        "comments/index.html",
        errors=errors,
        incident=incident,
        threads=queries.threads(incident, document),
        labels=labels,
        part=form.get("part", "") if form.get("part") in dict(labels) else "",
        words=_words(incident, form.get("part", "")),
        form=form,
        may_save=permissions.may(current_actor(), "incident.save"),
    )
