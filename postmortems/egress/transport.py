"""Connections to checked addresses only, closed at the deadline.

A part of `egress`, which alone uses it. What breaks is said in httpcore's exceptions, which it expects.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import httpcore

from postmortems import clock

# How many of a name's addresses are tried; each has been checked.
MOST_TRIED = 3

# Host and port to checked addresses.
Check = Callable[[str, int], list[str]]


class EgressConnection(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline (monotonic seconds), however slow the other side."""

    def __init__(self, connection: socket.socket, deadline: float, peer: str) -> None:
        self._socket, self._deadline, self.peer = connection, deadline, peer
        # The operator's rule that lets us call; "" for a public address.
        self.rule = ""
        # Whole days until the certificate ends; None without TLS.
        self.days_left = _days_left(connection) if isinstance(connection, ssl.SSLSocket) else None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(left(self._deadline))
            return self._socket.recv(max_bytes)
        except TimeoutError as late:
            raise httpcore.ReadTimeout("no answer in time") from late
        except OSError as broken:
            raise httpcore.ReadError(str(broken)) from broken

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        unsent = memoryview(buffer)
        try:
            # Piece by piece, as whoever takes a byte at a time would never let one long step time out.
            while unsent:
                self._socket.settimeout(left(self._deadline))
                unsent = unsent[self._socket.send(unsent) :]
        except TimeoutError as late:
            raise httpcore.WriteTimeout("not taken in time") from late
        except OSError as broken:
            raise httpcore.WriteError(str(broken)) from broken

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> EgressConnection:
        try:
            self._socket.settimeout(left(self._deadline))
            wrapped = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except TimeoutError as late:
            self.close()
            raise httpcore.ConnectTimeout("no TLS in time") from late
        except (OSError, ValueError) as broken:
            self.close()
            raise httpcore.ConnectError(str(broken)) from broken
        return EgressConnection(wrapped, self._deadline, self.peer)

    def get_extra_info(self, info: str) -> Any:
        # It is how httpcore passes on what it does not know.
        return self.days_left if info == "days_left" else None


def _days_left(connection: ssl.SSLSocket) -> int | None:
    certificate = connection.getpeercert()
    if not certificate:
        return None
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    return (ends - clock.now()).days


class EgressBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and hands out lines that keep the deadline."""

    def __init__(self, check: Check, deadline: float) -> None:
        self._check, self._deadline = check, deadline
        self.peer = ""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> EgressConnection:
        found = self._check(host, port)[:MOST_TRIED]
        failed: OSError | None = None
        for place, address in enumerate(found):
            self.peer = address
            # One that swallows packets leaves time for the others.
            share = left(self._deadline) / (len(found) - place)
            try:
                connection = socket.create_connection((address, port), timeout=share)
            except OSError as broken:
                failed = broken
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return EgressConnection(connection, self._deadline, address)
        if isinstance(failed, TimeoutError):
            raise httpcore.ConnectTimeout("no connection in time") from failed
        raise httpcore.ConnectError(str(failed)) from failed

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise RuntimeError("nothing is asked through a file")

    def sleep(self, seconds: float) -> None:
        raise RuntimeError("nothing is asked twice")


def datagram(
    address: str, port: int, payload: bytes, is_answer: Callable[[bytes], bool], deadline: float
) -> bytes:
    """Send one datagram; the first that comes back and is the answer. What else comes is not looked at."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            # Connected: only this peer's datagrams arrive, and a closed port is told.
            asking.connect((address, port))
            asking.send(payload)
            while True:
                asking.settimeout(left(deadline))
                answer = asking.recv(65535)
                if is_answer(answer):
                    return answer
        except TimeoutError as late:
            raise httpcore.ReadTimeout("no answer in time") from late
        except OSError as broken:
            raise httpcore.ConnectError(str(broken)) from broken


def left(deadline: float) -> float:
    """Seconds to the deadline; a timeout once it has passed, for 0 would mean something else to a socket."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return seconds


def is_cut(answer: bytes) -> bool:
    """Whether a DNS message says that it was too long for a datagram."""
    return len(answer) > 2 and bool(answer[2] & 0x02)


def framed(line: EgressConnection, payload: bytes) -> bytes:
    """A DNS message over TCP, and the message that answers it: each behind its length."""
    line.write(len(payload).to_bytes(2, "big") + payload)
    length = int.from_bytes(_exactly(line, 2), "big")
    return _exactly(line, length)


def _exactly(line: EgressConnection, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        piece = line.read(length - len(found))
        if not piece:
            raise httpcore.ReadError("the connection broke")
        found += piece
    return bytes(found)
