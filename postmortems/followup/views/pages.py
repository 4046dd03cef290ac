"""The page of saved views: keep what the list shows, rename, share, begin with one, delete."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.errors import Conflict, Invalid
from postmortems.followup.views import operations, queries
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("views", __name__)


@blueprint.get("/action-items/views")
def index() -> Response:
    """All views that one sees, and the form that keeps the one that the address has."""
    return _index()


@blueprint.post("/action-items/views")
def create() -> AnyResponse:
    """Keep a view."""
    try:
        made = operations.create(_fields(), actor=current_actor())
        if request.form.get("is_default"):
            operations.begin_with(made.id, actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _index(forms.errors(refused, "name"))
    flash(f"{made.name} is saved.", "success")
    return redirect(f"/action-items?{made.query}", 303)


@blueprint.post("/action-items/views/<int:number>")
def change(number: int) -> AnyResponse:
    """Rename a view, or share it or no longer."""
    revision = request.form.get("revision", "")
    read = int(revision) if revision.isdecimal() and len(revision) < 10 else None
    fields = {"name": request.form.get("name", ""), "is_shared": "is_shared" in request.form}
    try:
        operations.change(number, fields, read, actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _index(forms.errors(refused, "name"))
    flash("Saved.", "success")
    return redirect("/action-items/views", 303)


@blueprint.post("/action-items/views/<int:number>/default")
def choose(number: int) -> AnyResponse:
    """Let one's list begin with this view, or with it no longer."""
    operations.begin_with(None if request.form.get("end") else number, actor=current_actor())
    return redirect("/action-items/views", 303)


@blueprint.post("/action-items/views/<int:number>/delete")
def remove(number: int) -> AnyResponse:
    operations.remove(number, actor=current_actor())
    flash("That view is gone; its items are as they were.", "success")
    return redirect("/action-items/views", 303)


def _fields() -> dict[str, object]:
    said = {name: request.form.get(name, "") for name in ("name", "query")}
    return said | {"is_shared": "is_shared" in request.form}


def _index(errors: forms.Errors | None = None) -> Response:
    actor, query = current_actor(), request.values.get("query", "")
    return form_page(
        "followup/views/index.html",
        errors=errors,
        views=queries.listing(actor),
        query=query,
        said=_in_words(query),
        posted=request.form,
        is_admin=actor.role == "admin",
    )


def _in_words(query: str) -> str:
    """What a query lists; as it stands, where it lists nothing."""
    try:
        return queries.read(query).said()
    except Invalid:
        return query
