"""Settings page of git sync: repositories, how the last sync went, and sync now."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.errors import Conflict, Invalid
from postmortems.exchange.git_sync import repositories
from postmortems.exchange.git_sync.models import Remote
from postmortems.exchange.git_sync.repositories import RemoteSettings
from postmortems.web import forms, render
from postmortems.web.auth import current_actor

blueprint = Blueprint("syncs", __name__, url_prefix="/settings/git")

PAGE_ROWS = 50
EVERY = (("", "only when asked"), ("300", "5 minutes"), ("3600", "hour"), ("86400", "day"))

Errors = dict[str, list[str]]


@blueprint.get("")
def index() -> AnyResponse:
    return _index()


@blueprint.post("")
def add() -> AnyResponse:
    """Keep another repository in step."""
    actor = current_actor()
    try:
        remote = repositories.save(None, _wanted(), actor=actor)
    except (Invalid, Conflict) as refusal:
        return _index(_errors(refusal))
    flash("It is synchronised from now on. Sync now, or wait for its time.", "success")
    return redirect(f"/settings/git/{remote.id}", 303)


@blueprint.get("/<int:remote_id>")
def show(remote_id: int) -> AnyResponse:
    return _show(repositories.one(remote_id, actor=current_actor()))


@blueprint.post("/<int:remote_id>")
def change(remote_id: int) -> AnyResponse:
    """Say something else of a repository."""
    actor = current_actor()
    remote = repositories.one(remote_id, actor=actor)
    try:
        repositories.save(remote_id, _wanted(remote), actor=actor)
    except (Invalid, Conflict) as refusal:
        return _show(remote, _errors(refusal))
    flash("Changed.", "success")
    return redirect(f"/settings/git/{remote_id}", 303)


@blueprint.post("/<int:remote_id>/run")
def run(remote_id: int) -> AnyResponse:
    """Let the worker sync it now."""
    repositories.ask(remote_id, actor=current_actor())
    flash("The worker syncs it within a minute; this page then says how it went.", "success")
    return redirect(f"/settings/git/{remote_id}", 303)


@blueprint.post("/<int:remote_id>/remove")
def remove(remote_id: int) -> AnyResponse:
    repositories.remove(remote_id, actor=current_actor())
    flash("It is not synchronised any more. Its files and the incidents stay as they are.", "warning")
    return redirect("/settings/git", 303)


def _wanted(remote: Remote | None = None) -> RemoteSettings:
    """What the form says; address and folder of one that there is stay."""
    texts = {name: request.form.get(name, "").strip() for name in repositories.SAID if name != "with_drafts"}
    if remote is not None:
        texts |= {"url": remote.url, "folder": remote.folder}
    return RemoteSettings(
        **texts,
        with_drafts="with_drafts" in request.form,
        every_s=forms.whole_number(request.form.get("every_s", "")),
    )


def _errors(refusal: Invalid | Conflict) -> Errors:
    return forms.flatten(refusal.problems) if isinstance(refusal, Invalid) else {"url": [refusal.detail]}


def _index(errors: Errors | None = None) -> AnyResponse:
    actor = current_actor()
    permissions.require(actor, "remote.manage")
    start = forms.whole_number(request.args.get("after", "")) or 0
    found = repositories.listing(actor=actor, after=start, limit=PAGE_ROWS)
    return render.form_page(
        "exchange/git_sync/remotes.html",
        remotes=found,
        more=found[-1].id if len(found) == PAGE_ROWS else None,
        errors=errors,
        form=request.form,
        every=EVERY,
        drafts="with_drafts" in request.form,
    )


def _show(remote: Remote, errors: Errors | None = None) -> AnyResponse:
    return render.form_page(
        "exchange/git_sync/remote.html",
        remote=remote,
        errors=errors,
        form=request.form,
        every=EVERY,
        drafts="with_drafts" in request.form if errors else remote.with_drafts,
    )
