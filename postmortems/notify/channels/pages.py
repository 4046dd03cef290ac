"""Settings → Channels, and Settings → Deliveries: who was told, when, and how it went."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound, Unavailable
from postmortems.notify.channels import deliveries, operations, queries
from postmortems.notify.channels.dispatch import KINDS
from postmortems.notify.channels.formats import FORMATS
from postmortems.notify.channels.models import ChatChannel
from postmortems.notify.people import queries as people
from postmortems.notify.people.kinds import KINDS as LABELS
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("channels", __name__, url_prefix="/settings")
ROWS, MOST_OFF = 50, 50
STATES = (("", "any"), ("waiting", "waiting"), ("sent", "sent"), ("dead", "not sent"), ("held", "held"))


@blueprint.get("/channels")
def index() -> Response:
    return _index()


@blueprint.post("/channels")
def add() -> AnyResponse:
    """Add the channel of the form."""
    try:
        with session().begin_nested():
            made = operations.add(_fields(), actor=current_actor(), vault=runtime().vault)
    except (Invalid, Conflict, Unavailable) as refused:
        return _index(forms.errors(refused, "name"))
    flash(f"{made.name} is added. Its address is not shown again.", "success")
    return redirect(f"/settings/channels/{made.id}", 303)


@blueprint.get("/channels/<int:number>")
def show(number: int) -> Response:
    permissions.require(current_actor(), "channel.manage")
    return _show(queries.by_id(number))


@blueprint.post("/channels/<int:number>")
def change(number: int) -> AnyResponse:
    """Save the form, or do what its button says."""
    actor, vault = current_actor(), runtime().vault
    try:
        with session().begin_nested():
            match request.form.get("do", "save"):
                case "remove":
                    operations.remove(number, actor=actor)
                    flash("The channel is removed.", "success")
                    return redirect("/settings/channels", 303)
                case "test":
                    operations.test(number, actor=actor)
                    flash("A message is on its way: see how it goes under Deliveries.", "success")
                case "switch-on" | "switch-off" as which:
                    is_on = which == "switch-on"
                    operations.change(number, {"is_enabled": is_on}, actor=actor, vault=vault)
                    flash("Switched on." if is_on else "Switched off.", "success")
                case _:
                    seen = request.form.get("seen", "")
                    operations.change(number, _fields(), actor=actor, vault=vault, seen=seen)
                    flash("Saved.", "success")
    except (Invalid, Conflict, Unavailable) as refused:
        session().expire_all()
        return _show(queries.by_id(number), forms.errors(refused, "name"))
    return redirect(f"/settings/channels/{number}", 303)


@blueprint.get("/deliveries")
def list_deliveries() -> Response:
    """Who was told; filters are in the address."""
    asked = {name: request.args.get(name, "").strip() for name in ("channel", "person", "state")}
    before = forms.whole_number(request.args.get("before", ""))
    errors: forms.Errors = {}
    try:
        found = deliveries.listing(current_actor(), **asked, before=before, limit=ROWS)
    except (Invalid, NotFound) as refused:
        found, errors = [], forms.errors(refused, "person")
    return form_page(
        "notify/deliveries.html",
        errors=errors,
        rows=found,
        asked=asked,
        states=STATES,
        labels=LABELS,
        before=before,
        more=found[-1].message.id if len(found) == ROWS else None,
        trouble=deliveries.last_mail_trouble(),
        off=people.switched_off(MOST_OFF),
        sends_mail=bool(runtime().settings.smtp_url),
        is_put_off=deliveries.is_put_off,
    )


@blueprint.post("/deliveries/<int:number>")
def send_again(number: int) -> AnyResponse:
    """Send one once more, or now what is to be tried later."""
    try:
        sent = deliveries.send_again(number, actor=current_actor())
        flash(f"It is on its way to {sent.to} once more.", "success")
    except Conflict as refused:
        flash(f"{refused.detail}.", "warning")
    return redirect("/settings/deliveries", 303)


def _fields() -> dict[str, Any]:
    form = request.form
    return {
        **{name: form.get(name, "") for name in ("name", "kind", "url", "team")},
        "tells": form.getlist("tells"),
    }


def _values(errors: forms.Errors | None, channel: ChatChannel | None = None) -> dict[str, Any]:
    """What the form shows: what was typed where it was refused, but never an address."""
    if errors:
        return _fields() | {"url": ""}
    if channel is None:
        return {"name": "", "kind": "slack", "url": "", "team": "", "tells": ["digest", "escalation"]}
    team = channel.team.slug if channel.team else ""
    return {"name": channel.name, "kind": channel.kind, "url": "", "team": team, "tells": channel.tells}


def _choices() -> dict[str, Any]:
    return {
        "formats": FORMATS,
        "kinds": [(kind, LABELS[kind].label) for kind in KINDS],
        "teams": [("", "everything"), *teams.choices()],
    }


def _index(errors: forms.Errors | None = None) -> Response:
    permissions.require(current_actor(), "channel.manage")
    return form_page(
        "notify/channels.html",
        errors=errors,
        channels=queries.listing(),
        values=_values(errors),
        **_choices(),
    )


def _show(channel: ChatChannel, errors: forms.Errors | None = None) -> Response:
    return form_page(
        "notify/channel.html",
        errors=errors,
        channel=channel,
        # Where another admin has saved, what was typed goes on from theirs, once it was looked at.
        seen=operations.state(channel),
        values=_values(errors, channel),
        **_choices(),
    )
