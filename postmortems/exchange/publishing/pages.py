"""Settings page of publishing: outlets, what is published there, and what a person decides."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems.accounts import permissions
from postmortems.db import session as db
from postmortems.errors import Conflict, NotFound, OutOfReach
from postmortems.exchange.publishing import outlets, publish
from postmortems.exchange.publishing.kinds import KINDS
from postmortems.web import auth, forms, render
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("publications", __name__, url_prefix="/settings/publications")

HERE = "/settings/publications"


@blueprint.get("")
def index() -> AnyResponse:
    return _page({})


@blueprint.post("/outlets")
def add_outlet() -> AnyResponse:
    return _saved(None)


@blueprint.post("/outlets/<int:outlet_id>")
def save_outlet(outlet_id: int) -> AnyResponse:
    return _saved(outlet_id)


@blueprint.post("/outlets/<int:outlet_id>/remove")
def remove_outlet(outlet_id: int) -> AnyResponse:
    outlets.remove(outlet_id, actor=auth.current_actor())
    flash("Nothing is published there any more; the pages stay as they are.", "success")
    return redirect(HERE, 303)


@blueprint.post("")
@own_units
def publish_one() -> AnyResponse:
    """Publish an incident, or decide what happens to a page that somebody changed."""
    slug = request.form.get("slug", "").strip().rstrip("/").rpartition("/")[2]
    try:
        publish.publish(
            slug,
            request.form.get("outlet", ""),
            actor=auth.current_actor(),
            runtime=runtime(),
            overwrite="overwrite" in request.form,
            anew="anew" in request.form,
        )
    except Conflict as refusal:
        flash(refusal.detail, "warning")
    except (NotFound, OutOfReach) as refusal:
        with db.reading():
            return _page({"slug": [refusal.detail]}, "publish")
    else:
        flash("Published.", "success")
    return redirect(HERE, 303)


def _saved(outlet_id: int | None) -> AnyResponse:
    at = "outlet" if outlet_id is None else f"outlet-{outlet_id}"
    vault, actor = runtime().vault, auth.current_actor()
    return render.after_form(
        lambda: outlets.save(request.form, actor=actor, vault=vault, outlet_id=outlet_id),
        "Saved.",
        HERE,
        lambda errors: _page(errors, at),
    )


def _page(errors: forms.Errors, at: str = "") -> AnyResponse:
    """The page; `at` is the form that the errors are in."""
    permissions.require(auth.current_actor(), outlets.MANAGE)
    known = outlets.every()
    return render.form_page(
        "publications/settings.html",
        errors=errors,
        at=at,
        form=request.form,
        outlets=known,
        outlet_choices=[(one.name, one.name) for one in known],
        kinds=[(kind.name, kind.title) for kind in KINDS.values()],
        publications=publish.listing(),
    )
