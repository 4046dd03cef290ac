"""The page of exemptions: requested overrides, waivers and pauses."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.accounts import queries as accounts
from postmortems.accounts.teams import queries as teams
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.gate.exemptions import waivers
from postmortems.gate.verdicts import active_waivers
from postmortems.web import forms
from postmortems.web.auth import current_actor
from postmortems.web.render import form_page

blueprint = Blueprint("waivers", __name__)

PAGE_ROWS = 50
FIELDS = ("kind", "guard", "target", "owner", "reason", "until", "zone")
KINDS = (
    ("waiver", "waiver: the guard may fail"),
    ("pause", "pause: the guard is left aside"),
    ("probe_pause", "pause of probes: nobody looks at the target"),
)


@blueprint.get("/gate/waivers")
def index() -> Response:
    """What counts now, what was requested, and the form for more."""
    permissions.require(current_actor(), "gate.read")
    asked = {name: request.args.get(name, "") for name in FIELDS}
    return _show(asked | {"kind": asked["kind"] or "waiver"}, {})


@blueprint.post("/gate/waivers")
def add() -> AnyResponse:
    """Make a waiver or a pause."""
    permissions.require_anywhere(current_actor(), "waiver.edit")
    values = {name: request.form.get(name, "").strip() for name in FIELDS}
    try:
        until = forms.instant(values["until"], values["zone"], "until")
        with session().begin_nested():
            made = waivers.add(values | {"until": until}, actor=current_actor())
    except Invalid as invalid:
        return _show(values, forms.errors(invalid))
    what = (
        f"{made.guard or made.target}: {made.kind.replace('_', ' ')} until {made.ends_at:%Y-%m-%d %H:%M} UTC"
    )
    flash(f"{what}{'' if made.granted_by else ', once another admin grants it'}.", "success")
    return redirect("/gate/waivers", 303)


@blueprint.post("/gate/waivers/<int:waiver_id>/grant")
def grant(waiver_id: int) -> AnyResponse:
    """Let another admin's count."""
    granted = waivers.grant(waiver_id, actor=current_actor())
    flash(f"Granted: it lets deploys past {granted.guard}.", "success")
    return redirect("/gate/waivers", 303)


@blueprint.post("/gate/waivers/<int:waiver_id>/end")
def end(waiver_id: int) -> AnyResponse:
    """End one now."""
    ended = waivers.end(waiver_id, actor=current_actor())
    flash(f"Ended: {ended.guard or ended.target} counts again.", "success")
    return redirect("/gate/waivers", 303)


def _show(values: Mapping[str, str], errors: forms.Errors) -> Response:
    now, is_all = clock.now(), request.args.get("show") == "all"
    kept = {"show": "all"} if is_all else {}
    listed = active_waivers.waiver_page(
        now, is_live=not is_all, after=request.args.get("after", ""), limit=PAGE_ROWS
    )
    return form_page(
        "gate/waivers.html",
        waivers=listed.rows,
        strangers=teams.strangers(one.owner for one in listed.rows),
        is_alone=not accounts.has_other_admin(current_actor().name),
        is_all=is_all,
        requested=active_waivers.override_page("requested", limit=PAGE_ROWS).rows,
        granted=active_waivers.override_page("granted", limit=10).rows,
        values=values,
        errors=errors,
        kinds=KINDS,
        next_url=f"/gate/waivers?{urlencode(kept | {'after': listed.after})}" if listed.after else "",
        first_url=f"/gate/waivers?{urlencode(kept)}" if "after" in request.args else "",
    )
