"""The pages for signing in and out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, g, make_response, redirect, request, session
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from postmortems import clock
from postmortems.accounts import browser_sessions, credentials, operations, proxy_sign_in, queries
from postmortems.accounts import sign_in as accounts_sign_in
from postmortems.accounts.browsers import devices
from postmortems.accounts.company import queries as identities
from postmortems.accounts.factors import passkey_challenges_pages, second_step, step_pages
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.errors import Conflict, NotAllowed, TooMany
from postmortems.notify.access import operations as access
from postmortems.web import auth, render, unsent
from postmortems.web.transactions import SAFE_METHODS, own_units

blueprint = Blueprint("people", __name__)

# How a session is opened, in the words of the list of sessions.
PASSWORD, LINK = "password", "link"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@own_units
def sign_in() -> Response:
    """The form, and what it sends."""
    target = safe_next(request.values.get("next", ""))
    sealed = request.form.get("unsent", "")
    if request.method in SAFE_METHODS:
        return _shown(target)
    name = request.form.get("name", "").strip()
    settings = current_app.extensions["settings"]
    if "go_on" in request.form:
        # Who came in by a link in another tab goes on here with what waits in this one.
        if auth.current_actor().is_person:
            return _goes_on(auth.current_actor(), target, sealed)
        return form(target, name=name, problem="You are not signed in yet.", status=403, sealed=sealed)
    if settings.oidc_only:
        told = f"Passwords are switched off here: sign in with {settings.oidc_name}."
        return form(target, name=name, problem=told, status=403, sealed=sealed)
    try:
        user = _checked(name, request.form.get("password", ""))
    except TooMany as refusal:
        _note_failure(name, accounts_sign_in.HELD_UP)
        answer = form(target, name=name, problem=refusal.detail, status=429, sealed=sealed)
        answer.headers["Retry-After"] = str(refusal.retry_after_s)
        return answer
    except NotAllowed as refusal:
        _note_failure(name, accounts_sign_in.WRONG)
        return form(target, name=name, problem=f"{refusal.detail.capitalize()}.", status=403, sealed=sealed)
    with db.transaction():
        operations.renew_hash(user, request.form.get("password", ""))
        if needs_second_step(user):
            # Earlier errors still count: who knows the password must not try codes without end.
            return step_pages.begun(user, target, sealed)
        answer = enter(user, target, sealed)
        accounts_sign_in.forget_attempts(name)
        return answer


def _shown(target: str) -> Response:
    """The form, for whoever is neither signed in nor named by the proxy in front."""
    if auth.current_actor().is_person:
        return redirect(target, 303)
    named = auth.proxy_name()
    # Who just signed out is not signed in again at once.
    if named and request.method == "GET" and "out" not in request.args:
        return _enter_by_proxy(named, target)
    return form(target, proxy_name=named)


def _enter_by_proxy(named: str, target: str) -> Response:
    role = current_app.extensions["settings"].proxy_role
    try:
        try:
            with db.transaction():
                return enter(proxy_sign_in.account(named, role), target, way="proxy", has_second_factor=True)
        except IntegrityError:
            # Another tab of theirs made the account at this moment.
            with db.transaction():
                return enter(proxy_sign_in.account(named, role), target, way="proxy", has_second_factor=True)
    except (NotAllowed, Conflict) as refusal:
        g.actor = Actor.nobody()
        _note_failure(named, refusal.detail)
        told = refusal.detail[:1].upper() + refusal.detail[1:]
        return form(target, problem=f"{told}.", status=403)


def _checked(name: str, password: str) -> User:
    """The user with this name and password. The attempt counts first; no unit waits for the hash."""
    with db.transaction():
        accounts_sign_in.note_attempt(name, request.remote_addr or "", clock.now())
        user = queries.named(name)
    accounts_sign_in.check(password[: credentials.LONGEST + 1], user)
    assert user is not None
    return user


def _note_failure(name: str, why: str) -> None:
    with db.transaction():
        accounts_sign_in.note_failure(name, "user.sign_in_failed", why)


@blueprint.route("/sign-in/link/<secret>", methods=["GET", "POST"])
def link(secret: str) -> Response:
    """A one-time link. Only the button uses it: mail scanners open links too, but press no buttons.

    It stands for the password alone: whoever reads somebody's mail has not their phone, too.
    """
    if request.method == "POST":
        user = accounts_sign_in.use_link(secret, clock.now())
        if needs_second_step(user):
            return step_pages.begun(user, "/", by_link=True)
        return enter(user, "/", way=LINK)
    found = queries.link(secret, clock.now())
    status = 200 if found else 403
    return make_response(render.page("accounts/link.html", user=found.user if found else None), status)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this browser's session, on the server too; what another left unsent waits for them to sign in."""
    sealed = request.form.get("unsent", "")
    writer = unsent.writer_of(sealed)
    is_providers = identities.is_opened_by_provider(auth.session_secret())
    accounts_sign_in.sign_out(auth.session_secret())
    session.clear()
    g.actor = Actor.nobody()
    answer = form("/", name=writer, sealed=sealed) if writer else redirect(_signed_out(is_providers), 303)
    auth.forget(answer)
    return answer


def _signed_out(is_providers: bool) -> str:
    if is_providers:
        return "/sign-in?out=provider"
    return "/sign-in?out=1" if auth.proxy_name() else "/sign-in"


def safe_next(target: str) -> str:
    """Where to go after signing in: a path of ours, or the start page for anything else."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    if not is_path or "\\" in target or urlsplit(target).netloc:
        return "/"
    return target


def form(
    target: str,
    *,
    name: str = "",
    problem: str = "",
    status: int = 200,
    sealed: str = "",
    proxy_name: str = "",
) -> Response:
    """The page for signing in, whatever way; `problem` says why it is shown again."""
    settings = current_app.extensions["settings"]
    writer = unsent.writer_of(sealed)
    values: dict[str, Any] = {"target": target, "name": name, "problem": problem, "writer": writer}
    values |= {"proxy_name": proxy_name, "is_out": request.args.get("out") == "provider"}
    values["sends_mail"] = bool(settings.smtp_url)
    values["takes_passkeys"] = passkey_challenges_pages.are_taken()
    values |= {"provider": settings.oidc_issuer and settings.oidc_name, "only": settings.oidc_only}
    body = render.page("accounts/sign_in.html", sealed=sealed if writer else "", **values)
    return make_response(body, status)


def enter(
    user: User,
    target: str,
    sealed: str = "",
    *,
    way: str = PASSWORD,
    has_second_factor: bool = False,
    secret: str = "",
) -> Response:
    """Sign this browser in as the user, and go on; `secret` where its new session is open already."""
    become(user)
    answer = _goes_on(g.actor, target, sealed)
    if secret:
        auth.remember(answer, secret)
        return answer
    return remembered(answer, user, way=way, has_second_factor=has_second_factor)


def become(user: User) -> None:
    """From here on the request is this person's.

    The old session ends and the forms' token changes, so whatever was known before is worth nothing after.
    """
    accounts_sign_in.sign_out(auth.session_secret())
    session.clear()
    g.actor = accounts_sign_in.person(user)


def remembered(answer: Response, user: User, *, way: str, has_second_factor: bool = False) -> Response:
    """The answer, with the cookie of a new session of this person, opened that way."""
    by_link = way == LINK
    auth.remember(answer, opened(user, way=way, by_link=by_link, has_second_factor=has_second_factor))
    if by_link:
        told = "If you forgot your password: for an hour, Settings takes a new one without the present one."
        flash(told if user.password_hash else "Choose a password under Settings.", "info")
    return answer


def opened(user: User, *, way: str, has_second_factor: bool, by_link: bool = False) -> str:
    """The secret of a new session for this browser; of one that is new to its person a mail tells them."""
    now, device = clock.now(), devices.named(request.user_agent.string)
    if browser_sessions.is_new(user.id, device, now):
        access.tell(user, "device", now, device=device, address=request.remote_addr or "an unknown address")
    return accounts_sign_in.open_session(
        user, now, by_link=by_link, has_second_factor=has_second_factor, way=way, device=device
    )


def needs_second_step(user: User) -> bool:
    """Whether this person's password, or a link in its place, does not suffice."""
    return second_step.is_needed(user, current_app.extensions["settings"].second_factor)


def _goes_on(actor: Actor, target: str, sealed: str) -> Response:
    """To what was left unsent, which its writer sends and nobody else sees; else to the page asked for."""
    writer = unsent.writer_of(sealed)
    if not writer:
        return redirect(target, 303)
    left = unsent.opened(sealed, actor.name)
    return make_response(
        unsent.page(left, at_once=True) if left else unsent.others_page(writer, sealed, target)
    )
