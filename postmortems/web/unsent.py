"""Forms that were refused: kept in the page that says why, to be sent again.

Where the session had ended, the sign-in page holds it sealed: only this server can open it, and only for the
person who wrote it. The browser keeps it, not the server. A script also keeps what it sends in its tab, and
drops it when a cookie says that it was carried out.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, current_app, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from postmortems import limits
from postmortems.errors import NotSignedIn, Refusal
from postmortems.web import auth, csrf, error_responses
from postmortems.web.kept import late
from postmortems.web.server.plain_flask import present
from postmortems.web.transactions import SAFE_METHODS

# Sealed, it comes back in the form of the sign-in page beside name and password.
LONGEST = limits.BODY * 3 // 4
KEPT_S = 24 * 3600
# Fields that are of one session: the form gets new ones.
OF_THE_SESSION = frozenset({"csrf_token", "unsent", "sent_as"})
# A script names what it sends, and waits for a cookie with that name.
SENT_AS = re.compile(r"[0-9a-f-]{8,36}")
TOLD_S = 600
# What a form says about itself; all else that has words is shown, to be copied or mended.
ABOUT_THE_FORM = frozenset(
    {"written_by", "version", "do", "status", "refused", "choose", "type", "id", "key", "draft", "draft_mark"}
)


@dataclass(frozen=True)
class Unsent:
    """A form that was sent and not carried out: where to, by whom, and its fields in their order."""

    path: str
    writer: str
    fields: tuple[tuple[str, str], ...]

    def typed(self) -> list[tuple[str, str, str, bool]]:
        """Each field: its name, what people call it, its text, and whether somebody wrote that."""
        return [(name, _called(name), text, bool(text) and _is_typed(name)) for name, text in self.fields]


def install(app: Flask) -> None:
    """Keep what was typed when it is refused for the session's sake alone."""
    app.jinja_env.globals.update(written_by=_in_a_form, refused_form=refused_form, limits=limits)
    app.register_error_handler(NotSignedIn, _kept)
    app.register_error_handler(csrf.Outdated, _kept)
    app.after_request(_tell_carried_out)


def _in_a_form() -> str:
    return late.mark(late.WRITER) if late.is_marked() else written_by()


def written_by() -> str:
    """For a form's hidden field: the name of the person it is shown to, signed; "" for nobody."""
    actor = auth.current_actor()
    signed = _signer().dumps(actor.name) if actor.is_person else ""
    return str(signed)


def of_request() -> Unsent | None:
    """The form in this request, if a page of ours was shown to somebody with it."""
    try:
        writer = _signer().loads(request.form.get("written_by", ""))
    except (BadSignature, HTTPException):
        # Also a body that is too large or broken has no form.
        return None
    pairs = request.form.items(multi=True)
    kept = tuple((name, text) for name, text in pairs if name not in OF_THE_SESSION)
    return Unsent(request.full_path.rstrip("?"), str(writer), kept)


def refused_form() -> Unsent | None:
    """What the page of a refusal holds: the form that was refused, if who sent it wrote it on a page of ours.

    Files are not kept: a browser gives them out once.
    """
    if request.method in SAFE_METHODS or not csrf.is_sent_from_here():
        return None
    left = of_request()
    if left is None or request.files or auth.current_actor().name not in ("", left.writer):
        return None
    return left


def seal(unsent: Unsent) -> str:
    """It as a text that nobody else can read; "" where it is too long to come back."""
    said = json.dumps([unsent.path, unsent.writer, unsent.fields]).encode()
    sealed = _box().encrypt(zlib.compress(said)).decode()
    return sealed if len(sealed) <= LONGEST else ""


def opened(sealed: str, person: str) -> Unsent | None:
    """What was sealed, for the person who wrote it; None for anybody else, after a day, or if touched."""
    left = _opened(sealed)
    return left if left and left.writer == person else None


def _opened(sealed: str) -> Unsent | None:
    try:
        said = json.loads(zlib.decompress(_box().decrypt(sealed.encode(), ttl=KEPT_S)))
    except InvalidToken:
        return None
    path, writer, pairs = said
    return Unsent(path, writer, tuple((name, text) for name, text in pairs))


def writer_of(sealed: str) -> str:
    """Who wrote what was sealed; "" where it cannot be opened any more."""
    left = _opened(sealed)
    return left.writer if left else ""


def page(unsent: Unsent, *, at_once: bool) -> str:
    """A page that sends it again: by itself to whose session had ended, else by a button."""
    return render_template("accounts/unsent.html", unsent=unsent, at_once=at_once)


def sign_in_page(unsent: Unsent) -> str:
    """The way in, with what was sent kept in it."""
    sealed = seal(unsent)
    problem = "" if sealed else "This is too long to be kept here: go back in your browser and copy it first."
    named = {"name": unsent.writer, "writer": unsent.writer}
    return render_template("accounts/sign_in.html", target="/", problem=problem, sealed=sealed, **named)


def others_page(writer: str, sealed: str, target: str) -> str:
    """For somebody else than who wrote it: how it gets to its writer, and how to go on without."""
    return render_template("accounts/others.html", writer=writer, sealed=sealed, target=target)


def _tell_carried_out(response: Response) -> Response:
    """Let the script drop what it keeps of a form: its cookie says that this one was carried out."""
    asked = present()
    if asked.method in SAFE_METHODS or asked.is_api or response.status_code >= 400:
        return response
    try:
        sent_as = request.form.get("sent_as", "")
    except HTTPException:
        return response
    if SENT_AS.fullmatch(sent_as):
        is_secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(f"sent-{sent_as}", "1", max_age=TOLD_S, secure=is_secure, samesite="Lax")
    return response


def _kept(refusal: Refusal) -> AnyResponse:
    """A page from which a form of ours can be sent again by its writer; else the plain refusal."""
    is_page = not present().is_api and "HX-Request" not in request.headers
    if not is_page or request.method in SAFE_METHODS:
        return error_responses.refused(refusal)
    if isinstance(refusal, NotSignedIn):
        left = of_request()
        return Response(sign_in_page(left), 401) if left else error_responses.refused(refusal)
    # Another person's text is not shown; and without an Origin we could not tell who sent it here.
    sealed = request.form.get("unsent", "") if csrf.is_sent_from_here() else ""
    if writer := writer_of(sealed):
        return Response(_way_on(sealed, writer), 403)
    left = refused_form()
    return Response(page(left, at_once=False), 403) if left else error_responses.refused(refusal)


def _way_on(sealed: str, writer: str) -> str:
    """How a form that was kept goes on where a page for signing in is of an earlier session."""
    name = auth.current_actor().name
    left = opened(sealed, writer)
    if left is None or name not in ("", writer):
        return others_page(writer, sealed, "/")
    return page(left, at_once=False) if name else sign_in_page(left)


def _called(name: str) -> str:
    """`sections.0.blocks.2.done_when[]` as `done when`."""
    return name.removesuffix("[]").rpartition(".")[2].replace("_", " ")


def _is_typed(name: str) -> bool:
    return name.removesuffix("[]").rpartition(".")[2] not in ABOUT_THE_FORM


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="written by")


def _box() -> Fernet:
    secret = current_app.config["SECRET_KEY"].encode()
    key = HKDF(hashes.SHA256(), 32, None, b"postmortems: unsent forms").derive(secret)
    return Fernet(base64.urlsafe_b64encode(key))
