"""Settings → Templates: the list, one template's Markdown, and how its form will look."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.errors import Conflict, Invalid
from postmortems.incidents.templates import operations, queries, template
from postmortems.incidents.templates.template import Template
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("templates", __name__, url_prefix="/settings/templates")

FRESH = """---
name: ""
about: ""
severities: []
services: []
---

## Summary

<!-- prompt: What should the author write here? -->
"""


@blueprint.get("")
def index() -> Response:
    """All templates, and the starters that were taken away."""
    permissions.require(current_actor(), "template.edit")
    return form_page(
        "report_templates/index.html", templates=queries.all_templates(), taken_away=queries.taken_away()
    )


@blueprint.get("/new")
def begin() -> Response:
    permissions.require(current_actor(), "template.edit")
    return _form(None, FRESH)


@blueprint.post("/new")
def create() -> AnyResponse:
    return _saved(None)


@blueprint.get("/<slug>")
def show(slug: str) -> Response:
    permissions.require(current_actor(), "template.edit")
    known = queries.named(slug)
    return _form(known, known.markdown)


@blueprint.post("/<slug>")
def save(slug: str) -> AnyResponse:
    """Save it, show what it makes, delete it, or bring the starter back."""
    actor, button = current_actor(), request.form.get("do", "save")
    permissions.require(actor, "template.edit")
    if button == "delete":
        operations.delete(slug, actor=actor)
        flash("It is not offered any more. Who writes with it keeps everything.", "success")
    elif button == "starter":
        try:
            operations.bring_back(slug, actor=actor)
            flash("The starter is back as it came.", "success")
        except Conflict as refused:
            flash(f"{refused.detail[:1].upper()}{refused.detail[1:]}.", "error")
    else:
        return _saved(queries.named(slug))
    return redirect("/settings/templates", 303)


def _saved(known: Template | None) -> AnyResponse:
    actor, text = current_actor(), request.form.get("markdown", "")
    permissions.require(actor, "template.edit")
    try:
        if request.form.get("do") == "preview":
            return _form(known, text, shown=template.read(text))
        if known is None:
            operations.create(text, actor=actor)
        else:
            version = forms.whole_number(request.form.get("version", ""))
            operations.change(known.slug, text, version=-1 if version is None else version, actor=actor)
    except (Invalid, Conflict) as refused:
        return _form(known, text, errors=forms.errors(refused, "markdown"))
    flash("Saved.", "success")
    return redirect("/settings/templates", 303)


def _form(
    known: Template | None, text: str, errors: forms.Errors | None = None, shown: Template | None = None
) -> Response:
    version = request.form.get("version") or (known.version if known else 0)
    return form_page(
        "report_templates/edit.html",
        errors=errors,
        known=known,
        text=text,
        shown=shown or known,
        version=version,
    )
