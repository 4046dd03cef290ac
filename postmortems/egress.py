"""The only way out: every call to another machine is made here, to addresses the operator allows.

A name is looked up once, every address it has is checked, and the connection goes to a checked address:
a name that answers differently the second time gains nothing. No redirects, no proxies, no decoding; a
deadline for all of it, because a server that drips a byte a second never times out by itself.
"""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address

import httpcore
import httpx

from postmortems import addresses, clock, db
from postmortems.config import Settings
from postmortems.wire import Wire

MOST_BYTES = 64 * 1024
LOOK_UP_S = 3.0
HEADERS = {
    "User-Agent": "postmortems-guard/1",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}

HOST = re.compile(rb"[0-9A-Za-z._:-]+")

# Host and port to addresses, as text.
Resolver = Callable[[str, int], list[str]]


class Refused(Exception):
    """Not allowed to be called at all; nothing was learnt about the other side."""


class Unreachable(Exception):
    """Allowed and tried, but there was no answer: no such name, refused, too slow, wrong certificate."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is its first 64 KiB as sent; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool
    latency_ms: int
    tls_days_left: int | None
    peer: str


def checked_url(text: str) -> httpx.URL:
    """The address, if it is one that could ever be called; else `Refused`, saying what is wrong with it."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise Refused("this is not an address such as https://staging.example.org/health") from None
    if url.scheme not in {"http", "https"}:
        raise Refused("only http and https addresses can be asked")
    if not url.host:
        raise Refused("the address names no host")
    if not HOST.fullmatch(url.raw_host):
        raise Refused("this is not an address: no host has such a name")
    if url.port is not None and not 0 < url.port < 65536:
        raise Refused("there is no such port")
    if url.userinfo or "@" in url.netloc.decode("ascii", "replace"):
        raise Refused("an address with a name or password in it is not asked")
    return url


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Egress:
    """Makes calls within the operator's rules, `settings.egress_allow`. Threads may share one."""

    def __init__(
        self,
        allow: Iterable[str] = (),
        *,
        resolve: Resolver = _look_up,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.allowed = tuple(addresses.read(entry) for entry in allow)
        self._resolve = resolve
        self._tls = tls

    def get(self, url: str, *, method: str = "GET", timeout_s: float = 10.0) -> Answer:
        """Ask, and return what came back within `timeout_s`. Raises `Refused` or `Unreachable`."""
        if db.is_open():
            raise RuntimeError("a network call inside a unit of work would hold the database meanwhile")
        asked = checked_url(url)
        began = time.monotonic()
        deadline = began + timeout_s
        wire = Wire(lambda host, port: self._checked(host, port, deadline), deadline)
        with httpcore.ConnectionPool(
            ssl_context=self._context(),
            network_backend=wire,
            max_connections=1,
            max_keepalive_connections=0,
            retries=0,
        ) as pool:
            try:
                return _ask(pool, asked, method, wire, began)
            except httpcore.TimeoutException:
                raise Unreachable(f"no answer within {timeout_s:g} s") from None
            except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as broken:
                raise Unreachable(_in_words(broken)) from broken

    def _checked(self, host: str, port: int, deadline: float) -> list[str]:
        """The addresses of `host`, all of them allowed; one bad one refuses the lot."""
        found = self._resolved(host, port, deadline)
        for text in found:
            try:
                address = ip_address(text)
            except ValueError:
                raise Refused("the name has an address with a zone, which is not asked") from None
            reason = addresses.why_not(host, address, port, self.allowed)
            if reason:
                raise Refused(reason)
        return found

    def _resolved(self, host: str, port: int, deadline: float) -> list[str]:
        """Look the name up in a thread of its own, for the system's resolver takes no time limit."""
        answered: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answered.put(self._resolve(host, port))
            except (OSError, UnicodeError) as wrong:
                answered.put(wrong)

        threading.Thread(target=look_up, daemon=True, name="look-up").start()
        try:
            found = answered.get(timeout=max(0.0, min(LOOK_UP_S, deadline - time.monotonic())))
        except queue.Empty:
            raise Unreachable("the name was not resolved in time") from None
        if isinstance(found, Exception) or not found:
            raise Unreachable("the name is not known")
        return found

    def _context(self) -> ssl.SSLContext:
        # Reading the certificates of the world takes tens of milliseconds, so it is done once.
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        return self._tls


def _ask(pool: httpcore.ConnectionPool, url: httpx.URL, method: str, wire: Wire, began: float) -> Answer:
    headers = {**HEADERS, "Host": url.netloc.decode("ascii")}
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    with pool.stream(method, target, headers=list(headers.items())) as response:
        body, truncated = _read(response)
        return Answer(
            status=response.status,
            headers={
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in reversed(response.headers)
            },
            body=body,
            truncated=truncated,
            latency_ms=round((time.monotonic() - began) * 1000),
            tls_days_left=_days_left(response.extensions["network_stream"]),
            peer=wire.peer,
        )


def _read(response: httpcore.Response) -> tuple[bytes, bool]:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return bytes(body[:MOST_BYTES]), True
    return bytes(body), False


def _days_left(stream: httpcore.NetworkStream) -> int | None:
    tls = stream.get_extra_info("ssl_object")
    certificate = tls.getpeercert() if tls else None
    if not certificate:
        return None
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    return (ends - clock.now()).days


def _in_words(broken: Exception) -> str:
    text = str(broken)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            "its certificate is not valid for this name: "
            + text.partition("failed: ")[2].partition(" (_ssl")[0]
        )
    if "refused" in text.lower():
        return "connection refused"
    return (
        "the connection broke"
        if isinstance(broken, httpcore.NetworkError | OSError)
        else "it does not speak HTTP"
    )


_configured: Egress | None = None


def configure(allow: Iterable[str]) -> Egress:
    """Use these rules from here on, whatever the environment says."""
    global _configured
    _configured = Egress(allow)
    return _configured


def current() -> Egress:
    """The way out as configured, by default as the environment says."""
    return _configured or _made(Settings.from_env().egress_allow)


@lru_cache(maxsize=4)
def _made(allow: tuple[str, ...]) -> Egress:
    return Egress(allow)
