"""Settings page of trackers: their secrets, whose account is whose, and what is created by itself."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.document import model
from postmortems.tickets import accounts, policies, trackers
from postmortems.trackers.services import SERVICES
from postmortems.web import auth, downloads, forms, render
from postmortems.web.server.app_runtime import runtime

blueprint = Blueprint("trackers", __name__, url_prefix="/settings/trackers")

HERE = "/settings/trackers"
BOXES = ("is_enabled", "sends_restricted")


@blueprint.get("")
def index() -> AnyResponse:
    return _page({})


@blueprint.post("")
def add() -> AnyResponse:
    return _saved(None)


@blueprint.post("/<int:tracker_id>")
def save(tracker_id: int) -> AnyResponse:
    return _saved(tracker_id)


@blueprint.post("/<int:tracker_id>/remove")
def remove(tracker_id: int) -> AnyResponse:
    trackers.remove(tracker_id, actor=auth.current_actor())
    flash("The tracker is asked no longer, and its secrets are gone.", "success")
    return redirect(HERE, 303)


@blueprint.post("/<int:tracker_id>/accounts")
def name_account(tracker_id: int) -> AnyResponse:
    theirs, ours = request.form.get("theirs", ""), request.form.get("ours", "")
    return _done(
        f"accounts-{tracker_id}",
        lambda: accounts.name(tracker_id, theirs, ours, actor=auth.current_actor()),
        f"{theirs.strip()} there is {ours.strip()} here.",
    )


@blueprint.post("/<int:tracker_id>/accounts/forget")
def forget_account(tracker_id: int) -> AnyResponse:
    accounts.forget(tracker_id, request.form.get("theirs", ""), actor=auth.current_actor())
    flash("The account is nobody's here any more.", "success")
    return redirect(HERE, 303)


@blueprint.post("/<int:tracker_id>/policies")
def add_policy(tracker_id: int) -> AnyResponse:
    said = {name: request.form.get(name, "").strip() for name in ("service", "priority", "kind")}
    return _done(
        f"policies-{tracker_id}",
        lambda: policies.add(tracker_id, **said, actor=auth.current_actor()),
        "Items that are accepted from now on get a ticket.",
    )


@blueprint.post("/<int:tracker_id>/policies/<int:policy_id>/remove")
def remove_policy(tracker_id: int, policy_id: int) -> AnyResponse:
    policies.remove(policy_id, actor=auth.current_actor())
    flash("No ticket is created by it any more.", "success")
    return redirect(HERE, 303)


def _saved(tracker_id: int | None) -> AnyResponse:
    fields: dict[str, object] = dict(request.form.items())
    # A box that is not ticked is not sent; a new tracker is switched on without one.
    fields |= {name: name in request.form for name in BOXES if name != "is_enabled" or tracker_id is not None}
    return _done(
        "tracker" if tracker_id is None else f"tracker-{tracker_id}",
        lambda: trackers.save(
            fields, actor=auth.current_actor(), vault=runtime().vault, tracker_id=tracker_id
        ),
        "Saved.",
    )


def _done(at: str, act: Callable[[], object], said: str) -> AnyResponse:
    return render.after_form(act, said, HERE, lambda errors: _page(errors, at))


def _page(errors: forms.Errors, at: str = "") -> AnyResponse:
    """The page; `at` is the form that the errors are in."""
    permissions.require(auth.current_actor(), trackers.MANAGE)
    known = trackers.every()
    return render.form_page(
        "tickets/settings.html",
        errors=errors,
        at=at,
        form=request.form,
        trackers=known,
        accounts={row.id: accounts.listing(row.id) for row in known},
        policies={row.id: policies.listing(row.id) for row in known},
        services=[(service.name, service.title) for service in SERVICES.values()],
        priorities=list(model.PRIORITIES),
        kinds=list(model.ITEM_KINDS),
        own_url=downloads.own_url(),
    )
