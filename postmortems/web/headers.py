"""Security and caching headers of every answer, and URLs of static files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.security import safe_join

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Reports show the graphs they link to. Browsers tell those servers nothing: see Referrer-Policy.
        "img-src 'self' data: https:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# What an answer says where its view says nothing else.
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
A_YEAR_S = 365 * 24 * 3600

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def install(app: Flask, *, is_https: bool) -> None:
    """Set the headers on every answer and stamp the address of each static file with its content's hash."""
    folder, place = str(app.static_folder), app.static_url_path

    def url_for(endpoint: str, **values: Any) -> str:
        if endpoint != "static":
            return app.url_for(endpoint, **values)
        # A page has some thirty icons; building each address by the router would take a third of its time.
        return f"{request.script_root}{place}/{_stamped_within(folder, values['filename'], int(monotonic()))}"

    app.jinja_env.globals["url_for"] = url_for

    def static(filename: str) -> Response:
        response = app.send_static_file(filename)
        if response.status_code in {200, 304}:
            response.headers["Cache-Control"] = _how_long(folder, filename)
        return response

    app.view_functions["static"] = static
    more = {"Cache-Control": "no-store"}
    if is_https:
        more["Strict-Transport-Security"] = f"max-age={A_YEAR_S}"
    app.wsgi_app = WithHeaders(app.wsgi_app, HEADERS | more)  # type: ignore[method-assign]


class WithHeaders:
    """The application, where each answer has these headers unless it has one of that name itself.

    In here and not in Flask, which looks at each header that is added, and at all of them again as it hands
    them on.
    """

    def __init__(self, app: App, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = [(name.lower(), (name, value)) for name, value in headers.items()]

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            said = {name.lower() for name, _ in headers}
            unsaid = [header for name, header in self._headers if name not in said]
            return start_response(status, headers + unsaid, *more)

        return self._app(environ, start)


def _how_long(folder: str, filename: str) -> str:
    stamp = request.args.get("v")
    is_exact = stamp is not None and stamp == _stamp_within(folder, filename, int(monotonic()))
    return f"public, max-age={A_YEAR_S}, immutable" if is_exact else "no-cache"


# Each second a file is looked at anew: a page has a dozen addresses of files, and asking for each file's time
# costs more than the address.
@lru_cache(maxsize=256)
def _stamped_within(folder: str, filename: str, second: int) -> str:
    return f"{quote(filename)}?v={_stamp_within(folder, filename, second)}"


@lru_cache(maxsize=256)
def _stamp_within(folder: str, filename: str, _second: int) -> str | None:
    joined = safe_join(folder, filename)
    path = Path(joined) if joined else None
    if path is None or not path.is_file():
        return None
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_at: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
