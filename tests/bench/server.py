"""A production server on loopback, and a client that keeps its connection."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_S = 30


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(app: str, database_url: str) -> Iterator[int]:
    """The port of a gunicorn with two workers that serves `app` on this database."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--worker-class", "gthread", "--threads", "4", "--keep-alive", "60", "--log-level", "error"]
    environment = {
        **os.environ,
        "POSTMORTEMS_DATABASE_URL": database_url,
        "POSTMORTEMS_SECRET_KEY": "only-for-the-bench" * 2,
        "POSTMORTEMS_URL": f"http://127.0.0.1:{port}",
        "POSTMORTEMS_EGRESS_ALLOW": "127.0.0.0/8",
    }
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


class Client:
    """Requests over one connection; an answer that is not a success stops the bench."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = dict(headers or {})

    def get(self, path: str) -> bytes:
        return self._send("GET", path, None)

    def post(self, path: str, body: str) -> bytes:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: str | None) -> bytes:
        headers = self.headers | ({"Content-Type": "application/json"} if body is not None else {})
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {content[:500]!r}")
        return content
