"""CSRF protection: forged requests from other sites are refused."""

from __future__ import annotations

import base64
import secrets
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from postmortems.actor import Actor
from postmortems.errors import NotAllowed, NotSignedIn
from postmortems.web.kept import late
from postmortems.web.server.plain_flask import present
from postmortems.web.transactions import SAFE_METHODS

FIELD, HEADER = "csrf_token", "X-CSRFToken"


class Outdated(NotAllowed):
    """A form whose token is not of this session; raised only where no other site sent it."""


def install(app: Flask, own_url: str) -> None:
    """Give forms their tokens; `own_url` is the address under which people reach us."""
    # Beside these functions of Flask-WTF its `CSRFProtect` would do nothing but look at each request.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, OWN_ORIGIN=_origin(own_url))
    app.jinja_env.globals["csrf_token"] = _in_a_form
    app.context_processor(lambda: {"csrf_token": _in_a_form})


def masked(token: str) -> str:
    """The token in letters of chance: of a page that is compressed, the length tells nothing of it."""
    plain = token.encode("ascii")
    mask = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(mask + _crossed(mask, plain)).decode("ascii")


def unmasked(sent: str) -> str:
    """The token that was masked; anything else as it was sent, to be refused for what it is."""
    try:
        said = base64.b64decode(sent, altchars=b"-_", validate=True)
        half, odd = divmod(len(said), 2)
        return sent if odd else _crossed(said[:half], said[half:]).decode("ascii")
    except ValueError:
        return sent


def _crossed(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


def _in_a_form() -> str:
    return late.mark(late.TOKEN) if late.is_marked() else token_of_answer()


def token_of_answer() -> str:
    """The token of all forms in the answer to this request."""
    if "masked_token" not in g:
        g.masked_token = masked(generate_csrf())
    token: str = g.masked_token
    return token


def refuse_forgeries(actor: Actor, *, is_public: bool) -> None:
    """An unsafe request by cookie must come from our own pages: the origin and the form's token say so.

    Raises `NotAllowed` where another site sent it, `Outdated` where the token is not of this session, and
    `NotSignedIn` where the session has ended and the address is not public.
    """
    asked = present()
    if asked.method in SAFE_METHODS or asked.endpoint is None:
        return
    if asked.is_api and not actor.is_person:
        return  # Nobody has nothing to forge; they are told to sign in.
    if "Origin" in request.headers:
        if not is_sent_from_here():
            raise NotAllowed("this request came from another site, so it was not carried out")
    elif request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        raise NotAllowed("this request came from another site, so it was not carried out")
    _require_form_token(actor, is_public=is_public)


def is_sent_from_here() -> bool:
    """Whether the browser says that a page of ours sent this."""
    return request.headers.get("Origin") in {_origin(request.host_url), current_app.config["OWN_ORIGIN"]}


def _require_form_token(actor: Actor, *, is_public: bool) -> None:
    try:
        validate_csrf(unmasked(request.form.get(FIELD) or request.headers.get(HEADER, "")))
    except ValidationError:
        if actor.kind == "nobody" and not is_public:
            raise NotSignedIn("your session has ended; sign in again") from None
        raise Outdated(
            "the form's token is missing or of an earlier session, so nothing was carried out; "
            "open the page in another tab and take over there what you typed here"
        ) from None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
