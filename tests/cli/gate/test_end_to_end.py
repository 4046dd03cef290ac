"""`gate check --wait` against the application itself, over loopback, and what happens meanwhile.

Nobody sleeps here: while the command would, the clock moves on and the next thing happens.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.serving import make_server

from postmortems.actor import Actor
from postmortems.cli.gate import client, wait
from postmortems.cli.gate.check import gate
from postmortems.db import session as db
from postmortems.guards import operations, queries
from postmortems.guards.kinds.heartbeat import pings
from tests import forked
from tests import world as the_world
from tests.apps import LOOPBACK
from tests.conftest import Clock
from tests.loopback import Asked, Reply, answering, as_json
from tests.runtimes import VAULT
from tests.tables import put_migrated
from tests.world import World

SYSTEM = Actor.system("test")
ROOT = Path(__file__).parents[3]
DIGEST = f"sha256:{'a' * 64}"
CHECK = ["check", "--service", "data8", "--target", "prod", "--artifact", DIGEST, "--decision-file", "id"]
Step = Callable[[], object]


@dataclass
class Meanwhile:
    """Time as the command sees it: each pause is over at once, and the next step is taken in it."""

    steps: list[Step] = field(default_factory=list)
    clock: Clock | None = None
    passed_s: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.passed_s

    def sleep(self, length_s: float) -> None:
        self.passed_s += length_s
        self.pauses.append(length_s)
        if self.clock is not None:
            self.clock.advance(seconds=length_s)
        if self.steps:
            self.steps.pop(0)()


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Meanwhile:
    made = Meanwhile()
    monkeypatch.setattr(wait, "time", made)
    # A server that is away is asked again at once.
    monkeypatch.setattr(client.GateClient.__init__, "__kwdefaults__", {"timeout_s": 60.0, "pause_s": 0.0})
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return made


@dataclass(frozen=True)
class Gate:
    """A server that answers pipelines, a token of Ben's, and what ends the server."""

    url: str
    token: str
    end: Step

    def checks(self, *options: str) -> Result:
        env = {"POSTMORTEMS_URL": self.url, "POSTMORTEMS_TOKEN": self.token, "NO_PROXY": "127.0.0.1"}
        return CliRunner().invoke(gate, [*CHECK, *options], env=env)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            method,
            f"{self.url}/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
            timeout=60,
        )
        assert answer.is_success, answer.text
        return answer.json()

    def decisions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/gate/decisions")["decisions"]
        return found

    def approve(self) -> None:
        self.call(
            "POST",
            "/evidence/signoffs",
            {
                "guard": "watched",
                "service": "data8",
                "target": "prod",
                "artifact": {"digest": DIGEST},
                "result": "approved",
            },
        )


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"egress_allow": LOOPBACK}


@pytest.fixture
def here(app: Flask, world: World, clock: Clock, meanwhile: Meanwhile) -> Iterator[Gate]:
    """The application on a thread of this process, with a clock that moves only while the command waits."""
    meanwhile.clock = clock
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def end() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    try:
        yield Gate(f"http://127.0.0.1:{server.server_port}", world.tokens["ben"], end)
    finally:
        end()


def guarded(kind: str, **config: Any) -> str:
    """data8/prod has one guard, `watched`, that stops deploys; the key of its job where it waits for one."""
    with db.transaction():
        fields = {"slug": "watched", "title": "Watched", "kind": kind, "config": config, "max_age_s": 0}
        operations.create(fields | {"targets": ["data8/prod"]}, actor=SYSTEM, vault=VAULT)
        queries.by_slug("watched").level = "soft"
        return pings.make_key("watched", actor=SYSTEM) if kind == "heartbeat" else ""


def nothing() -> None:
    """A pause in which nobody does anything."""


def test_a_heartbeat_that_comes_meanwhile_lets_it_through(here: Gate, meanwhile: Meanwhile) -> None:
    key = guarded("heartbeat")
    meanwhile.steps = [nothing, lambda: here.call("POST", f"/heartbeats/{key}")]

    result = here.checks("--wait", "15m")

    assert result.exit_code == 0, result.output
    assert "ALLOWED" in result.output
    assert meanwhile.pauses == [10.0, 10.0]
    assert [(one["id"], one["decision"]) for one in here.decisions()] == [
        (Path("id").read_text().strip(), "allow")
    ]


def test_a_signoff_that_is_given_meanwhile_lets_it_through(here: Gate, meanwhile: Meanwhile) -> None:
    guarded("signoff", bar_requester=False)
    meanwhile.steps = [nothing, here.approve]

    result = here.checks("--wait", "15m", "--format", "markdown")

    assert result.exit_code == 0, result.output
    assert "ben approved it" in result.output
    assert [one["decision"] for one in here.decisions()] == ["allow"]


def test_who_never_answers_blocks_it_at_the_deadline(here: Gate, meanwhile: Meanwhile) -> None:
    guarded("signoff", bar_requester=False)

    result = here.checks("--wait", "45s")

    assert result.exit_code == 11, result.output
    assert "BLOCKED" in result.output
    assert "wait_deadline_passed: watched had until" in result.output
    assert meanwhile.pauses == [10.0, 10.0, 10.0, 10.0, 5.0]
    assert [one["decision"] for one in here.decisions()] == ["block"]


def test_a_no_ends_the_wait_at_once(here: Gate, meanwhile: Meanwhile) -> None:
    key = guarded("heartbeat")
    meanwhile.steps = [lambda: here.call("POST", f"/heartbeats/{key}/fail")]

    result = here.checks("--wait", "15m")

    assert result.exit_code == 10, result.output
    assert "the job said" in result.output
    assert len(meanwhile.pauses) == 1


def test_an_answer_that_takes_long_is_waited_for_and_holds_nobody_else_up(
    here: Gate, meanwhile: Meanwhile
) -> None:
    is_asked, others_are_answered = threading.Event(), threading.Event()
    series: list[Any] = []

    def metrics(asked: Asked) -> Reply:
        if series:
            is_asked.set()
            assert others_are_answered.wait(60)
        return as_json({"status": "success", "data": {"resultType": "vector", "result": series}})

    def somebody_else_asks() -> None:
        assert is_asked.wait(60)
        here.call("POST", "/gate/decisions", {"service": "data8", "target": "staging"})
        others_are_answered.set()

    other = threading.Thread(target=somebody_else_asks)
    with answering(metrics) as prometheus:
        guarded("prometheus", url=prometheus.url(""), query="up", threshold=1, timeout_s=20)
        meanwhile.steps = [lambda: series.append({"metric": {}, "value": [0, "1"]}), nothing]
        other.start()
        result = here.checks("--wait", "15m")
        other.join()

    assert result.exit_code == 0, result.output
    assert meanwhile.pauses == [10.0]
    assert {one["target"]: one["decision"] for one in here.decisions()} == {
        "data8/prod": "allow",
        "data8/staging": "allow_with_warnings",
    }


def test_a_server_that_goes_away_and_stays_away_is_unreachable(here: Gate, meanwhile: Meanwhile) -> None:
    guarded("signoff", bar_requester=False)
    meanwhile.steps = [here.end]

    result = here.checks("--wait", "45s")

    assert result.exit_code == 20, result.output
    assert "does not answer" in result.stderr
    assert not Path("id").exists()


@dataclass
class Process:
    """A server of its own, as `make run` starts it, which can be killed and started again."""

    folder: Path
    port: int = 0
    running: forked.Process | None = None

    def start(self) -> None:
        """It is up once it says where."""
        command = [sys.executable, "-m", "postmortems", "serve", "--port", str(self.port)]
        ours = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
        env = ours | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.running = forked.Process(command, cwd=self.folder, env=env, stdout=subprocess.PIPE, text=True)
        assert self.running.stdout is not None
        said = self.running.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found is not None, said
        self.port = int(found[1])

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.communicate()
        self.running = None


@pytest.fixture
def elsewhere(tmp_path: Path, meanwhile: Meanwhile) -> Iterator[tuple[Process, Gate]]:
    """A server in a process of its own, on the default database, where a sign-off is asked for."""
    (tmp_path / "instance").mkdir()
    db.connect(put_migrated(tmp_path / "instance/postmortems.db"))
    made = the_world.build()
    guarded("signoff", bar_requester=False)
    db.disconnect()
    process = Process(tmp_path)
    process.start()
    try:
        yield process, Gate(f"http://127.0.0.1:{process.port}", made.tokens["ben"], process.kill)
    finally:
        process.kill()


def test_a_server_that_is_killed_and_comes_back_ends_no_wait(
    elsewhere: tuple[Process, Gate], meanwhile: Meanwhile
) -> None:
    process, there = elsewhere
    meanwhile.steps = [process.kill, process.start, there.approve]

    result = there.checks("--wait", "15m")

    assert result.exit_code == 0, result.output
    assert meanwhile.steps == []
    assert [(one["id"], one["decision"]) for one in there.decisions()] == [
        (Path("id").read_text().strip(), "allow")
    ]
