"""The ways to the identity provider and back, and the address at which it says that a session has ended."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Blueprint, current_app, g, jsonify, redirect, request
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from postmortems import clock
from postmortems.accounts import oidc_claims, oidc_keys
from postmortems.accounts import pages as accounts_pages
from postmortems.accounts.company import attempt as attempts
from postmortems.accounts.company import logout_token, operations, provider, signed_person
from postmortems.accounts.company.attempt import Attempt
from postmortems.accounts.company.provider import NotRedeemed
from postmortems.accounts.company.statements import Person
from postmortems.accounts.oidc_claims import Unproven
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.errors import Conflict, NotAllowed, NotFound, OutOfReach
from postmortems.web import auth
from postmortems.web.server.app_runtime import runtime
from postmortems.web.transactions import own_units

blueprint = Blueprint("oidc", __name__, url_prefix="/auth/oidc")

# What providers say instead of a code, such as access_denied (RFC 6749 §4.1.2.1).
ERROR = re.compile(r"[a-z_]{1,60}")


@blueprint.get("/login")
@own_units
def login() -> Response:
    """Send the browser to the provider; what it has to bring back, it keeps in a cookie."""
    settings, now = _settings(), clock.now()
    target = accounts_pages.safe_next(request.args.get("next", ""))
    if auth.current_actor().is_person:
        return redirect(target, 303)
    try:
        described = provider.addresses(settings, now, runtime().provider)
    except OutOfReach as trouble:
        return _refused(trouble.detail, target, 503)
    attempt = attempts.begun(target, now)
    answer = redirect(provider.sign_in_url(settings, described, attempt), 303)
    answer.set_cookie(
        _cookie_name(),
        attempts.sealed(attempt, current_app.config["SECRET_KEY"]),
        max_age=attempts.LASTS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        # The way back is a link from another site; of those, this is the strictest that comes along.
        samesite="Lax",
    )
    return answer


@blueprint.get("/callback")
@own_units
def callback() -> Response:
    """The way back: whoever the provider signed in is signed in here."""
    settings, now = _settings(), clock.now()
    target = "/"
    try:
        attempt = _attempt(now)
        target = attempt.target
        answer = _entered(_person(settings, attempt, now), target, settings)
    except OutOfReach as trouble:
        answer = _refused(trouble.detail, target, 503)
    except operations.NameTaken as refusal:
        with db.transaction():
            operations.note_wish(refusal.person)
        answer = _refused(refusal.detail, target, 403)
    except NotAllowed as refusal:
        answer = _refused(refusal.detail, target, 403)
    except (Unproven, NotRedeemed) as wrong:
        told = f"what {settings.oidc_name} said is not taken: {wrong}. Try again, or tell an admin"
        answer = _refused(told, target, 403)
    return answer


@blueprint.get("/logout")
@own_units
def logout() -> Response:
    """Sign out at the provider, too, where it has a place for that."""
    settings = _settings()
    described = provider.addresses(settings, clock.now(), runtime().provider)
    return redirect(provider.sign_out_url(settings, described) or "/sign-in?out=1", 303)


@blueprint.post("/backchannel-logout")
@own_units
def backchannel_logout() -> tuple[Response, int]:
    """The provider says that somebody's session has ended there: it ends here."""
    settings, now = _settings(), clock.now()
    token = request.form.get("logout_token", "")
    try:
        said = oidc_claims.claimed(token)
        if said.issuer != settings.oidc_issuer:
            raise Unproven("issuer", "it is of another issuer")
        keys = oidc_keys.keys(said.issuer, said.key_id, now, runtime().provider)
        ended = logout_token.ended(token, keys, settings.oidc_client_id, now)
        with db.transaction():
            count = operations.end_sessions(ended, now)
    except (Unproven, Conflict) as wrong:
        _note_refusal(f"logout token: {wrong.detail}")
        return jsonify(error="invalid_request", error_description=wrong.detail), 400
    return jsonify(ended=count), 200


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    if not settings.oidc_issuer:
        raise NotFound("nobody signs in by an identity provider here")
    return settings


def _cookie_name() -> str:
    return f"{auth.cookie_name()}-oidc"


def _attempt(now: datetime) -> Attempt:
    """The attempt that this browser began and the provider answers. It counts once. Raises `NotAllowed`."""
    key = current_app.config["SECRET_KEY"]
    attempt = attempts.opened(request.cookies.get(_cookie_name(), ""), key, now)
    if attempt is None:
        raise NotAllowed("this sign-in was begun in another browser, or too long ago; begin again here")
    if not attempt.is_answered_by(request.args.get("state", "")):
        raise NotAllowed("this answers another sign-in than the last one begun in this browser; begin again")
    with db.transaction():
        is_first = operations.use_up(operations.state_key(attempt.state), now + 2 * attempts.LASTS, now)
    if not is_first:
        raise NotAllowed("this sign-in was answered already; begin again")
    return attempt


def _person(settings: Settings, attempt: Attempt, now: datetime) -> Person:
    """Whom the provider signed in. Raises `Unproven`, `NotRedeemed`, `NotAllowed` and `OutOfReach`."""
    # Where it says who it is (RFC 9207), it must be the one that was asked.
    if request.args.get("iss", settings.oidc_issuer) != settings.oidc_issuer:
        raise Unproven("issuer", "another issuer answered")
    if "error" in request.args:
        said = request.args["error"]
        told = said.replace("_", " ") if ERROR.fullmatch(said) else "something that is no error of its kind"
        raise NotAllowed(f"{settings.oidc_name} did not sign you in: {told}")
    code = request.args.get("code", "")
    if not code:
        raise NotAllowed(f"{settings.oidc_name} sent no code; begin again")
    egress = runtime().provider
    described = provider.addresses(settings, now, egress)
    tokens = provider.redeemed(settings, described, code, attempt.verifier, egress)
    said_by = oidc_claims.claimed(tokens.id_token)
    if said_by.issuer != settings.oidc_issuer:
        raise Unproven("issuer", "it is of another issuer")
    keys = oidc_keys.keys(settings.oidc_issuer, said_by.key_id, now, egress)
    claims = signed_person.claims_of(
        tokens.id_token, tokens.access_token, keys, client_id=settings.oidc_client_id, nonce=attempt.nonce,
        now=now,
    )  # fmt: skip
    # Where groups give nothing, nobody is asked for them.
    groups_claim = settings.oidc_groups_claim if settings.oidc_groups else ""
    if signed_person.lacks(claims, settings.oidc_claim, groups_claim):
        claims = signed_person.completed(claims, provider.user_info(described, tokens, egress))
    return signed_person.person(
        claims, settings.oidc_claim, groups_claim, has_directory=bool(settings.scim_token)
    )


def _entered(person: Person, target: str, settings: Settings) -> Response:
    try:
        answer = _signed_in(person, target, settings)
    except IntegrityError:
        # Another tab of theirs made the account at this moment.
        answer = _signed_in(person, target, settings)
    answer.delete_cookie(
        _cookie_name(), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
    )
    return answer


def _signed_in(person: Person, target: str, settings: Settings) -> Response:
    now = clock.now()
    with db.transaction():
        user = operations.account_of(person, settings, now)
        name = user.name
        if user.is_active:
            secret = accounts_pages.opened(user, way="provider", has_second_factor=True)
            operations.note_session(person, secret, settings, now)
            return accounts_pages.enter(user, target, secret=secret)
    raise NotAllowed(f"the account {name} is switched off; ask an admin")


def _refused(why: str, target: str, status: int) -> Response:
    g.actor = Actor.nobody()
    _note_refusal(why)
    told = why[:1].upper() + why[1:]
    return accounts_pages.form(target, problem=f"{told}.", status=status)


def _note_refusal(why: str) -> None:
    with db.transaction():
        audit.record_rarely(Actor.nobody(), "user.sign_in_failed", "user", "identity provider", why=why[:500])
