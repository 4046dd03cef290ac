"""Pages of tokens: everybody's, for admins, and replacing one by a new one."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, make_response, request

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts.tokens import operations, queries
from postmortems.errors import Invalid
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import page

blueprint = Blueprint("tokens", __name__, url_prefix="/settings/tokens")


@blueprint.get("/all")
def index() -> str:
    """Everybody's tokens, narrowed to those that are unused, about to end, or endless."""
    permissions.require(current_actor(), "people.manage")
    shown = request.args.get("show", "")
    shown = shown if shown in queries.SHOWN else "live"
    before = forms.whole_number(request.args.get("before", ""))
    found = queries.listing(shown, clock.now(), before=before, limit=queries.PAGE + 1)
    rows = found[: queries.PAGE]
    base = f"/settings/tokens/all?show={shown}"
    return page(
        "accounts/tokens/all.html",
        tokens=rows,
        shown=shown,
        choices=[(word, label) for word, (label, _) in queries.SHOWN.items()],
        next_url=f"{base}&before={rows[-1].id}" if len(found) > queries.PAGE else "",
        first_url=base if before is not None else "",
    )


@blueprint.post("/<int:token_id>/rotate")
def rotate(token_id: int) -> Response:
    """Make a token like this one and show its secret, this once."""
    days = forms.whole_number(request.form.get("days", ""))
    if days is None:
        raise Invalid("write in whole days how long the old token lives on; 0 ends it now", "/days")
    overlap = timedelta(days=min(days, 1_000))
    token, secret = operations.rotate(token_id, overlap, actor=current_actor())
    return make_response(page("accounts/tokens/rotated.html", token=token, secret=secret, days=days))
