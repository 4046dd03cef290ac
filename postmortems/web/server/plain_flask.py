"""Flask as we need it: plain JSON, views that are never coroutines, and sessions for forms alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from functools import cached_property, lru_cache
from typing import Any

from flask import Flask, Request, Response, current_app, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.templating import Environment
from werkzeug.exceptions import ClientDisconnected
from werkzeug.routing import MapAdapter, Rule
from werkzeug.sansio.utils import get_host

from postmortems import limits

# Where public reports are; nobody signs in there.
PUBLIC_PATH = "/public"
# Beyond the API, what programs read: they send tokens, and are not led to where people sign in.
FOR_PROGRAMS = frozenset({"metrics"})
BEARER = "bearer "
# A body of so many bytes is read at once, where its length is told.
SHORT = 16 * 1024


class PlainJson(DefaultJSONProvider):
    """Members in the order in which we say them, letters as they are."""

    sort_keys = False
    ensure_ascii = False
    compact = True


class PlainRequest(Request):
    """A request, and what is asked of each a dozen times."""

    def __init__(self, *environ: Any, **options: Any) -> None:
        super().__init__(*environ, **options)
        self.is_assistants = self.path.rstrip("/") == limits.ASSISTANTS_PATH
        # A program asks: the API, or an assistant.
        self.is_api = self.path.startswith("/api/") or self.is_assistants

    @property
    def is_for_programs(self) -> bool:
        return self.is_api or self.blueprint in FOR_PROGRAMS

    @cached_property
    def bearer(self) -> str | None:
        """The token of the Authorization header, where programs ask: pages are for people."""
        header = self.headers.get("Authorization", "")
        if header[: len(BEARER)].lower() != BEARER or not self.is_for_programs:
            return None
        return header[len(BEARER) :].strip()

    def get_data(self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False) -> Any:
        """As Werkzeug has it, whose stream takes as much memory for a short body as for a long one, twice."""
        if not (as_text or parse_form_data) and "_cached_data" not in self.__dict__:
            body = self.short_body()
            if body is not None:
                if cache:
                    self._cached_data = body
                return body
        return super().get_data(cache, as_text, parse_form_data)  # type: ignore[call-overload]

    def short_body(self) -> bytes | None:
        """All of a short body that nobody has read; None where it has to be read with care."""
        return _short_body(self)

    @cached_property
    def view(self) -> Any:
        """The function that answers, once the address is looked up; None where there is nothing at it."""
        endpoint = self.endpoint
        return None if endpoint is None else current_app.view_functions.get(endpoint)


def _short_body(request: PlainRequest) -> bytes | None:
    said = request.environ
    told = said.get("CONTENT_LENGTH", "")
    if len(told) > 5 or not (told.isascii() and told.isdecimal()) or "stream" in request.__dict__:
        return None
    # Only where the server ends what is read, and another length counts before this one.
    if "wsgi.input_terminated" not in said or "HTTP_TRANSFER_ENCODING" in said:
        return None
    length = int(told)
    if length > min(SHORT, request.max_content_length or SHORT):
        return None
    try:
        body: bytes = said["wsgi.input"].read(length)
    except (OSError, ValueError) as error:
        raise ClientDisconnected from error
    return body if len(body) == length else body + request.stream.read()


def present() -> PlainRequest:
    """The present request itself: Flask's `request` looks for it anew each time something is asked of it."""
    asked: PlainRequest = request._get_current_object()  # type: ignore[attr-defined]
    return asked


# Of these Werkzeug makes something else, or leaves them out.
WORKED_OUT = frozenset({"location", "content-location"})
WITHOUT_BODY = frozenset({204, 304})


class PlainResponse(Response):
    """A response that goes out as it is where there is nothing to work out: nearly all of a program's.

    Werkzeug would copy the headers, look through them for addresses and a length, and go through the body.
    """

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = self.response
        if type(body) is list and self._is_ready(environ, body):
            start_response(self.status, self.headers.to_wsgi_list())
            return body
        return super().__call__(environ, start_response)

    def _is_ready(self, environ: dict[str, Any], body: list[Any]) -> bool:
        if self._on_close or self.status_code < 200 or self.status_code in WITHOUT_BODY:
            return False
        names = {name.lower() for name, _ in self.headers}
        return (
            environ["REQUEST_METHOD"] != "HEAD"
            and "content-length" in names
            and names.isdisjoint(WORKED_OUT)
            and all(type(part) is bytes for part in body)
        )


class PlainRule(Rule):
    """A route that makes what writes its address once that is asked for, not as the process starts.

    Werkzeug compiles two functions for each route then; most addresses are never written by most processes.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made = super()._compile_builder

        def build(_rule: Rule, *values: Any, **named: Any) -> tuple[str, str]:
            builder = made(append_unknown).__get__(self, None)
            setattr(self, "_build_unknown" if append_unknown else "_build", builder)
            return builder(*values, **named)  # type: ignore[no-any-return]

        return build


class PlainEnvironment(Environment):
    """Jinja, where all templates share what each may name.

    It would chain an empty dict before that for each, and ask both for every name as one template takes in
    another.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class PlainFlask(Flask):
    """Flask without looking, several times a request, whether a function of ours is a coroutine: none is.

    Its log names the route of what failed, and not the path, in which a secret may stand.
    """

    request_class = PlainRequest
    response_class = PlainResponse
    url_rule_class = PlainRule
    jinja_environment = PlainEnvironment

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """As Flask makes it, without going through the host's name three times for each request."""
        trusted = tuple(self.config["TRUSTED_HOSTS"] or ())
        if request is None or not trusted or request.root_path or "HTTP_UPGRADE" in request.environ:
            return super().create_url_adapter(request)
        request.trusted_hosts, environ = list(trusted), request.environ
        request.host = _trusted_host(request.scheme, environ.get("HTTP_HOST"), request.server, trusted)
        path = environ.get("PATH_INFO", "").encode("latin1").decode(errors="replace")
        query = request.query_string.decode(errors="replace")
        named = request.host.lower()
        return MapAdapter(self.url_map, named, "/", "", request.scheme, path, request.method, query)

    def ensure_sync(self, func: Any) -> Any:
        return func

    def log_exception(self, exc_info: Any) -> None:
        route = request.url_rule.rule if request.url_rule else "an unknown address"
        self.logger.error("%s %s failed", request.method, route, exc_info=exc_info)


# Whoever asks names one of a few, and what is not trusted raises and is not kept.
_trusted_host = lru_cache(maxsize=64)(get_host)


class FormsInterface(SecureCookieSessionInterface):
    """Sessions in signed cookies, without getting ready to check a cookie that was not sent.

    What anybody may read has none: it is the same for all, and caches keep it.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        is_for_all = request.path == PUBLIC_PATH or request.path.startswith(f"{PUBLIC_PATH}/")
        if is_for_all or self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)
