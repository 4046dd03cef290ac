"""The application behind gunicorn, as `gunicorn.conf.py` sets it up."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from resource import RLIMIT_NOFILE, setrlimit

import pytest

from postmortems.db import migrations
from postmortems.db import session as db
from tests import refused
from tests.faults.serving import environment, until
from tests.ports import free_port

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[2]
IDLE = 1_050
# Fewer than the connections of one process and what it opens besides.
FILES = 480


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("gunicorn")) as port:
        yield port


@contextmanager
def serving(folder: Path, files: int | None = None) -> Iterator[int]:
    """One process of it, which may have so many files open; it complains in `stderr`."""
    url = f"sqlite:///{folder / 'test.db'}"
    migrations.upgrade(db.connect(url))
    db.disconnect()
    port = free_port()
    words = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "error",
        "app:app",
    ]
    ours = os.environ | environment(url) | {"POSTMORTEMS_URL": f"http://127.0.0.1:{port}"}
    before = None if files is None else partial(setrlimit, RLIMIT_NOFILE, (files, files))
    with (
        (folder / "stderr").open("w") as complaints,
        subprocess.Popen(words, cwd=ROOT, env=ours, stderr=complaints, preexec_fn=before) as server,
    ):
        try:
            until(lambda: _is_up(port))
            yield port
        finally:
            server.terminate()


def _is_up(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("name", refused.ROWS)
def test_what_gunicorn_refuses_has_the_shape_of_every_refusal(port: int, name: str) -> None:
    sent, statuses, is_problem = refused.ROWS[name]
    status, kind, body = refused.answer(port, sent)

    assert status in statuses
    assert kind == ("application/problem+json" if is_problem else "text/html")
    assert not is_problem or json.loads(body)["status"] == status


@pytest.mark.parametrize("sent", [b"", b"GET /livez HTTP/1.1\r\nHost: "])
def test_clients_that_send_no_head_silence_nobody(port: int, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(IDLE):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            idle.sendall(sent)

        assert [refused.answer(port, refused.get(b"/livez"))[0] for _ in range(5)] == [200] * 5


def test_a_process_that_may_open_few_files_lets_idle_connections_go(tmp_path: Path) -> None:
    with serving(tmp_path, FILES) as port, ExitStack() as stack:
        for _ in range(FILES * 2):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))

        assert [refused.answer(port, refused.get(b"/livez"))[0] for _ in range(5)] == [200] * 5
    assert "Too many open files" not in (tmp_path / "stderr").read_text()


def test_a_short_answer_comes_in_one_packet(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        for _ in range(3):
            client.sendall(refused.get(b"/livez", refused.HOST))
            head, _, body = client.recv(65_536).partition(b"\r\n\r\n")

            assert b"200 OK" in head
            assert f"Content-Length: {len(body)}".encode() in head
