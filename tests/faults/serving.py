"""Real processes on one database: web servers, workers, and clients that send what they are told to."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep
from typing import Any

from postmortems import clock
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts import sign_in
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.gate.enforcement import guard_changes
from postmortems.guards import operations as guards
from postmortems.guards.kinds.heartbeat import pings
from tests.ports import free_port
from tests.runtimes import VAULT
from tests.tables import put_migrated
from tests.world import World, build

ROOT = Path(__file__).parents[2]
ALLOW = "127.0.0.0/8"
DIGEST = "sha256:" + "8c" * 32
FORM_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
ANSWERS_WITHIN_S = 60


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where the connection broke."""

    status: int
    body: Any = None
    headers: Any = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass
class Process:
    """One of our processes. `port` is where it listens; 0 for a worker."""

    process: subprocess.Popen[str]
    port: int = 0

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()

    def end(self) -> None:
        """Let it end by itself, and with it what it has started."""
        self.process.terminate()
        self.process.communicate(timeout=ANSWERS_WITHIN_S)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        within_s: float = ANSWERS_WITHIN_S,
    ) -> Answer:
        """One request on a connection of its own, given up after so long a silence."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=within_s)
        told = None if body is None else json.dumps(body) if isinstance(body, dict | list) else body
        kind = {} if told is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, path, told, kind | dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return Answer(answer.status, json.loads(text) if is_json else text.decode(), answer.headers)


@dataclass
class Group:
    """A database with the small world in it, and the processes that work on it."""

    url: str
    folder: Path
    world: World
    running: list[Process] = field(default_factory=list)
    # `forked.Process`, where what a start itself does is not asked after.
    begin: Callable[..., Any] = subprocess.Popen

    def start(
        self,
        *words: str,
        before: Callable[[], None] | None = None,
        program: Sequence[str] = ("postmortems",),
        **environ: str,
    ) -> Process:
        """`python -m postmortems WORDS`, or another `program`, when it has said that it is up."""
        with (self.folder / "stderr").open("a") as complaints:
            process = self.begin(
                [sys.executable, "-m", *program, *words],
                cwd=self.folder,
                env=environment(self.url) | environ,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                **({"preexec_fn": before} if before else {}),
            )
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said:
            raise RuntimeError((self.folder / "stderr").read_text())
        found = re.search(r"127\.0\.0\.1:(\d+)", said)
        self.running.append(Process(process, int(found[1]) if found else 0))
        return self.running[-1]

    def serve(self, **options: Any) -> Process:
        return self.start("serve", "--port", "0", "--no-worker", **options)

    def gunicorn(self, **environ: str) -> Process:
        """One process of gunicorn, with the `gunicorn.conf.py` that we ship."""
        port = free_port()
        words = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "error", "app:app"]
        with (self.folder / "stderr").open("a") as complaints:
            process = self.begin(
                [sys.executable, *words],
                cwd=ROOT,
                env=environment(self.url) | {"POSTMORTEMS_URL": f"http://127.0.0.1:{port}"} | environ,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                text=True,
            )
        made = Process(process, port)
        self.running.append(made)
        until(lambda: made.send("GET", "/livez").status == 200)
        return made

    def work(self) -> Process:
        return self.start("worker")

    def headers(self, name: str = "ben", **more: str) -> dict[str, str]:
        return {**self.world.headers(name), **more}

    def browser(self, server: Process, name: str) -> dict[str, str]:
        """What a request of that person's browser carries, to act through the API."""
        with db.transaction():
            secret = sign_in.open_session(accounts_queries.account(name), clock.now())
        cookie = {"Cookie": f"postmortems={secret}"}
        page = server.send("GET", "/incidents", headers=cookie)
        token = FORM_TOKEN.search(page.body)
        assert token is not None, page
        cookies = page.headers.get("Set-Cookie", "").partition(";")[0]
        return {
            "Cookie": f"postmortems={secret}" + (f"; {cookies}" if cookies else ""),
            "X-CSRFToken": token[1],
        }

    def ask(self, server: Process, *, key: str = "", name: str = "ada", **changes: Any) -> Answer:
        headers = self.headers(name, **({"Idempotency-Key": key} if key else {}))
        return server.send("POST", "/api/v1/gate/decisions", question(**changes), headers)


def question(**changes: Any) -> dict[str, Any]:
    """A request for data8's production."""
    asked = {"service": "data8", "target": "prod", "declared_target": "data8/prod"}
    return asked | {"artifact": {"digest": DIGEST}} | changes


CLAIM = {"service": "data8", "target": "prod", "artifact": {"digest": DIGEST}}


def environment(url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    ours = {"DATABASE_URL": url, "SECRET_KEY": "for tests" * 4, "EGRESS_ALLOW": ALLOW}
    return kept | {"PYTHONPATH": str(ROOT)} | {f"POSTMORTEMS_{name}": value for name, value in ours.items()}


@contextmanager
def group(url: str, folder: Path, begin: Callable[..., Any] = subprocess.Popen) -> Iterator[Group]:
    """The tables as migrations make them, the small world, and no process yet."""
    if not (file := Path(url.removeprefix("sqlite:///"))).exists() and url.startswith("sqlite:///"):
        put_migrated(file)
    migrations.upgrade(db.connect(url))
    made = Group(url, folder, build(), begin=begin)
    try:
        yield made
    finally:
        for one in made.running:
            one.kill()
        db.disconnect()


def together(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """What each answers when all are made at the same moment."""
    start = Barrier(len(calls))

    def one(call: Callable[[], Answer]) -> Answer:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def add_guard(group: Group, slug: str, kind: str, config: dict[str, Any], **more: Any) -> None:
    """A guard over data8's production, soft unless said otherwise."""
    fields = {"slug": slug, "title": slug, "kind": kind, "config": config, "targets": ["data8/prod"]}
    with db.transaction():
        made = guard_changes.create({**fields, **more, "level": "shadow"}, actor=group.world.ben, vault=VAULT)
        made.level = more.get("level", "soft")


def heartbeat_key(group: Group, slug: str) -> str:
    with db.transaction():
        return pings.make_key(slug, actor=group.world.ben)


def attest(group: Group, predicate: str, digest: str = DIGEST) -> None:
    body = {"predicate": predicate, "subject": {"digest": digest}, "service": "data8", "target": "staging"}
    with db.transaction():
        guards.attest(body | {"result": "passed"}, actor=group.world.ada)


def until(is_so: Callable[[], bool]) -> float:
    """Ask again and again until it is so; returns after how many seconds."""
    began = monotonic()
    while not is_so():
        if monotonic() - began > ANSWERS_WITHIN_S:
            raise TimeoutError(f"it is not so after {ANSWERS_WITHIN_S} seconds")
        sleep(0.02)
    return monotonic() - began
