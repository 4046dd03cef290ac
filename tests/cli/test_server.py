"""`serve`, `db` and `demo`: the commands that start a server and fill its database."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from postmortems.accounts import queries as accounts_queries
from postmortems.cli import http_server
from postmortems.config import DEFAULT_URL, Settings
from postmortems.db import session as db
from postmortems.errors import Misconfigured
from tests import forked
from tests.cli.conftest import Run

ROOT = Path(__file__).parent.parent.parent
SLOW_MARKDOWN = "[" * 7_000


class Served:
    """A server in a folder of its own; what it printed, and questions to it."""

    def __init__(self, folder: Path, *argv: str, **environ: str) -> None:
        self.process = forked.Process(
            [sys.executable, "-m", "postmortems", "serve", "--port", "0", *argv],
            cwd=folder,
            env={**clean_environ(), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = [self.process.stdout.readline(), self.process.stdout.readline()]
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.said[0])
        assert found is not None, self.process.communicate()
        self.port = int(found[1])
        self.cookies: dict[str, str] = {}

    def send(self, method: str, path: str, body: str = "") -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        return connection

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        connection = self.send(method, path, body)
        answer = connection.getresponse()
        for cookie in answer.msg.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def form_token(self, path: str) -> str:
        found = re.search('csrf-token" content="([^"]+)"', self.ask("GET", path)[1])
        assert found is not None
        return found[1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode


def clean_environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(*argv: str, **environ: str) -> Served:
        started.append(Served(tmp_path, *argv, **environ))
        return started[-1]

    yield start
    for served in started:
        if served.process.poll() is None:
            served.process.kill()
        served.process.communicate()


def test_the_first_start_makes_everything_and_the_second_keeps_it(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    first = serve()
    link = re.search(r"/sign-in/link/[\w-]+", first.said[1])
    assert link is not None
    token = first.form_token(link[0])
    assert first.ask("POST", link[0], f"csrf_token={token}")[0] == 303
    assert "Accidental merge to prod" in first.ask("GET", "/incidents")[1]
    assert first.stop() == 0

    second = serve()
    again = re.search(r"`POSTMORTEMS_URL=(\S+) (\S+) -m postmortems users link NAME`", second.said[1])
    assert again is not None
    assert again[1] in second.said[0]
    assert os.access(tmp_path / again[2], os.X_OK)
    second.cookies = first.cookies
    assert second.ask("GET", "/incidents/2018-01-25-accidental-merge-to-prod")[0] == 200
    assert second.stop() == 0
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o077 == 0


def test_a_request_in_flight_is_finished_when_told_to_stop(serve: Callable[..., Served]) -> None:
    served = serve("--no-worker")
    link = re.search(r"/sign-in/link/[\w-]+", served.said[1])
    assert link is not None
    served.ask("POST", link[0], f"csrf_token={served.form_token(link[0])}")
    body = f"csrf_token={served.form_token('/settings')}&text={SLOW_MARKDOWN}"
    # Rendering that takes until its deadline, a second.
    with closing(served.send("POST", "/preview?field=text", body)) as slow:
        # What is asked later and answered shows that it has come in.
        for _ in range(3):
            served.ask("GET", "/livez")

        assert served.stop() == 0
        answer = slow.getresponse()
        assert answer.status == 200
        assert "[[[[" in answer.read().decode()


def test_a_taken_port_is_one_clear_sentence(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, err = run("serve", "--port", port)

    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert f"port {port}: address already in use;" in err
    assert err.count(port) == 1
    assert "--port" in err
    assert not (tmp_path / "instance").exists()


OTHER = {"POSTMORTEMS_DATABASE_URL": "sqlite:///other.db"}


@pytest.mark.parametrize(
    "argv, environ, word",
    [
        (["serve"], {"POSTMORTEMS_DATABASE_URL": "mysql://x"}, "POSTMORTEMS_DATABASE_URL"),
        (["serve"], {"POSTMORTEMS_URL": "example.org"}, "POSTMORTEMS_URL"),
        (["serve"], {"POSTMORTEMS_TRUSTED_PROXIES": "many"}, "POSTMORTEMS_TRUSTED_PROXIES"),
        (["serve", "--port", "0"], OTHER, "db upgrade"),
        (["worker"], OTHER, "db upgrade"),
        (["users", "list"], OTHER, "db upgrade"),
        (["users", "list"], {"POSTMORTEMS_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "does not answer"),
        (["db", "upgrade"], {"POSTMORTEMS_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "does not answer"),
        (["serve", "--host", "256.0.0.1", "--port", "0"], {}, "cannot listen"),
        (["serve", "--port", "70000"], {}, "70000"),
        (["serve", "--port", "http"], {}, "http"),
        (["db", "downgrade"], {}, "REVISION"),
        (["db", "upgrade", "no-such-revision"], {}, "no-such-revision"),
        (["db", "downgrade", "no-such-revision"], {}, "no-such-revision"),
    ],
)
def test_what_cannot_work_ends_with_2_and_one_reason(
    run: Run, argv: list[str], environ: dict[str, str], word: str
) -> None:
    code, out, err = run(*argv, **environ)

    assert (code, out) == (2, "")
    assert word in err
    assert err.count("Error: ") == 1


def test_a_database_of_ones_own_needs_a_secret_key(run: Run) -> None:
    assert run("db", "upgrade", **OTHER)[0] == 0

    code, _, err = run("serve", "--port", "0", **OTHER)

    assert code == 2
    assert "POSTMORTEMS_SECRET_KEY" in err


def test_the_tables_go_up_and_down(run: Run) -> None:
    assert run("db", "current")[1].startswith("at none, needs ")
    up, again, down = run("db", "upgrade"), run("db", "upgrade"), run("db", "downgrade", "base")

    assert (up[0], again, down[0]) == (0, up, 0)
    assert down[1] == "The tables are at revision base.\n"


def test_the_demo_comes_and_goes(run: Run) -> None:
    loaded, removed = run("demo", "load"), run("demo", "remove")

    assert (loaded[0], removed[0]) == (0, 0)
    assert "10 incidents" in loaded[1]
    assert "10 incidents" in removed[1]


@pytest.mark.parametrize(
    "argv", ["serve", "worker", "db upgrade", "db downgrade", "db current", "demo load", "demo remove"]
)
def test_help_says_what_it_does_with_an_example(run: Run, argv: str) -> None:
    code, out, _ = run(*argv.split(), "--help")

    assert code == 0
    assert f"python -m postmortems {argv}" in out


def test_a_socket_that_listens_on_everything_is_reached_by_loopback() -> None:
    assert http_server._url("0.0.0.0", 8000) == DEFAULT_URL
    assert http_server._url("192.0.2.7", 80) == "http://192.0.2.7:80"


def test_on_another_database_nobody_is_let_in_unasked(database: str) -> None:
    said = http_server._welcome(Settings(database_url=database))

    assert "users add NAME --role admin" in said
    with db.reading():
        assert not accounts_queries.has_accounts()


def test_an_unknown_host_is_misconfigured() -> None:
    with pytest.raises(Misconfigured):
        http_server._listen("no-such-host.invalid", 0)
