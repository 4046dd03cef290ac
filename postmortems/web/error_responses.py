"""Error responses: problem+json (RFC 9457) under /api/, a page elsewhere.

The path decides, not Accept: an unrouted address reaches no blueprint, and Accept headers lie.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from flask import Flask, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from postmortems import errors
from postmortems.accounts.scim import api as scim
from postmortems.web.openapi.strict_json import Malformed
from postmortems.web.server import refusals
from postmortems.web.server.plain_flask import present
from postmortems.web.transactions import SAFE_METHODS
from postmortems.web.watching import request_log

log = logging.getLogger(__name__)

# Most specific first: the first class that fits answers.
FACES: list[tuple[type[Exception], int, str, str]] = [
    (Malformed, 400, "malformed", "The body cannot be read"),
    (errors.Invalid, 422, "invalid", "Something in the input is wrong"),
    (errors.NotFound, 404, "not-found", "Not found"),
    (errors.NotSignedIn, 401, "not-signed-in", "Not signed in"),
    (errors.NotAllowed, 403, "not-allowed", "Not allowed"),
    (errors.Stale, 409, "stale", "Someone saved in between"),
    (errors.Conflict, 409, "conflict", "In conflict with what is stored"),
    (errors.TooMany, 429, "too-many", "Too many requests"),
    (errors.OutOfReach, 503, "out-of-reach", "Another server does not answer"),
    (errors.Unavailable, 501, "unavailable", "This server cannot do that"),
    (errors.Refusal, 409, "refused", "That was not done"),
]
IN_OUR_WORDS = {
    404: "There is nothing at this address.",
    405: "This address exists, but cannot be asked in this way.",
    413: refusals.IN_OUR_WORDS[413],
}
RETRY_AFTER_S = 5

Members = dict[str, Any]


def install(app: Flask) -> None:
    """Answer refusals, HTTP errors and failures of the database in one shape."""
    app.register_error_handler(errors.Refusal, refused)
    app.register_error_handler(StaleDataError, _overtaken)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(InternalServerError, _failed)
    app.register_error_handler(HTTPException, answer_http)


def is_directorys() -> bool:
    """Whether a directory asks, by SCIM."""
    return request.path.startswith(f"{scim.BASE}/")


def refused(refusal: errors.Refusal) -> AnyResponse:
    """The answer to a refusal, and the way to sign in where a page was asked for."""
    asked = present()
    is_look = asked.method in SAFE_METHODS and not asked.is_for_programs
    if is_look and isinstance(refusal, errors.NotSignedIn):
        wanted = request.full_path.rstrip("?")
        return redirect(url_for("people.sign_in", next=wanted), 303)
    _, status, slug, title = next(face for face in FACES if isinstance(refusal, face[0]))
    if isinstance(refusal, errors.Stale) and "If-Match" in request.headers:
        status = 412
    response = _answer(status, slug, title, refusal.detail, _members(refusal))
    if isinstance(refusal, errors.TooMany | errors.Busy):
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="postmortems"'
    return response


def _members(refusal: errors.Refusal) -> Members:
    if isinstance(refusal, errors.Invalid):
        return {"errors": [_wrong_place(wrong) for wrong in refusal.problems]}
    if isinstance(refusal, Malformed):
        place = {"line": refusal.line, "column": refusal.column} if refusal.line is not None else {}
        return {"errors": [{"pointer": refusal.pointer, "detail": refusal.detail, **place}]}
    if isinstance(refusal, errors.Stale):
        told = {"version": refusal.version, "mine": refusal.mine, "theirs": refusal.theirs}
        together = {"differs": refusal.differs, "merged": refusal.merged} if refusal.merged else {}
        parts = {"base": refusal.base, "yours": refusal.mine, "clashes": refusal.clashes}
        return told | together | (parts if refusal.differs else {})
    return {}


def _wrong_place(wrong: errors.Problem) -> Members:
    line = {} if wrong.line is None else {"line": wrong.line}
    told: Members = {"pointer": wrong.pointer, "detail": wrong.detail, **line}
    if wrong.reason_code:
        told["reason_code"] = wrong.reason_code
    if wrong.remedies:
        remedies = [asdict(remedy) for remedy in wrong.remedies]
        told["remedies"] = [{name: text for name, text in one.items() if text} for one in remedies]
    return told


def answer_http(error: HTTPException) -> AnyResponse:
    """A problem for what Flask and Werkzeug refuse: no such address, wrong method, body too large, …"""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, SecurityError):
        # Without a host that we trust no address can be built, so no page either.
        detail = "This server does not answer for that host name."
        if present().is_api:
            return _answer(400, "bad-request", "Bad request", detail, {})
        return Response(f"{detail}\n", 400, mimetype="text/plain")
    title = error.name.capitalize()
    detail = IN_OUR_WORDS.get(error.code, error.description or title)
    if error.code == 413 and present().is_assistants:
        detail = refusals.LONG_MESSAGE
    response = _answer(error.code, error.name.lower().replace(" ", "-"), title, detail, {})
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _overtaken(error: Exception) -> AnyResponse:
    # Two at once: the database saw it where the operation could not yet.
    log.info("overtaken by another writer: %s", error)
    detail = "Someone else changed this at the same moment, so your change was not made. Send it once more."
    return _answer(409, "conflict", "In conflict with what is stored", detail, {})


def _unstorable(error: Exception) -> AnyResponse:
    # NUL in a text or a number past 64 bits, in a form or an address, where no schema looked first.
    log.info("a value that the database cannot hold: %s", error)
    detail = "A number or a text in this request is beyond what can be stored."
    return _answer(422, "invalid", "Something in the input is wrong", detail, {})


def _unavailable(error: Exception) -> AnyResponse:
    log.exception("the database did not answer", exc_info=error)
    detail = "The database does not answer right now; nothing was changed. Try again in a moment."
    response = _answer(503, "unavailable", "Not available right now", detail, {})
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _failed(error: InternalServerError) -> AnyResponse:
    cause = error.original_exception
    # What fails at the end of the unit of work is met here and not above: the view has answered by then.
    if isinstance(cause, errors.Refusal):
        return refused(cause)
    if isinstance(cause, OperationalError | PoolTimeout):
        return _unavailable(cause)
    if isinstance(cause, StaleDataError | IntegrityError):
        return _overtaken(cause)
    detail = "That was our fault, not yours; nothing was changed. What happened is in the server's log."
    return _answer(500, "failed", "Something went wrong here", detail, {})


def _answer(status: int, slug: str, title: str, detail: str, members: Members) -> Response:
    if present().is_assistants:
        return Response(refusals.of_message(status, detail), status, mimetype="application/json")
    if is_directorys():
        return scim.refused(status, detail)
    if present().is_api:
        body = {
            "type": f"/api/docs#problem-{slug}",
            "title": title,
            "status": status,
            "detail": detail,
            **members,
        }
        return current_app.response_class(
            current_app.json.dumps(body), status, mimetype="application/problem+json"
        )
    return Response(_page(status, title, detail, members), status)


def _page(status: int, title: str, detail: str, members: Members) -> str:
    template = "errors/_problem.html" if "HX-Request" in request.headers else "errors/problem.html"
    try:
        number = request_log.current_id() if status >= 500 else ""
        return render_template(
            template, status=status, heading=title, detail=detail, request_id=number, **members
        )
    except Exception:
        # The page that says what went wrong must not go wrong itself.
        log.exception("the problem page failed")
        return (
            f"<!doctype html><title>{status}</title><p>{status}: the page that explains this failed too.</p>"
        )
