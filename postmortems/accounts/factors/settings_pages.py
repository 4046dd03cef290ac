"""Settings → Second step: one's own app and recovery codes."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, make_response, redirect, request
from werkzeug.wrappers import Response

from postmortems import clock
from postmortems.accounts import credentials, sign_in
from postmortems.accounts import queries as accounts
from postmortems.accounts.factors import (
    apps,
    operations,
    queries,
    relying_party,
    second_step,
    step_pages,
    totp,
)
from postmortems.accounts.factors.pages import LONGEST_CODE
from postmortems.accounts.models import User
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotAllowed, TooMany
from postmortems.web import auth, forms, render
from postmortems.web.forms import Errors
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("second_step_settings", __name__, url_prefix="/settings/second-step")

HERE = "/settings/second-step"


@blueprint.get("")
def show() -> Response:
    """What one has; to change it a while after signing in, one shows once more who one is."""
    return page()


@blueprint.post("/confirm")
@own_units
def confirm() -> Response:
    """Take the password or a code again; a wrong one counts as a try to sign in."""
    typed, address, now = request.form.get("proof", ""), request.remote_addr or "", clock.now()
    with db.reading():
        user = _own()
    try:
        with db.transaction():
            sign_in.note_attempt(user.name, address, now)
        is_password = user.password_hash is not None and credentials.is_right(
            typed[: credentials.LONGEST + 1], user.password_hash
        )
        with db.transaction():
            if not is_password:
                second_step.take(typed[:LONGEST_CODE], user, now, cipher=runtime().vault)
            sign_in.forget_attempts(user.name)
            sign_in.prove(auth.session_secret(), now)
    except (NotAllowed, TooMany) as refusal:
        held = isinstance(refusal, TooMany)
        with db.transaction():
            if not held and totp.is_shaped(typed):
                # A guess at the app is one wherever it is made.
                apps.note_refused(user)
            why = sign_in.HELD_UP if held else "wrong password or code"
            sign_in.note_failure(user.name, "user.password_refused", why)
        told = refusal.detail if held else "this is neither your password nor a valid code"
        with db.reading():
            answer = page({"proof": [render.sentence(told)]})
        answer.status_code = 429 if held else 422
        return answer
    return redirect(HERE, 303)


@blueprint.get("/app")
def propose_app() -> Response:
    """The picture for an app, and the form for its first code."""
    return _app(proven())


@blueprint.post("/app")
def add_app() -> Response:
    """Take the app that shows the code."""
    user, cipher, now = proven(), runtime().vault, clock.now()
    try:
        secret = apps.proposed(request.form.get("app", ""), user, cipher=cipher)
        typed = request.form.get("code", "")[:LONGEST_CODE]
        codes = apps.add(user, secret, typed, now, actor=auth.current_actor(), cipher=cipher)
    except (Invalid, Conflict) as refusal:
        return _app(user, forms.errors(refusal, "code"))
    sign_in.add_second_factor(auth.session_secret(), now)
    flash("From now on your app is asked for after your password.", "success")
    return _codes(codes) if codes else redirect(HERE, 303)


@blueprint.post("/app/remove")
def remove_app() -> Response:
    """Take the app away."""
    operations.remove_app(proven(), actor=auth.current_actor())
    flash("The app is taken away.", "success")
    return redirect(HERE, 303)


@blueprint.post("/recovery-codes")
def renew_recovery_codes() -> Response:
    """Show new codes, this once; the old ones are worth nothing."""
    return _codes(operations.renew_recovery_codes(proven(), actor=auth.current_actor()))


def _own() -> User:
    if not auth.current_actor().is_person:
        raise NotAllowed("only a person who is signed in may do this, for their own account")
    return accounts.account(auth.current_actor().name)


def proven() -> User:
    """The account of who asks, and has lately shown to be its owner. Raises `NotAllowed`."""
    if not sign_in.is_fresh(auth.session_secret(), clock.now()):
        raise NotAllowed("you signed in a while ago; open Settings → Second step and confirm who you are")
    return _own()


def page(errors: Errors | None = None) -> Response:
    """The page, with what is wrong in what was sent."""
    user = _own()
    return render.form_page(
        "accounts/factors/show.html",
        errors=errors,
        user=user,
        factors=queries.of(user.id),
        is_fresh=sign_in.is_fresh(auth.session_secret(), clock.now()),
        party=relying_party.of(current_app.extensions["settings"].url),
        form=request.form,
    )


def _app(user: User, errors: Errors | None = None) -> Response:
    proposed = step_pages.proposed(user, request.form.get("app", ""))
    return render.form_page("accounts/factors/app.html", errors=errors, user=user, **proposed)


def _codes(codes: list[str]) -> Response:
    return make_response(render.page("accounts/factors/codes.html", codes=codes, target=HERE, sealed=""))
