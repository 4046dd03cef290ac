"""The pages of sign-offs: what is asked for, and the checklist to sign."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.errors import Invalid, NotAllowed
from postmortems.gate.decisions import pending_signoffs
from postmortems.guards import queries
from postmortems.guards.evidence import refusals
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.kinds.signoff import operations as signoff_operations
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page, page
from postmortems.web.transactions import own_units

blueprint = Blueprint("signoffs", __name__)

NAMED = ("guard", "service", "target", "digest", "sha", "note", "result")


@blueprint.get("/signoffs")
def index() -> str:
    """What is asked for: of me first, then of others."""
    actor = current_actor()
    permissions.require(actor, "gate.read")
    asked = pending_signoffs.signoffs(actor, clock.now())
    mine = pending_signoffs.for_me(asked, actor)
    return page("guards/signoffs/index.html", mine=mine, others=[one for one in asked if one not in mine])


@blueprint.get("/signoffs/new")
def new() -> Response:
    """The form; the address says what for."""
    permissions.require(current_actor(), "gate.read")
    return _form({name: request.args.get(name, "").strip() for name in NAMED}, {}, [])


@blueprint.post("/signoffs/new")
@own_units
def sign() -> AnyResponse:
    """Keep the person's word."""
    actor = current_actor()
    if not permissions.may(actor, "evidence.sign"):
        # Somebody who makes up evidence is worth a look.
        with refusals.telling(actor):
            permissions.require(actor, "evidence.sign")
    said = {name: request.form.get(name, "").strip() for name in NAMED}
    ticked = request.form.getlist("checklist")
    fields: dict[str, Any] = {name: said[name] for name in ("guard", "service", "target", "note", "result")}
    fields |= {"artifact": {"digest": said["digest"], "sha": said["sha"]}, "checklist": ticked}
    try:
        with refusals.telling(actor):
            signoff_operations.sign(fields, actor=actor)
    except (Invalid, NotAllowed) as refused:
        with db.reading():
            return _form(said, forms.errors(refused), ticked)
    words = "approved" if said["result"] == "approved" else "rejected"
    flash(f"You have {words} it for {said['service']}/{said['target']}.", "success")
    return redirect("/signoffs", 303)


def _form(said: dict[str, str], errors: forms.Errors, ticked: list[str]) -> Response:
    guard = queries.by_slug(said["guard"])
    return form_page(
        "guards/signoffs/new.html",
        guard=guard,
        config=KINDS["signoff"].filled(guard.config),
        because=queries.because([guard])[guard.id],
        said=said,
        ticked=ticked,
        errors=errors,
    )
