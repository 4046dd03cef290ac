"""The page that asks for the second step, and the cookie of the browser that it is shown in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, make_response, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from postmortems import clock
from postmortems.accounts.factors import apps, queries, relying_party, second_step, totp
from postmortems.accounts.models import User
from postmortems.errors import Conflict, Unavailable
from postmortems.web import render, unsent
from postmortems.web.forms import Errors
from postmortems.web.server.app_runtime import runtime

# What a browser is asked to sign that makes the passkey which somebody needs before anything else.
SET_UP = "set up"


def cookie_name() -> str:
    """As the session's: over https it is bound to this very host."""
    return "__Host-postmortems-step" if current_app.config["SESSION_COOKIE_SECURE"] else "postmortems-step"


def secret() -> str:
    """The secret of the sign-in that waits in this browser; empty without one."""
    return request.cookies.get(cookie_name(), "")


def begun(user: User, target: str, sealed: str = "", *, by_link: bool = False) -> Response:
    """Ask this browser for the second step of the person's sign-in; opens no session."""
    kept = second_step.begin(user, clock.now(), by_link=by_link)
    answer = asked(user, target, sealed)
    answer.set_cookie(
        cookie_name(),
        kept,
        max_age=second_step.LASTS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return answer


def forget(answer: Response) -> None:
    """Take the cookie away: the sign-in that it was for has gone on."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.delete_cookie(cookie_name(), secure=secure, httponly=True, samesite="Lax")


def asked(
    user: User, target: str, sealed: str = "", *, errors: Errors | None = None, status: int = 0
) -> Response:
    """The page: for a code, or, where there is no factor and the operator asks for one, to set one up."""
    values: dict[str, Any] = {"user": user, "target": target, "errors": errors or {}}
    values["sealed"] = sealed if unsent.writer_of(sealed) else ""
    values["factors"] = queries.of(user.id)
    template = "accounts/factors/second_step.html"
    if not values["factors"].any:
        template = "accounts/factors/required.html"
        values |= {"party": relying_party.of(current_app.extensions["settings"].url), "form": request.form}
        values |= proposed(user, request.form.get("app", ""))
    return make_response(render.page(template, **values), status or (422 if errors else 200))


def proposed(user: User, sealed: str = "") -> dict[str, Any]:
    """For the form that sets an app up: its picture and secret, the same again where one was shown."""
    cipher = runtime().vault
    try:
        try:
            key = apps.proposed(sealed, user, cipher=cipher)
        except Conflict:
            key, sealed = apps.propose(user, cipher=cipher)
    except Unavailable as missing:
        return {"lacking": missing.detail}
    host = urlsplit(current_app.extensions["settings"].url).hostname
    said = totp.address(key, user.name, f"Postmortems {host}")
    return {"picture": Markup(totp.picture(said)), "key": key, "app": sealed}
