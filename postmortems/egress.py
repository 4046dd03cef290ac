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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

import httpcore
import httpx

from postmortems import addresses, db
from postmortems.config import Settings
from postmortems.wire import Wire, days_left, headers_of, in_words, pool_over

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


@dataclass(frozen=True, slots=True)
class Coming:
    """An answer whose body is still on its way. `chunks` raises `Unreachable` where it breaks off."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
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
        began = time.monotonic()
        with self.opened(url, method=method, timeout_s=timeout_s) as coming:
            body, truncated = _read(coming.chunks)
            return Answer(
                status=coming.status,
                headers=coming.headers,
                body=body,
                truncated=truncated,
                latency_ms=round((time.monotonic() - began) * 1000),
                tls_days_left=coming.tls_days_left,
                peer=coming.peer,
            )

    @contextmanager
    def opened(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes | Iterator[bytes] | None = None,
        timeout_s: float,
    ) -> Iterator[Coming]:
        """Ask, and hand out the answer while it comes; whoever reads it decides how much is enough."""
        if db.is_open():
            raise RuntimeError("a network call inside a unit of work would hold the database meanwhile")
        asked = checked_url(url)
        deadline = time.monotonic() + timeout_s
        wire = Wire(lambda host, port: self._checked(host, port, deadline), deadline)
        sent = {**HEADERS, "Host": asked.netloc.decode("ascii"), **(headers or {})}
        target = httpcore.URL(
            scheme=asked.raw_scheme, host=asked.raw_host, port=asked.port, target=asked.raw_path
        )
        with ExitStack() as open_:
            with _told(timeout_s):
                pool = open_.enter_context(pool_over(wire, self._context()))
                came = open_.enter_context(
                    pool.stream(method, target, headers=list(sent.items()), content=content)
                )
            yield Coming(
                status=came.status,
                headers=headers_of(came),
                chunks=_chunks(came, timeout_s),
                tls_days_left=days_left(came.extensions["network_stream"]),
                peer=wire.peer,
            )

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


@contextmanager
def _told(timeout_s: float) -> Iterator[None]:
    """What breaks on the way, in our words."""
    try:
        yield
    except httpcore.TimeoutException:
        raise Unreachable(f"no answer within {timeout_s:g} s") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as broken:
        raise Unreachable(in_words(broken)) from broken


def _chunks(response: httpcore.Response, timeout_s: float) -> Iterator[bytes]:
    with _told(timeout_s):
        yield from response.iter_stream()


def _read(chunks: Iterator[bytes]) -> tuple[bytes, bool]:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MOST_BYTES:
            return bytes(body[:MOST_BYTES]), True
    return bytes(body), False


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
