"""Settings page of the GitHub App and its environments."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.errors import Conflict, Invalid
from postmortems.github import apps
from postmortems.guards import queries as guards
from postmortems.web import auth, downloads, forms, render
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("github", __name__, url_prefix="/settings/github")

MOST_SERVICES = 200


@blueprint.get("")
def index() -> AnyResponse:
    return _page({})


@blueprint.post("")
def save() -> AnyResponse:
    """Become an App, or change it."""
    try:
        apps.save(request.form, actor=auth.current_actor(), vault=runtime().vault)
    except Invalid as refusal:
        return _page(forms.errors(refusal))
    flash("Saved.", "success")
    return redirect("/settings/github", 303)


@blueprint.post("/environments")
def add_environment() -> AnyResponse:
    form = request.form
    try:
        apps.add_environment(
            form.get("repository_id", "").strip(),
            form.get("repository", "").strip(),
            form.get("environment", "").strip(),
            form.get("target", "").strip(),
            form.get("posts_statuses") == "yes",
            actor=auth.current_actor(),
        )
    except (Invalid, Conflict) as refusal:
        return _page(forms.errors(refusal, "environment"))
    flash("Jobs for this environment wait for the gate, once the App is a protection rule of it.", "success")
    return redirect("/settings/github", 303)


@blueprint.post("/environments/<int:environment_id>/remove")
def remove_environment(environment_id: int) -> AnyResponse:
    apps.remove_environment(environment_id, actor=auth.current_actor())
    flash("The environment is no target any more.", "success")
    return redirect("/settings/github", 303)


def _page(errors: forms.Errors) -> AnyResponse:
    permissions.require(auth.current_actor(), "integration.manage")
    services = guards.services(limit=MOST_SERVICES)
    return render.form_page(
        "github/settings.html",
        errors=errors,
        form=request.form,
        app=apps.current(),
        environments=apps.environments(),
        targets=[f"{service.name}/{target.name}" for service in services for target in service.targets],
        webhook_url=f"{downloads.own_url()}/api/v1/github/webhooks",
        default_api=apps.API,
    )
