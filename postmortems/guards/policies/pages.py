"""The pages of policies: the list, one to acknowledge, and publishing by admins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid
from postmortems.guards.models import Policy
from postmortems.guards.policies import operations as policies_operations
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("policies", __name__)

PAGE_ROWS = 50


@blueprint.get("/policies")
def index() -> Response:
    """All policies, with what the person has acknowledged."""
    permissions.require(current_actor(), "policy.read")
    return _index()


@blueprint.post("/policies")
def add() -> AnyResponse:
    """Publish the first version of a policy."""
    slug = request.form.get("slug", "").strip()
    try:
        with session().begin_nested():
            policies_operations.publish(slug, _posted() | {"after": 0}, actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _index(forms.errors(refused))
    flash(f"{slug} is published.", "success")
    return redirect(f"/policies/{slug}", 303)


@blueprint.get("/policies/<slug>")
def show(slug: str) -> Response:
    """One policy, to read and acknowledge."""
    permissions.require(current_actor(), "policy.read")
    return _show(policies_operations.by_slug(slug))


@blueprint.post("/policies/<slug>")
def publish(slug: str) -> AnyResponse:
    """Publish its next version; who acknowledged an older one is asked again."""
    permissions.require(current_actor(), "policy.edit")
    policy = policies_operations.by_slug(slug)
    try:
        with session().begin_nested():
            published = policies_operations.publish(slug, _posted(), actor=current_actor())
    except (Invalid, Conflict) as refused:
        return _show(policy, forms.errors(refused))
    flash(f"Version {published.newest.number} is published.", "success")
    return redirect(f"/policies/{slug}", 303)


@blueprint.post("/policies/<slug>/acknowledge")
def acknowledge(slug: str) -> AnyResponse:
    """I have read this version."""
    version = request.form.get("version", "")
    policies_operations.acknowledge(slug, int(version) if version.isdecimal() else 0, actor=current_actor())
    flash("Noted, with your name and the time.", "success")
    return redirect(f"/policies/{slug}", 303)


def _posted() -> dict[str, Any]:
    fields: dict[str, Any] = {name: request.form.get(name, "").strip() for name in ("title", "url")}
    after = request.form.get("after", "")
    fields["text"] = request.form.get("text", "").replace("\r\n", "\n")
    return fields | {"after": int(after) if after.isdecimal() else None}


def _index(errors: forms.Errors | None = None) -> Response:
    found = policies_operations.listing(request.args.get("after", ""), PAGE_ROWS + 1)
    rows = found[:PAGE_ROWS]
    return form_page(
        "guards/policies/index.html",
        policies=rows,
        acknowledged=policies_operations.acknowledged(current_actor().name, rows),
        errors=errors,
        next_url=f"/policies?after={rows[-1].slug}" if len(found) > PAGE_ROWS else "",
        first_url="/policies" if "after" in request.args else "",
    )


def _show(policy: Policy, errors: forms.Errors | None = None) -> Response:
    mine = policies_operations.acknowledged(current_actor().name, [policy]).get(policy.id)
    asking = policies_operations.guards_asking(policy.slug)
    until = (
        {guard.slug: mine.at + timedelta(seconds=guard.config["valid_s"]) for guard in asking} if mine else {}
    )
    return form_page(
        "guards/policies/show.html", policy=policy, mine=mine, asking=asking, until=until, errors=errors
    )
