"""One outgoing call: its deadline, request and answer, and its failures in our words.

A part of `egress`, which alone uses it.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import httpcore
import httpx

from postmortems.db import session as db
from postmortems.egress import headers as egress_headers
from postmortems.egress.address_rules import AddressVerdict
from postmortems.egress.answers import Answer, StreamedResponse
from postmortems.egress.concurrency import ConcurrencyLimit
from postmortems.egress.headers import Secret
from postmortems.egress.resolver import Rules
from postmortems.egress.transport import EgressBackend
from postmortems.egress.urls import CANNOT_REACH, Refused, Unreachable, next_hop, origin

# Who wants to know of each call, such as traces: told its method and host, and no more of its address.
watchers: list[Callable[[str, str], AbstractContextManager[None]]] = []

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Call:
    """One call under way: its deadline, its wire, and the ruling that lets it go where it goes."""

    def __init__(self, rules: Rules, timeout_s: float) -> None:
        self.began = time.monotonic()
        self.deadline = self.began + timeout_s
        self.timeout_s, self.ruling, self._rules = timeout_s, AddressVerdict(), rules
        self.wire = EgressBackend(self.check, self.deadline)

    def check(self, host: str, port: int) -> list[str]:
        found, self.ruling = self._rules.checked(host, port, self.deadline)
        return found

    def unreachable(self, reason: str) -> Unreachable:
        """In words for everybody and for operators; what is private is told apart by operators alone."""
        by = f" (allowed by {self.ruling.rule})" if self.ruling.rule else ""
        detail = f"{self.wire.peer}: {reason}{by}" if self.wire.peer else reason
        return Unreachable(CANNOT_REACH if self.ruling.is_private else reason, detail)

    @contextmanager
    def under_way(self, turns: ConcurrencyLimit, host: str) -> Iterator[None]:
        """A turn to call; what breaks meanwhile is said in our words."""
        with ExitStack() as held, self.entering(held, turns, host):
            yield

    @contextmanager
    def entering(self, held: ExitStack, turns: ConcurrencyLimit, host: str) -> Iterator[None]:
        """A turn that lasts until `held` is closed; what breaks until the block ends is said in our words."""
        if db.is_open():
            raise RuntimeError("a network call inside a unit of work would hold the database meanwhile")
        try:
            held.enter_context(turns.take(host, self.deadline))
        except TimeoutError:
            raise Refused("too many calls are under way; try again later") from None
        with self.told():
            yield

    @contextmanager
    def told(self) -> Iterator[None]:
        """What breaks on the way, in our words."""
        try:
            yield
        except httpcore.TimeoutException:
            raise self.unreachable(f"no answer within {self.timeout_s:g} s") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as broken:
            told = _certificate(str(broken))
            raise (Unreachable(told) if told else self.unreachable(_in_words(broken))) from broken


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a call: a redirect makes another one of it."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    body: bytes | Iterator[bytes] = b""
    secrets: tuple[Secret, ...] = ()


@contextmanager
def opened(call: Call, ask: Ask, tls: ssl.SSLContext) -> Iterator[StreamedResponse]:
    """Make one request, and hand out its answer while it comes."""
    url = ask.url
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    pool = httpcore.ConnectionPool(
        ssl_context=tls, network_backend=call.wire, max_connections=1, max_keepalive_connections=0, retries=0
    )
    sent = egress_headers.framed(ask.headers, url.netloc.decode("ascii"), ask.body, ask.method)
    with (
        _watched(ask),
        pool,
        pool.stream(ask.method, target, headers=sent, content=ask.body or None) as response,
    ):
        yield StreamedResponse(
            status=response.status,
            headers=egress_headers.received(response.headers, ask.secrets),
            chunks=_chunks(call, response),
            tls_days_left=response.extensions["network_stream"].get_extra_info("days_left"),
            peer=call.wire.peer,
        )


@contextmanager
def _watched(ask: Ask) -> Iterator[None]:
    with ExitStack() as told:
        for watch in watchers:
            told.enter_context(watch(ask.method, ask.url.host))
        yield


def _chunks(call: Call, response: httpcore.Response) -> Iterator[bytes]:
    with call.told():
        yield from response.iter_stream()


def whole(call: Call, ask: Ask, coming: StreamedResponse, cap: int) -> Answer:
    """The answer with at most `cap` bytes of its body."""
    body, truncated = _read(coming.chunks, cap)
    return Answer(
        status=coming.status,
        headers=coming.headers,
        body=egress_headers.masked(body, ask.secrets),
        truncated=truncated,
        latency_ms=round((time.monotonic() - call.began) * 1000),
        tls_days_left=coming.tls_days_left,
        peer=coming.peer,
        rule=call.ruling.rule,
        is_private=call.ruling.is_private,
        url=str(ask.url),
    )


def moves_on(status: int, headers: Mapping[str, str]) -> bool:
    return status in REDIRECTS and bool(headers.get("location"))


def moved(ask: Ask, location: str) -> Ask:
    """The same request where it was sent on to; to another origin nothing secret goes along."""
    hop = next_hop(ask.url, location)
    is_same = origin(str(hop)) == origin(str(ask.url))
    headers = ask.headers if is_same else egress_headers.for_another_origin(ask.headers)
    return Ask(ask.method, hop, headers, ask.body, ask.secrets)


def _read(chunks: Iterator[bytes], cap: int) -> tuple[bytes, bool]:
    if not cap:
        # Whoever asks for nothing of it hears the status, even where the rest never comes.
        return b"", True
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > cap:
            return bytes(body[:cap]), True
    return bytes(body), False


def _certificate(text: str) -> str:
    """What is wrong with a certificate, where that is what broke; else ""."""
    if "CERTIFICATE_VERIFY_FAILED" not in text:
        return ""
    reason = text.partition("failed: ")[2].partition(" (_ssl")[0]
    return f"its certificate is not valid for this name: {reason}"


def _in_words(broken: Exception) -> str:
    if "refused" in str(broken).lower():
        return "connection refused"
    is_broken = isinstance(broken, httpcore.NetworkError)
    return "the connection broke" if is_broken else "it does not speak HTTP"
