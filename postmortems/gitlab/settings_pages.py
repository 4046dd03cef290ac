"""Settings page of GitLab servers and their mappings."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.gitlab import mappings, queries, servers
from postmortems.guards import queries as guards
from postmortems.web import auth, downloads, forms, render
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("gitlab", __name__, url_prefix="/settings/gitlab")

HERE = "/settings/gitlab"
MOST_SERVICES = 200


@blueprint.get("")
def index() -> AnyResponse:
    return _page({})


@blueprint.post("/servers")
def add_server() -> AnyResponse:
    return _saved(None)


@blueprint.post("/servers/<int:server_id>")
def save_server(server_id: int) -> AnyResponse:
    return _saved(server_id)


@blueprint.post("/servers/<int:server_id>/remove")
def remove_server(server_id: int) -> AnyResponse:
    servers.remove(server_id, actor=auth.current_actor())
    flash("The server is answered no longer, and its secrets are gone.", "success")
    return redirect(HERE, 303)


@blueprint.post("/places")
def add_place() -> AnyResponse:
    form = request.form
    names = ("server_id", "project_id", "project", "kind", "name", "target")
    return render.after_form(
        lambda: mappings.add(*(form.get(name, "").strip() for name in names), actor=auth.current_actor()),
        "The gate answers for it from now on.",
        HERE,
        lambda errors: _page(errors, "places"),
    )


@blueprint.post("/places/<int:place_id>/remove")
def remove_place(place_id: int) -> AnyResponse:
    mappings.remove(place_id, actor=auth.current_actor())
    flash("It is no target any more.", "success")
    return redirect(HERE, 303)


def _saved(server_id: int | None) -> AnyResponse:
    at = "server" if server_id is None else f"server-{server_id}"
    vault, actor = runtime().vault, auth.current_actor()
    return render.after_form(
        lambda: servers.save(request.form, actor=actor, vault=vault, server_id=server_id),
        "Saved.",
        HERE,
        lambda errors: _page(errors, at),
    )


def _page(errors: forms.Errors, at: str = "") -> AnyResponse:
    """The page; `at` is the form that the errors are in."""
    permissions.require(auth.current_actor(), "integration.manage")
    known = servers.every()
    services = guards.services(limit=MOST_SERVICES)
    return render.form_page(
        "gitlab/settings.html",
        errors=errors,
        at=at,
        form=request.form,
        servers=known,
        server_choices=[(one.id, one.name) for one in known],
        mapped=mappings.every(),
        kinds=mappings.KINDS,
        asked=queries.latest(),
        targets=[f"{service.name}/{target.name}" for service in services for target in service.targets],
        webhook_url=f"{downloads.own_url()}/api/v1/gitlab/webhooks",
        default_api=servers.API,
    )
