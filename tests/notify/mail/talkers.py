"""Servers that speak first, as those of mail do, and misbehave as told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.loopback import Conversation


@contextmanager
def smtp_like(talk: Conversation) -> Iterator[int]:
    """Serve on a free port, which is the value; `talk` has the connection until the event is set."""
    over = threading.Event()

    class Visit(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                talk(self.request, over)
            except OSError:
                return  # They hung up first, as they should.

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Visit) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            over.set()
            server.shutdown()
            thread.join()
