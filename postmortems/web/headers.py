"""Security and caching headers of every answer, and URLs of static files."""

from __future__ import annotations

import hashlib
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


def install(app: Flask, *, is_https: bool) -> None:
    """Set the headers on every answer and stamp the address of each static file with its content's hash."""
    folder = str(app.static_folder)

    def url_for(endpoint: str, **values: Any) -> str:
        if endpoint != "static":
            return app.url_for(endpoint, **values)
        # A page has some thirty icons; building each address by the router would take a third of its time.
        filename = values["filename"]
        return f"{request.script_root}{app.static_url_path}/{quote(filename)}?v={_stamp_of(folder, filename)}"

    app.jinja_env.globals["url_for"] = url_for

    @app.after_request
    def _set(response: Response) -> Response:
        # Not `setdefault` for each: that goes through all there are, and every answer pays for it.
        there = {name.lower() for name in response.headers.keys()}  # noqa: SIM118
        for name, value in HEADERS.items():
            if name.lower() not in there:
                response.headers.add(name, value)
        if is_https:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR_S}")
        if request.endpoint == "static" and response.status_code in {200, 304}:
            response.headers["Cache-Control"] = _how_long(folder)
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _how_long(folder: str) -> str:
    stamp = request.args.get("v")
    is_exact = stamp is not None and stamp == _stamp_of(folder, (request.view_args or {})["filename"])
    return f"public, max-age={A_YEAR_S}, immutable" if is_exact else "no-cache"


def _stamp_of(folder: str, filename: str) -> str | None:
    # A page has a dozen addresses of files, and asking for each file's time costs more than the address.
    return _stamp_within(folder, filename, int(monotonic()))


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
