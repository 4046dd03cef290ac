"""Settings → Second step: one's own passkeys, made and taken away."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import sign_in
from postmortems.accounts.factors import passkey_challenges_pages as challenges
from postmortems.accounts.factors import passkeys, settings_pages
from postmortems.accounts.factors.settings_pages import HERE
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed
from postmortems.web import auth, forms, render

blueprint = Blueprint("passkey_settings", __name__, url_prefix=f"{HERE}/passkeys")

PURPOSE = "register"


@blueprint.post("/options")
def options() -> Response:
    """What the script asks the browser to make."""
    user, party = settings_pages.proven(), challenges.party()
    said = passkeys.to_register(user, challenges.fresh(PURPOSE), party)
    return Response(said, mimetype="application/json")


@blueprint.post("")
def register() -> AnyResponse:
    """Keep the passkey that the browser has made, under the name that was typed."""
    user, now, actor = settings_pages.proven(), clock.now(), auth.current_actor()
    name, sent = request.form.get("name", ""), request.form.get("answer", "")
    try:
        with session().begin_nested():
            asked, party = challenges.kept(PURPOSE), challenges.party()
            codes = passkeys.register(user, name, sent, asked, party, now, actor=actor)
    except (Invalid, Conflict, NotAllowed) as refusal:
        return settings_pages.page(forms.errors(refusal, "name"))
    sign_in.add_second_factor(auth.session_secret(), now)
    flash(f"The passkey “{name.strip()}” is yours. It signs you in without a password.", "success")
    if not codes:
        return redirect(HERE, 303)
    return make_response(render.page("accounts/factors/codes.html", codes=codes, target=HERE, sealed=""))


@blueprint.post("/<int:passkey_id>/remove")
def remove(passkey_id: int) -> AnyResponse:
    """Take one of them away: from then on it signs nobody in."""
    passkeys.remove(passkey_id, settings_pages.proven(), actor=auth.current_actor())
    flash("The passkey is removed. It stays on the device itself until you delete it there.", "success")
    return redirect(HERE, 303)
