"""Real servers on loopback that misbehave as told, and note whoever comes."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


@dataclass(frozen=True)
class Asked:
    """One whole request as a server understood it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answering(Listening):
    """A server that is up and reads requests whole."""

    asked: list[Asked] = field(default_factory=list)


Reply = tuple[int, Mapping[str, str], bytes]


@contextmanager
def answering(reply: Callable[[Asked], Reply]) -> Iterator[Answering]:
    """Serve HTTP on a free port; `reply` gives status, headers and body for each request."""

    class Visit(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers.items()), body)
            place.asked.append(asked)
            status, headers, content = reply(asked)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_HEAD = answer

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Visit) as server:
        place = Answering(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield place
        finally:
            server.shutdown()
            thread.join()


def as_json(content: object, status: int = 200) -> Reply:
    """A reply in JSON."""
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()
