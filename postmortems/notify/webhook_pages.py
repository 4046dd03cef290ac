"""Settings page of webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.errors import Conflict, Invalid
from postmortems.notify import webhooks
from postmortems.notify.models import Webhook
from postmortems.web import auth, forms, render
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("webhooks", __name__, url_prefix="/settings/webhooks")

ROWS = 50
EXAMPLE = "item.reopened\nitem.regressed\ndecision.*"


@blueprint.get("")
def index() -> AnyResponse:
    return _index()


@blueprint.post("")
def add() -> AnyResponse:
    """Add a webhook and show its secret, this once."""
    form, actor = request.form, auth.current_actor()
    try:
        webhook, secret = webhooks.add(**_fields(form), actor=actor, vault=runtime().vault)
    except (Invalid, Conflict) as refusal:
        return _index(forms.errors(refusal, "name"))
    return _show(webhook, secret=secret)


@blueprint.get("/<int:webhook_id>")
def show(webhook_id: int) -> AnyResponse:
    permissions.require(auth.current_actor(), "webhook.manage")
    return _show(webhooks.by_id(webhook_id))


@blueprint.post("/<int:webhook_id>")
def edit(webhook_id: int) -> AnyResponse:
    """Save the form, or do what its button says."""
    form, actor = request.form, auth.current_actor()
    match form.get("do", "save"):
        case "rotate":
            webhook, secret = webhooks.rotate(webhook_id, actor=actor, vault=runtime().vault)
            return _show(webhook, secret=secret)
        case "remove":
            webhooks.remove(webhook_id, actor=actor)
            flash("The webhook is removed.", "success")
            return redirect("/settings/webhooks", 303)
        case "switch-on" | "switch-off" as which:
            webhooks.edit(webhook_id, {"is_enabled": which == "switch-on"}, actor=actor)
        case _:
            try:
                webhooks.edit(webhook_id, _fields(form), actor=actor)
            except (Invalid, Conflict) as refusal:
                return _show(webhooks.by_id(webhook_id), forms.errors(refusal, "name"))
    flash("Saved.", "success")
    return redirect(f"/settings/webhooks/{webhook_id}", 303)


@blueprint.post("/<int:webhook_id>/messages/<int:message_id>")
def send_again(webhook_id: int, message_id: int) -> AnyResponse:
    message = webhooks.send_again(webhook_id, message_id, actor=auth.current_actor())
    flash(f"{message.about} is on its way once more.", "success")
    return redirect(f"/settings/webhooks/{webhook_id}", 303)


def _fields(form: Mapping[str, str]) -> dict[str, Any]:
    events = form.get("events", "").splitlines()
    return {"name": form.get("name", "").strip(), "url": form.get("url", "").strip(), "events": events}


def _index(errors: forms.Errors | None = None) -> AnyResponse:
    permissions.require(auth.current_actor(), "webhook.manage")
    return render.form_page(
        "notify/webhooks.html",
        errors=errors,
        form=request.form,
        webhooks=webhooks.listing(),
        example=EXAMPLE,
    )


def _show(webhook: Webhook, errors: forms.Errors | None = None, secret: str = "") -> AnyResponse:
    asked = request.args.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) <= 18 else None
    messages = webhooks.messages(webhook, before=before, limit=ROWS)
    values: dict[str, Any] = {
        "name": webhook.name,
        "url": webhook.url,
        "events": "\n".join(webhook.events),
    }
    return render.form_page(
        "notify/webhook.html",
        webhook=webhook,
        errors=errors,
        values={**values, **request.form.to_dict()} if errors else values,
        secret=secret,
        messages=messages,
        more=messages[-1].id if len(messages) == ROWS else None,
        before=before,
    )
