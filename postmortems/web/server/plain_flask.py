"""Flask as we need it: plain JSON, views that are never coroutines, and sessions for forms alone."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

# Where public reports are; nobody signs in there.
PUBLIC_PATH = "/public"


class PlainJson(DefaultJSONProvider):
    """Members in the order in which we say them, letters as they are."""

    sort_keys = False
    ensure_ascii = False
    compact = True


class PlainFlask(Flask):
    """Flask without looking, several times a request, whether a function of ours is a coroutine: none is.

    Its log names the route of what failed, and not the path, in which a secret may stand.
    """

    def ensure_sync(self, func: Any) -> Any:
        return func

    def log_exception(self, exc_info: Any) -> None:
        route = request.url_rule.rule if request.url_rule else "an unknown address"
        self.logger.error("%s %s failed", request.method, route, exc_info=exc_info)


class FormsInterface(SecureCookieSessionInterface):
    """Sessions in signed cookies, without getting ready to check a cookie that was not sent.

    What anybody may read has none: it is the same for all, and caches keep it.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        is_for_all = request.path == PUBLIC_PATH or request.path.startswith(f"{PUBLIC_PATH}/")
        if is_for_all or self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)
