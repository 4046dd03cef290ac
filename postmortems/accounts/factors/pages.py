"""The second step of signing in: takes a code, or sets up the factor that the operator asks for."""

from __future__ import annotations

from flask import Blueprint, make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from postmortems import clock
from postmortems.accounts import pages as sign_in_pages
from postmortems.accounts import sign_in
from postmortems.accounts.factors import apps, passkeys, queries, second_step, step_pages
from postmortems.accounts.factors import passkey_challenges_pages as challenges
from postmortems.accounts.factors.models import PendingSignIn
from postmortems.accounts.models import User
from postmortems.accounts.pages import safe_next
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotAllowed, TooMany
from postmortems.web import forms, render
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("second_step", __name__, url_prefix="/sign-in")

LONGEST_CODE = 100


@blueprint.get("/second-step")
def show() -> Response:
    """The form again, as after a reload."""
    pending = second_step.waiting(step_pages.secret(), clock.now())
    if pending is None:
        return redirect("/sign-in", 303)
    return step_pages.asked(pending.user, safe_next(request.args.get("next", "")))


@blueprint.post("/second-step")
@own_units
def take() -> Response:
    """Check the code; a session is opened if it is right. Each try counts as one of a password does."""
    with db.transaction():
        pending = _waiting()
    if pending is None:
        return _too_late()
    user = pending.user
    try:
        with db.transaction():
            sign_in.note_attempt(user.name, request.remote_addr or "", clock.now())
        with db.transaction():
            typed = request.form.get("code", "")[:LONGEST_CODE]
            second_step.take(typed, user, clock.now(), cipher=runtime().vault)
            second_step.end(pending)
            sign_in.forget_attempts(user.name)
            answer = sign_in_pages.enter(user, *_next_and_unsent(), way=_way(pending), has_second_factor=True)
    except TooMany as held:
        answer = _refused(user, held.detail, sign_in.HELD_UP, 429)
        answer.headers["Retry-After"] = str(held.retry_after_s)
        return answer
    except NotAllowed as refusal:
        with db.transaction():
            apps.note_refused(user)
        return _refused(user, refusal.detail, "wrong code", 403)
    step_pages.forget(answer)
    return answer


@blueprint.post("/set-up")
@own_units
def set_up() -> Response:
    """Take the app or passkey of whoever needs one before anything else, and show the recovery codes."""
    target, sealed = _next_and_unsent()
    with db.transaction():
        pending = _waiting()
        if pending is None or queries.of(pending.user_id).any:
            return _too_late()
    try:
        with db.transaction():
            codes = _set_up_by(pending)
            sign_in_pages.become(pending.user)
            body = render.page("accounts/factors/codes.html", codes=codes, target=target, sealed=sealed)
            answer = sign_in_pages.remembered(
                make_response(body), pending.user, way=_way(pending), has_second_factor=True
            )
    except (Invalid, Conflict, NotAllowed) as refusal:
        field = "name" if "answer" in request.form else "code"
        with db.reading():
            return step_pages.asked(pending.user, target, sealed, errors=forms.errors(refusal, field))
    step_pages.forget(answer)
    return answer


def _set_up_by(pending: PendingSignIn) -> list[str]:
    user, cipher = second_step.end(pending), runtime().vault
    if (answer := request.form.get("answer")) is not None:
        asked, party = challenges.kept(step_pages.SET_UP), challenges.party()
        name, now = request.form.get("name", ""), clock.now()
        return passkeys.register(user, name, answer, asked, party, now, actor=sign_in.person(user))
    secret = apps.proposed(request.form.get("app", ""), user, cipher=cipher)
    typed = request.form.get("code", "")[:LONGEST_CODE]
    return apps.add(user, secret, typed, clock.now(), actor=sign_in.person(user), cipher=cipher)


def _way(pending: PendingSignIn) -> str:
    return sign_in_pages.LINK if pending.by_link else sign_in_pages.PASSWORD


def _waiting() -> PendingSignIn | None:
    return second_step.waiting(step_pages.secret(), clock.now())


def _next_and_unsent() -> tuple[str, str]:
    return safe_next(request.form.get("next", "")), request.form.get("unsent", "")


def _too_late() -> Response:
    target, sealed = _next_and_unsent()
    return sign_in_pages.form(target, problem="That took too long. Sign in again.", status=403, sealed=sealed)


def _refused(user: User, detail: str, why: str, status: int) -> Response:
    with db.transaction():
        sign_in.note_failure(user.name, "user.code_refused", why)
    target, sealed = _next_and_unsent()
    with db.reading():
        return step_pages.asked(
            user, target, sealed, errors={"code": [render.sentence(detail)]}, status=status
        )
