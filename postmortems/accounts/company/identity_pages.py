"""Settings → People → Identity: who somebody is at the identity provider, as an admin says."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request
from werkzeug.wrappers import Response

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.company import operations, queries
from postmortems.config import Settings
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("oidc_identities", __name__, url_prefix="/settings/people")


@blueprint.get("/<name>/identity")
def show(name: str) -> Response:
    """Who the account is at the provider, and who would like to be it."""
    return _shown(name)


@blueprint.post("/<name>/identity")
def change(name: str) -> Response:
    """Connect the account with a subject at the provider, or with nobody."""
    actor = current_actor()
    permissions.require(actor, "people.manage")
    settings = _settings()
    if request.form.get("do") == "disconnect":
        operations.disconnect(name, actor=actor)
        flash(f"{name} is connected with nobody at {settings.oidc_name} any more.", "success")
        return redirect(f"/settings/people/{name}/identity", 303)
    try:
        operations.connect(name, settings.oidc_issuer, request.form.get("subject", "").strip(), actor=actor)
    except (Invalid, Conflict) as refused:
        return _shown(name, forms.errors(refused, "subject"))
    flash(f"{name} signs in by {settings.oidc_name} from now on.", "success")
    return redirect(f"/settings/people/{name}/identity", 303)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    if not settings.oidc_issuer:
        raise NotFound("nobody signs in by an identity provider here")
    return settings


def _shown(name: str, errors: forms.Errors | None = None) -> Response:
    permissions.require(current_actor(), "people.manage")
    settings = _settings()
    user = accounts_queries.account(name)
    return form_page(
        "accounts/identity.html",
        errors=errors,
        user=user,
        provider=settings.oidc_name,
        identities=queries.identities_of(user.id),
        wishes=queries.wishes(user.name, settings.oidc_issuer, clock.now()),
        typed=request.form.get("subject", "") if errors else "",
    )
