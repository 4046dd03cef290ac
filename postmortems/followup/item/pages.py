"""What the buttons of an item's page do beside its form: triage, confirmation, merges and blockers."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.followup import queries
from postmortems.followup.item import blockers
from postmortems.gate.enforcement import confirmations, item_merges, triage
from postmortems.web.auth import current_actor

blueprint = Blueprint("items", __name__, url_prefix="/action-items/<ref>")


@blueprint.post("/accept")
def accept(ref: str) -> AnyResponse:
    """Commit to what was proposed, with the owner and date that the form may give."""
    said = {name: request.form[name].strip() for name in ("owner", "due") if request.form.get(name)}
    return _done(ref, lambda: triage.accept(ref, said, actor=current_actor()), "accepted")


@blueprint.post("/decline")
def decline(ref: str) -> AnyResponse:
    """Say why what was proposed will not be done."""
    reason = request.form.get("reason", "")
    return _done(ref, lambda: triage.decline(ref, reason, actor=current_actor()), "declined")


@blueprint.post("/confirm")
def confirm(ref: str) -> AnyResponse:
    """Say that what people attest is done, and what shows it."""
    evidence = request.form.get("evidence", "")
    return _done(ref, lambda: confirmations.confirm(ref, evidence, actor=current_actor()), "confirmed")


@blueprint.post("/merge")
def merge(ref: str) -> AnyResponse:
    """Let another item stand for this one."""
    into = request.form.get("into", "").strip().upper()
    return _done(ref, lambda: item_merges.merge(ref, into, actor=current_actor()), f"merged into {into}")


@blueprint.post("/unmerge")
def undo_merge(ref: str) -> AnyResponse:
    """Take a merge back."""
    return _done(ref, lambda: item_merges.undo(ref, actor=current_actor()), "is an item of its own again")


@blueprint.post("/block")
def add_blocker(ref: str) -> AnyResponse:
    """Say that the item waits for another one."""
    blocker = request.form.get("blocker", "").strip().upper()
    return _done(ref, lambda: blockers.add(ref, blocker, actor=current_actor()), f"waits for {blocker}")


@blueprint.post("/unblock")
def remove_blocker(ref: str) -> AnyResponse:
    """Say that the item waits for another one no longer."""
    blocker = request.form.get("blocker", "")
    said = f"waits for {blocker} no longer"
    return _done(ref, lambda: blockers.remove(ref, blocker, actor=current_actor()), said)


def _done(ref: str, act: Callable[[], object], said: str) -> AnyResponse:
    """Do it and go back to the item; what is refused is said there."""
    item = queries.by_ref(ref, current_actor())
    try:
        with session().begin_nested():
            act()
    except (Invalid, Conflict, NotFound) as refused:
        flash(f"{refused.detail[:1].upper()}{refused.detail[1:]}.", "error")
    else:
        flash(f"{item.ref} {said}.", "success")
    return redirect(f"/action-items/{item.ref}", 303)
