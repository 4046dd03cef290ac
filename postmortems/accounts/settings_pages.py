"""Settings pages: one's own account and tokens; for admins, people."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock
from postmortems.accounts import browser_sessions, operations, permissions, queries, sign_in
from postmortems.accounts.browsers import devices
from postmortems.accounts.company import operations as company
from postmortems.accounts.company import queries as identities
from postmortems.accounts.factors import operations as factors
from postmortems.accounts.factors import queries as factor_queries
from postmortems.accounts.teams import queries as teams
from postmortems.actor import ROLES, SCOPES
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, TooMany, Unavailable
from postmortems.notify.access import operations as access
from postmortems.web import auth, forms, render
from postmortems.web.transactions import own_units

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

DAY_S = 86400
EXPIRIES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "never"))


@blueprint.get("")
def account() -> AnyResponse:
    return _account({})


@blueprint.post("/password")
@own_units
def set_password() -> AnyResponse:
    """Change one's own password; this browser stays signed in with a fresh session, all others do not.

    A wrong present password counts as an attempt to sign in: whoever sits at somebody's browser guesses it.
    Who came in by a link just now is not asked for one.
    """
    form, actor = request.form, auth.current_actor()
    if form.get("password") != form.get("again"):
        return _account_again({"again": ["the two passwords differ"]})
    try:
        with db.transaction():
            is_proven = sign_in.may_choose_password(auth.session_secret(), clock.now())
            if not is_proven:
                sign_in.note_attempt(actor.name, request.remote_addr or "", clock.now())
        with db.transaction():
            secret = _renewed(form.get("current", ""), form.get("password", ""), is_proven=is_proven)
            sign_in.forget_attempts(actor.name)
    except TooMany as refusal:
        return _guessed(refusal.detail, sign_in.HELD_UP, refusal.retry_after_s)
    except Invalid as refusal:
        errors = forms.errors(refusal)
        if "current" in errors:
            return _guessed(errors["current"][0], "wrong password")
        with db.transaction():
            sign_in.forget_attempts(actor.name)
        return _account_again(errors)
    flash(
        "Your password is changed. Every other browser is signed out, your tokens are revoked, and your "
        "chats are unlinked.",
        "success",
    )
    answer = redirect("/settings", 303)
    auth.remember(answer, secret)
    return answer


def _renewed(current: str, password: str, *, is_proven: bool) -> str:
    """Take the new password; returns the secret of the session that takes the place of this browser's.

    Where the company opened that, the new one is the company's as well.
    """
    actor, before, now = auth.current_actor(), auth.session_secret(), clock.now()
    by_provider, has_second_factor = identities.opened(before), sign_in.has_second_factor(before, now)
    is_first = queries.account(actor.name).password_hash is None
    if by_provider is not None and is_first and not sign_in.is_fresh(before, now):
        told = "you signed in a while ago: sign out, sign in again, and then choose a password"
        raise Invalid(told, "/password")
    user = operations.set_password(current, password, actor=actor, is_proven=is_proven)
    device = devices.named(request.user_agent.string)
    secret = sign_in.open_session(
        user, now, has_second_factor=has_second_factor, way="password", device=device
    )
    company.carry_on(by_provider, secret)
    access.tell(user, "password", now)
    return secret


def _guessed(detail: str, why: str, retry_after_s: int = 0) -> AnyResponse:
    name = auth.current_actor().name
    with db.transaction():
        sign_in.note_failure(name, "user.password_refused", why)
    answer = _account_again({"current": [detail]})
    if retry_after_s:
        answer.status_code = 429
        answer.headers["Retry-After"] = str(retry_after_s)
    return answer


def _account_again(errors: forms.Errors) -> AnyResponse:
    with db.reading():
        return _account(errors)


def _account(errors: forms.Errors) -> AnyResponse:
    actor, secret, now = auth.current_actor(), auth.session_secret(), clock.now()
    browsers, count = browser_sessions.live(actor, secret, now)
    user = queries.account(actor.name)
    return render.form_page(
        "accounts/account.html",
        user=user,
        in_teams=teams.held_by([user.id]).get(user.id, ()),
        errors=errors,
        is_proven=sign_in.may_choose_password(secret, now),
        browsers=browsers,
        count=count,
    )


@blueprint.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> AnyResponse:
    """Sign one of one's own browsers out."""
    browser_sessions.end(session_id, actor=auth.current_actor())
    flash("That browser is signed out.", "success")
    return redirect("/settings", 303)


@blueprint.post("/sessions/end-others")
def end_other_sessions() -> AnyResponse:
    """Sign out every browser of one's own but this one."""
    ended = browser_sessions.end_others(auth.session_secret(), actor=auth.current_actor())
    told = "1 other browser is signed out." if ended == 1 else f"{ended} other browsers are signed out."
    flash(told if ended else "No other browser was signed in.", "success")
    return redirect("/settings", 303)


@blueprint.get("/tokens")
def tokens() -> AnyResponse:
    return _tokens()


@blueprint.post("/tokens")
def add_token() -> AnyResponse:
    """Make a token and show its secret, this once."""
    form, actor = request.form, auth.current_actor()
    days = form.get("days", "")
    expires_s = int(days) * DAY_S if days.isdecimal() and len(days) < 6 else None
    try:
        _, secret = operations.add_token(
            actor.name,
            form.get("name", "").strip(),
            form.getlist("scopes"),
            expires_s,
            networks=form.get("networks", "").replace(",", " ").split(),
            actor=actor,
        )
    except Invalid as refusal:
        return _tokens(forms.errors(refusal))
    return _tokens(secret=secret)


@blueprint.post("/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> AnyResponse:
    actor = auth.current_actor()
    token = operations.revoke_token(token_id, actor=actor)
    flash(f"The token “{token.name}” is revoked.", "success")
    return redirect(f"/settings/tokens{'' if token.user_id == actor.user_id else '/all'}", 303)


def _tokens(errors: forms.Errors | None = None, secret: str = "") -> AnyResponse:
    user_id = auth.current_actor().user_id
    tokens = queries.tokens_of(user_id) if user_id is not None else []
    return render.form_page(
        "accounts/tokens.html",
        errors=errors,
        scopes=SCOPES,
        expiries=EXPIRIES,
        form=request.form,
        tokens=tokens,
        secret=secret,
    )


@blueprint.get("/people")
def people() -> AnyResponse:
    return _people()


@blueprint.post("/people")
def add_user() -> AnyResponse:
    """Open an account; mail an invitation, or show its first sign-in link, this once."""
    form, actor, now = request.form, auth.current_actor(), clock.now()
    permissions.require(actor, "people.manage")
    name, role, address = (form.get(field, "").strip() for field in ("name", "role", "address"))
    sends_mail = bool(current_app.extensions["settings"].smtp_url)
    try:
        with session().begin_nested():
            if address:
                access.invite(name, role, address, now, actor=actor, sends_mail=sends_mail)
                flash(f"An invitation for {name} is on its way to {address}.", "success")
                return redirect("/settings/people", 303)
            user = operations.add_user(name, role, actor=actor)
    except Unavailable as refusal:
        return _people({"address": [refusal.detail]})
    except (Invalid, Conflict) as refusal:
        return _people(forms.errors(refusal, "name"))
    return _people(link_of=user.name, secret=sign_in.make_sign_in_link(user, clock.now(), actor=actor))


@blueprint.post("/people/<name>")
def change_user(name: str) -> AnyResponse:
    """One row of the table: another role, off or on, a new sign-in link, or no second step any more."""
    form, actor = request.form, auth.current_actor()
    permissions.require(actor, "people.manage")
    user = queries.account(name)
    if form.get("do") == "link":
        return _people(link_of=name, secret=sign_in.make_sign_in_link(user, clock.now(), actor=actor))
    if form.get("do") == "reset-factors":
        had_any = factors.reset(name, actor=actor)
        told = "signs in by password alone again" if had_any else "had no second step"
        flash(f"{name} {told}.", "success")
        return redirect("/settings/people", 303)
    is_active = user.is_active if form.get("do") == "role" else form.get("do") == "switch-on"
    operations.change_user(name, role=form.get("role", user.role), is_active=is_active, actor=actor)
    flash(f"{name} is changed.", "success")
    return redirect("/settings/people", 303)


def _people(errors: forms.Errors | None = None, link_of: str = "", secret: str = "") -> AnyResponse:
    permissions.require(auth.current_actor(), "people.manage")
    users = queries.accounts(after=request.args.get("after", ""))
    more = users[-1].name if len(users) == queries.PAGE else ""
    link = f"{request.host_url}sign-in/link/{secret}" if secret else ""
    settings = current_app.extensions["settings"]
    return render.form_page(
        "accounts/people.html",
        provider=settings.oidc_issuer and settings.oidc_name,
        errors=errors,
        roles=ROLES,
        users=users,
        with_factor=factor_queries.having([user.id for user in users]),
        in_teams=teams.held_by([user.id for user in users]),
        more=more,
        link=link,
        link_of=link_of,
        form=request.form,
    )
