"""The connections that `egress` makes: to checked addresses only, and over at the deadline.

A part of `egress`, which alone uses it.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpcore

from postmortems import clock

# How many of a name's addresses are tried; each has been checked.
MOST_TRIED = 3


class Wire(httpcore.NetworkBackend):
    """Connects to checked addresses only, and hands out streams that keep the deadline."""

    def __init__(self, check: Callable[[str, int], list[str]], deadline: float) -> None:
        self._check, self._deadline = check, deadline
        self._plain = httpcore.SyncBackend()
        self.peer = ""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = self._check(host, port)[:MOST_TRIED]
        for address in found:
            try:
                stream = self._plain.connect_tcp(address, port, timeout=_left(self._deadline))
            except httpcore.ConnectError:
                if address == found[-1]:
                    raise
                continue
            self.peer = address
            return _Stream(stream, self._deadline)
        raise httpcore.ConnectError("no address")

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise RuntimeError("nothing is asked through a file")

    def sleep(self, seconds: float) -> None:
        raise RuntimeError("nothing is asked twice")


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline, so that a slow drip does too."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(
            ssl_context, server_hostname=server_hostname, timeout=_left(self._deadline)
        )
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    """Seconds to the deadline; a timeout once it has passed, for 0 would mean something else to a socket."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return left


def pool_over(wire: Wire, tls: ssl.SSLContext) -> httpcore.ConnectionPool:
    """One connection, once."""
    return httpcore.ConnectionPool(
        ssl_context=tls, network_backend=wire, max_connections=1, max_keepalive_connections=0, retries=0
    )


def headers_of(response: httpcore.Response) -> Mapping[str, str]:
    """An answer's headers by their names in lower case; the first of several of one name."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in reversed(response.headers)
    }


def days_left(stream: httpcore.NetworkStream) -> int | None:
    """For how many days the other side's certificate is still good; None without TLS."""
    tls = stream.get_extra_info("ssl_object")
    certificate = tls.getpeercert() if tls else None
    if not certificate:
        return None
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    return (ends - clock.now()).days


def in_words(broken: Exception) -> str:
    """What broke, for people."""
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
