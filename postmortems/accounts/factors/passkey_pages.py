"""Signing in by a passkey: alone, or as the second step after a password."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import pages as sign_in_pages
from postmortems.accounts import sign_in
from postmortems.accounts.factors import passkey_challenges_pages as challenges
from postmortems.accounts.factors import passkeys, queries, second_step, step_pages
from postmortems.accounts.models import User
from postmortems.accounts.pages import safe_next
from postmortems.db import session as db
from postmortems.errors import NotAllowed
from postmortems.web import render
from postmortems.web.transactions import own_units

blueprint = Blueprint("passkeys", __name__, url_prefix="/sign-in/passkey")

PURPOSE = "sign in"


@blueprint.post("/options")
def options() -> Response:
    """What the script asks the browser for; in the second step, a passkey of whoever gave the password, or to
    make their first one."""
    pending = second_step.waiting(step_pages.secret(), clock.now()) if request.args else None
    user, party = pending.user if pending and "step" in request.args else None, challenges.party()
    if "set-up" in request.args:
        if pending is None or queries.of(pending.user_id).any:
            raise NotAllowed("that took too long; sign in again")
        made = passkeys.to_register(pending.user, challenges.fresh(step_pages.SET_UP), party)
        return Response(made, mimetype="application/json")
    said = passkeys.to_sign_in(challenges.fresh(PURPOSE), party, user)
    return Response(said, mimetype="application/json")


@blueprint.post("")
@own_units
def take() -> AnyResponse:
    """Open a session for whoever unlocked the passkey."""
    target, sealed = safe_next(request.form.get("next", "")), request.form.get("unsent", "")
    sent = request.form.get("answer", "")
    try:
        with db.transaction():
            user = passkeys.take(sent, challenges.kept(PURPOSE), challenges.party(), clock.now())
            way = sign_in_pages.LINK if _end_step(user) else "passkey"
            answer = sign_in_pages.enter(user, target, sealed, way=way, has_second_factor=True)
            sign_in.forget_attempts(user.name)
    except NotAllowed as refusal:
        with db.transaction():
            passkeys.note_refused(sent, refusal.detail)
        return sign_in_pages.form(
            target, problem=f"{render.sentence(refusal.detail)}.", status=403, sealed=sealed
        )
    step_pages.forget(answer)
    return answer


def _end_step(user: User) -> bool:
    """End the sign-in that waits for this second step; says whether a link began it."""
    if "step" not in request.form:
        if not challenges.are_taken():
            raise NotAllowed("passkeys alone are not accepted here; sign in by your company")
        return False
    pending = second_step.waiting(step_pages.secret(), clock.now())
    if pending is None or pending.user_id != user.id:
        raise NotAllowed("this passkey is not of the account whose password you gave; sign in again")
    second_step.end(pending)
    return pending.by_link
