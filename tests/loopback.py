"""Real servers on loopback that misbehave as told, and note whoever comes."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Conversation = Callable[[socket.socket, threading.Event], None]


@dataclass
class Listening:
    """A server that is up: its port, and the first bytes of every visit."""

    port: int
    visits: list[bytes] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def listening(answer: Conversation | bytes, tls: ssl.SSLContext | None = None) -> Iterator[Listening]:
    """Serve on a free port. `answer`: the bytes to send, or a function that talks until the event is set."""
    over = threading.Event()

    class Visit(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection: socket.socket = self.request
            if tls is not None:
                try:
                    connection = tls.wrap_socket(connection, server_side=True)
                except OSError:
                    place.visits.append(b"")
                    return
            place.visits.append(connection.recv(4096))
            try:
                if isinstance(answer, bytes):
                    connection.sendall(answer)
                else:
                    answer(connection, over)
            except OSError:
                return  # They hung up first, as they should.
            finally:
                connection.close()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Visit) as server:
        place = Listening(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield place
        finally:
            over.set()
            server.shutdown()
            thread.join()


def http(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def drip(head: bytes) -> Conversation:
    """Send `head`, then a byte every now and then, for ever."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(0.05):
            connection.sendall(b"x")

    return talk


def flood(connection: socket.socket, over: threading.Event) -> None:
    """A body without end, as fast as it is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"y" * 65536)
