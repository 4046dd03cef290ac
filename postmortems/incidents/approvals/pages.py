"""Buttons of a report's review: ask, approve, publish, re-open, skip; and the page of the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.approvals import operations, queries
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("approvals", __name__)


@blueprint.post("/incidents/<slug>/review")
def ask(slug: str) -> AnyResponse:
    """Ask the accounts that are named, by comma, to review the report."""
    permissions.require_anywhere(current_actor(), "incident.save")
    names = [name.strip() for name in request.form.get("reviewers", "").replace("\n", ",").split(",")]
    asked = [name for name in names if name]
    said = "They find it on their home page." if asked else "Nobody is asked any more."
    return _done(slug, lambda: operations.ask(slug, asked, actor=current_actor()), said)


@blueprint.post("/incidents/<slug>/review/approval")
def approve(slug: str) -> AnyResponse:
    """Approve the version that was looked at, or take the approval back."""
    actor = current_actor()
    permissions.require(actor, "review.approve")
    if request.form.get("do") == "withdraw":
        return _done(slug, lambda: operations.withdraw(slug, actor=actor), "You took your approval back.")
    # Without a version that was looked at there is none that can be approved.
    version = forms.whole_number(request.form.get("version", "")) or 0
    return _done(slug, lambda: operations.approve(slug, actor=actor, version=version), "You approved it.")


@blueprint.post("/incidents/<slug>/review/publish")
def publish(slug: str) -> AnyResponse:
    """Publish the report as it is stored, or make it a draft again."""
    permissions.require_anywhere(current_actor(), "incident.save")
    status = "draft" if request.form.get("do") == "reopen" else "published"
    said = "Published." if status == "published" else "It is a draft again."
    return _done(slug, lambda: _set_status(slug, status), said)


def _set_status(slug: str, status: str) -> None:
    actor = current_actor()
    incident = incidents.by_slug(slug, actor)
    version = forms.whole_number(request.form.get("version", "")) or 0
    if version != incident.version:
        raise Conflict(f"version {incident.version} was saved since you looked: look at it first")
    document = replace(rows.to_document(incident), status=status)
    message = "Publish" if status == "published" else "Re-open"
    save_incident.save(slug, document, version=version, actor=actor, message=message)


@blueprint.post("/incidents/<slug>/review/skip")
def skip(slug: str) -> AnyResponse:
    """Say that no report will be written, or that it will after all."""
    actor = current_actor()
    permissions.require_anywhere(actor, "incident.save")
    if request.form.get("do") == "take_up":
        return _done(slug, lambda: operations.take_up(slug, actor=actor), "It waits to be written again.")
    reason = request.form.get("reason", "")
    return _done(slug, lambda: operations.skip(slug, reason, actor=actor), "No report is awaited any more.")


def _done(slug: str, act: Callable[[], object], said: str) -> AnyResponse:
    """Do it and go back to the report; what is refused is said there, and nothing was done."""
    try:
        with session().begin_nested():
            act()
    except (Invalid, Conflict, NotFound, NotAllowed) as refused:
        incidents.by_slug(slug, current_actor())
        flash(f"{refused.detail[:1].upper()}{refused.detail[1:]}.", "error")
    else:
        flash(said, "success")
    return redirect(f"/incidents/{slug}#review", 303)


@blueprint.get("/settings/publishing")
def rules() -> Response:
    """What reports need before they are published and when they are due, by severity."""
    permissions.require(current_actor(), "publish_rule.edit")
    return _rules()


@blueprint.post("/settings/publishing")
def set_rules() -> AnyResponse:
    """Change them, all at once."""
    actor = current_actor()
    errors: forms.Errors = {}
    permissions.require(actor, "publish_rule.edit")
    with session().begin_nested() as unit:
        for severity in queries.publish_rules():
            key = severity or "none"
            try:
                approvals = _number(f"approvals.{key}")
                if approvals is None:
                    raise Invalid("write a number, 0 for none", "/approvals")
                operations.set_rule(
                    severity,
                    approvals=approvals,
                    due_days=_number(f"due_days.{key}"),
                    required_fields=_names(f"required_fields.{key}"),
                    required_sections=_names(f"required_sections.{key}"),
                    actor=actor,
                )
            except Invalid as refused:
                told = forms.errors(refused)
                errors |= {f"{name.partition('.')[0]}.{key}": said for name, said in told.items()}
        if errors:
            unit.rollback()
    if errors:
        return _rules(errors)
    flash("Saved.", "success")
    return redirect("/settings/publishing", 303)


def _names(name: str) -> list[str] | None:
    """Names by comma; None where the field was not sent."""
    if name not in request.form:
        return None
    return [one.strip() for one in request.form[name].split(",") if one.strip()]


def _number(name: str) -> int | None:
    """What a field says; None where it is empty. Raises `Invalid`."""
    text = request.form.get(name, "").strip()
    number = forms.whole_number(text)
    if text and number is None:
        raise Invalid("must be a whole number", f"/{name.partition('.')[0]}")
    return number


def _rules(errors: forms.Errors | None = None) -> Response:
    known = queries.publish_rules()
    return form_page("approvals/rules.html", errors=errors, rules=known.values(), form=request.form)
