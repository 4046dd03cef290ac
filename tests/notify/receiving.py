"""A receiver of webhooks on loopback: answers as it is told, and keeps what came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """One request: method, path, headers in lower case, and the body's bytes."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A receiver that is up. `answers` are given in turn (status, headers, body), the last one for ever."""

    url: str
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, {}, b"")])
    came: list[Received] = field(default_factory=list)
    # Whether it promises more of each answer than it gives, and hangs up.
    breaks_off: bool = False
    # Called before an answer is given: to let it take its time.
    before: Callable[[Received], None] | None = None

    def answer(self, *statuses: int, **headers: str) -> None:
        self.answers = [(status, headers, b"") for status in statuses]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            came = Received(self.command, self.path, headers, body)
            receiver.came.append(came)
            if receiver.before is not None:
                receiver.before(came)
            status, more, told = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            self.send_response(status)
            promised = len(told) + 100 * receiver.breaks_off
            self.close_connection = receiver.breaks_off
            for name, value in {**more, "Content-Length": str(promised)}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_PUT = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
