"""Commands run in the tests' own process, which is quick, in an empty folder."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from postmortems.cli import main
from postmortems.cli.gate import client
from postmortems.db import session as db
from tests.cli.gate_server import Server
from tests.cli.import_folder import PLAIN, SLUG
from tests.tables import put_migrated


class Run(Protocol):
    """Run a command; the answer is its exit code, standard output and standard error."""

    def __call__(self, *argv: str, stdin: str = "", **environ: str) -> tuple[int, str, str]: ...


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the embedded database of an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "URL", "SECRET_KEY"):
        monkeypatch.delenv(f"POSTMORTEMS_{name}", raising=False)

    def run(*argv: str, stdin: str = "", **environ: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(stdin))
            for name, value in environ.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as end:
                main(list(argv))
        db.disconnect()
        out, err = capsys.readouterr()
        return (end.value.code if isinstance(end.value.code, int) else 0), out, err

    return run


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(client, "PAUSE_S", 0.0)
    monkeypatch.setattr(client.GateClient.__init__, "__kwdefaults__", {"timeout_s": 5.0, "pause_s": 0.0})
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    thread = threading.Thread(target=running.http.serve_forever, args=(0.01,))
    thread.start()
    yield running
    running.http.shutdown()
    running.http.server_close()
    thread.join()


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database as operators have it: made by the migrations, named by the environment."""
    url = put_migrated(tmp_path / "cli.db")
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", url)
    return url


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """The embedded database of that folder, as the first command would make it, which takes half a second."""
    path = tmp_path / "instance" / "postmortems.db"
    path.parent.mkdir(mode=0o700)
    put_migrated(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "incidents"
    folder.mkdir()
    (folder / f"{SLUG}.md").write_text(PLAIN)
    return folder
