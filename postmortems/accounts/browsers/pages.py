"""Settings → People → Sessions: where somebody is signed in, for an admin to see and end."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import browser_sessions
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("browsers", __name__, url_prefix="/settings/people")


@blueprint.get("/<name>/sessions")
def show(name: str) -> Response:
    """The browsers in which this person is signed in."""
    browsers, count = browser_sessions.of_account(name, clock.now(), actor=current_actor())
    return form_page("accounts/sessions.html", name=name, browsers=browsers, count=count)


@blueprint.post("/<name>/sessions")
def end(name: str) -> AnyResponse:
    """Sign this person out: of the browser that the form names, or of all."""
    chosen = request.form.get("session", "")
    number = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
    if chosen and number is None:
        number = 0
    ended = browser_sessions.end_of(name, number, actor=current_actor())
    told = "1 browser is" if ended == 1 else f"{ended} browsers are"
    flash(f"{told} signed out of the account {name}.", "success")
    return redirect(f"/settings/people/{name}/sessions", 303)
