"""The HTTP client for all outgoing calls, to addresses that the operator allows.

A name is looked up once, every address it has is checked, and the connection goes to a checked address:
a name that answers differently the second time gains nothing. No proxies, no decoding; a deadline for all of
it, redirects too, because a server that drips a byte a second never times out by itself.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from postmortems import oidc_values
from postmortems.config import Settings
from postmortems.egress import address_rules, resolver
from postmortems.egress import headers as egress_headers
from postmortems.egress.answers import Answer, StreamedResponse
from postmortems.egress.concurrency import ConcurrencyLimit
from postmortems.egress.headers import NoSecret, Secret, Secrets
from postmortems.egress.resolver import Resolver, Rules
from postmortems.egress.urls import Refused, Unreachable, checked_url, origin
from postmortems.errors import Misconfigured

# What speaks HTTP not with the application: it takes memory that many processes never need.
if TYPE_CHECKING:
    from postmortems.egress.transport import EgressConnection

__all__ = [
    "Answer",
    "Egress",
    "NoSecret",
    "Refused",
    "Secret",
    "StreamedResponse",
    "Unreachable",
    "checked_url",
    "origin",
]

MOST_BYTES = 64 * 1024
# What a caller may ask for who has a reason; who wants more reads it while it comes.
LARGEST = 8 * 1024 * 1024
AT_ONCE, PER_HOST = 64, 8
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
MOST_HOPS = 5


class Egress:
    """Makes calls within the operator's rules, `settings.egress_allow`. Threads may share one.

    `own` are hosts and ports of this service, which nothing may ask; `secrets` finds what a reference such as
    `store:staging` stands for, for one origin alone; `ca_file` has certificates to trust besides the world's.
    `control_url` answers while this machine has a network at all.
    """

    def __init__(
        self,
        allow: Iterable[str] = (),
        *,
        resolve: Resolver = resolver.look_up,
        tls: ssl.SSLContext | None = None,
        ca_file: str = "",
        own: Iterable[tuple[str, int]] = (),
        secrets: Secrets = egress_headers.none_kept,
        control_url: str = "",
    ) -> None:
        self.control_url = control_url
        self._rules = Rules(tuple(address_rules.read(entry) for entry in allow), resolve, frozenset(own))
        self._tls, self._ca_file, self._secrets = tls, ca_file, secrets
        self._turns = ConcurrencyLimit(AT_ONCE, PER_HOST)

    def secret(self, reference: str, url: str) -> Secret:
        """What the reference stands for, if it may be sent to this address. Raises `NoSecret`."""
        return self._secrets(reference, origin(url))

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secret_headers: Mapping[str, Secret] | None = None,
        body: bytes = b"",
        timeout_s: float = 10.0,
        max_bytes: int = MOST_BYTES,
        redirects: int = 0,
    ) -> Answer:
        """Ask, and return what came back within `timeout_s`. Raises `Refused` or `Unreachable`.

        At most `max_bytes` of the body are read; with 0 it is not waited for. `redirects` are followed for
        GET and HEAD, each checked anew; to another origin no secret goes along.
        """
        from postmortems.egress import call as egress_call

        if method not in METHODS:
            raise Refused(f"{method[:20]!r} is no method that is used here")
        secrets = secret_headers or {}
        sent = egress_headers.headers(headers or {}, secrets)
        ask = egress_call.Ask(method, checked_url(url), sent, body, tuple(secrets.values()))
        hops = min(redirects, MOST_HOPS) if method in {"GET", "HEAD"} else 0
        call = egress_call.Call(self._rules, timeout_s)
        while True:
            with (
                call.under_way(self._turns, ask.url.host),
                egress_call.opened(call, ask, self._context()) as coming,
            ):
                moves = hops > 0 and egress_call.moves_on(coming.status, coming.headers)
                if not moves:
                    return egress_call.whole(call, ask, coming, min(max_bytes, LARGEST))
            hops, ask = hops - 1, egress_call.moved(ask, coming.headers["location"])

    def get(self, url: str, *, timeout_s: float = 10.0) -> Answer:
        """Ask with no more than an address."""
        return self.request("GET", url, timeout_s=timeout_s)

    @contextmanager
    def opened(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes | Iterator[bytes] | None = None,
        timeout_s: float,
    ) -> Iterator[StreamedResponse]:
        """Ask, and hand out the answer while it comes; whoever reads it decides how much is enough."""
        from postmortems.egress import call as egress_call

        sent = egress_headers.headers(egress_headers.without_ours(headers or {}), {})
        ask = egress_call.Ask(method, checked_url(url), sent, content or b"")
        call = egress_call.Call(self._rules, timeout_s)
        with ExitStack() as held:
            with call.entering(held, self._turns, ask.url.host):
                coming = held.enter_context(egress_call.opened(call, ask, self._context()))
            yield coming

    @contextmanager
    def connect(
        self, host: str, port: int, *, tls: bool = False, timeout_s: float = 5.0
    ) -> Iterator[EgressConnection]:
        """A bare connection, over TLS where asked for. Raises `Refused` or `Unreachable`, inside it too."""
        from postmortems.egress.call import Call

        call = Call(self._rules, timeout_s)
        with call.under_way(self._turns, host):
            line = call.wire.connect_tcp(host, port)
            try:
                if tls:
                    line = line.start_tls(self._context(), server_hostname=host)
                line.rule = call.ruling.rule
                yield line
            finally:
                line.close()

    def exchange(
        self, server: str, port: int, query: bytes, is_answer: Callable[[bytes], bool], *, timeout_s: float
    ) -> bytes:
        """A DNS message's answer: over UDP, and over TCP where that is cut short.

        `server` is an address; "" asks the one that this machine itself asks.
        """
        from postmortems.egress import transport
        from postmortems.egress.call import Call

        call = Call(self._rules, timeout_s)
        with call.under_way(self._turns, server):
            if server:
                address = call.check(server, port)[0]
            else:
                address, port = resolver.system_server(), 53
            call.wire = transport.EgressBackend(lambda *_: [address], call.deadline)
            call.wire.peer = address
            answer = transport.datagram(address, port, query, is_answer, call.deadline)
            if not transport.is_cut(answer):
                return answer
            line = call.wire.connect_tcp(address, port)
            try:
                return transport.framed(line, query)
            finally:
                line.close()

    def trusted(self) -> ssl.SSLContext:
        """What TLS trusts here, for the one other place that speaks it."""
        return self._context()

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = _trusting(self._ca_file) if self._ca_file else _trusting_the_world()
        return self._tls


@cache
def _trusting_the_world() -> ssl.SSLContext:
    # Reading its certificates takes tens of milliseconds: who has nothing to add to them shares them.
    return _tls_context()


def _trusting(ca_file: str) -> ssl.SSLContext:
    tls = _tls_context()
    try:
        tls.load_verify_locations(cafile=ca_file)
    except OSError as wrong:
        raise Misconfigured(f"POSTMORTEMS_EGRESS_CA_FILE cannot be read: {wrong}") from None
    return tls


def _tls_context() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def of(settings: Settings, secrets: Secrets = egress_headers.none_kept) -> Egress:
    """The way out by these settings. The database and the address we listen on are our own."""
    return Egress(
        settings.egress_allow,
        ca_file=settings.egress_ca_file,
        own=_own(settings),
        secrets=secrets,
        control_url=settings.control_url,
    )


def to_provider(settings: Settings) -> Egress:
    """The way to the identity provider, which the operator allows by naming it; guards gain nothing."""
    also = (oidc_values.address_rule(settings.oidc_issuer),) if settings.oidc_issuer else ()
    return Egress((*settings.egress_allow, *also), ca_file=settings.egress_ca_file, own=_own(settings))


def _own(settings: Settings) -> Iterator[tuple[str, int]]:
    database = urlsplit(settings.database_url)
    if database.hostname and not settings.database_url.startswith("sqlite"):
        yield database.hostname, database.port or 5432
    url = urlsplit(settings.url)
    if url.hostname in {"localhost", "127.0.0.1", "::1"}:
        yield url.hostname, url.port or (443 if url.scheme == "https" else 80)
