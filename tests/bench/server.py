"""A production server of a checkout on loopback, and a client that keeps its connection."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import psutil

from tests.bench import worlds
from tests.bench.commits import HERE, Checkout
from tests.bench.worlds import World
from tests.ports import free_port

APP, PLAIN = "app:app", "tests.bench.bare:create()"
WORKERS = 2
STARTS_WITHIN_S = 60
# At a million items an older version thinks for long.
WAITS_S = 300


@dataclass(frozen=True, slots=True)
class Served:
    """A world, where it is served, the process to which the workers belong, and whose code it runs."""

    world: World
    port: int
    process: subprocess.Popen[bytes]
    checkout: Checkout = HERE
    clients: list[Client] = field(default_factory=list)

    def client(self, headers: Mapping[str, str] = {}) -> Client:
        """Somebody who asks, over a connection that ends with the server."""
        self.clients.append(Client(self.port, headers))
        return self.clients[-1]

    def reader(self) -> Client:
        """A program that reads, and asks the gate."""
        return self.client({"Authorization": f"Bearer {self.world.token}"})

    def writer(self) -> Client:
        """A program that may do all."""
        return self.client({"Authorization": f"Bearer {self.world.writer}"})

    def browser(self) -> Client:
        """Somebody who is signed in."""
        return self.client({"Cookie": f"postmortems={self.world.session}"})

    def memory(self, *, is_peak: bool = False) -> float:
        """What the largest web process takes, or has taken, in megabytes."""
        workers = psutil.Process(self.process.pid).children()
        return max(_peak(one.pid) if is_peak else one.memory_info().rss / 1e6 for one in workers)


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) * 1024 / 1e6  # type: ignore[index]


@contextmanager
def running(app: str, world: World, checkout: Checkout = HERE) -> Iterator[Served]:
    """A gunicorn that serves `app` on this world."""
    port = free_port()
    command = [
        checkout.python,
        "-m",
        "gunicorn",
        app,
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        str(WORKERS),
    ]
    command += ["--log-level", "error"]
    if app != APP or not (checkout.root / "gunicorn.conf.py").exists():
        command += ["--worker-class", "gthread", "--threads", "4", "--keep-alive", "60"]
    more = {
        "POSTMORTEMS_URL": f"http://127.0.0.1:{port}",
        "POSTMORTEMS_EGRESS_ALLOW": "127.0.0.0/8",
        # What is asked is counted as ever, and never too much: all of it comes from one address.
        "POSTMORTEMS_LIMITS_PERCENT": "100000",
        "BENCH_TEMPLATE": world.template,
    }
    server = subprocess.Popen(command, cwd=checkout.root, env=worlds.environment(checkout, world.url, more))
    try:
        _wait_for(port, server)
        served = Served(world, port, server, checkout)
        yield served
        for client in served.clients:
            client.connection.close()
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

    def __init__(self, port: int, headers: Mapping[str, str] = {}) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=WAITS_S)
        self.headers = dict(headers)

    def get(self, path: str, **headers: str) -> bytes:
        return self.send("GET", path, None, headers)

    def post(self, path: str, body: str) -> bytes:
        return self.send("POST", path, body)

    def knows(self, path: str) -> bool:
        """Whether there is such a page."""
        try:
            self.get(path)
        except Refused:
            return False
        return True

    def send(self, method: str, path: str, body: str | None, more: Mapping[str, str] = {}) -> bytes:
        headers = self.headers | dict(more)
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise Refused(f"{method} {path} answered {answer.status}: {content[:500]!r}")
        return content


class Refused(RuntimeError):
    """An answer that is not a success."""
