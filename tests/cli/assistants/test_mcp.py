"""`mcp` without a token, the SDK or a server: one line says what to do, and nothing is begun."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked
from tests.assistants.test_sdk import environment
from tests.tables import put_migrated

REFUSED = [
    ("", "there is no token"),
    ("two words", "there is no token, or a broken one"),
    ("pm_unknown", "the token is unknown to this database"),
]


@pytest.mark.parametrize("token, words", REFUSED)
def test_who_has_no_token_is_told_in_one_line(tmp_path: Path, token: str, words: str) -> None:
    database = put_migrated(tmp_path / "stored.db")
    done = forked.run(
        [sys.executable, "-m", "postmortems", "mcp"],
        env=environment(database, token),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {words}")
    assert done.stderr.count("\n") == 1


def test_without_the_sdk_it_says_what_to_install(tmp_path: Path) -> None:
    # What stands first in the path and cannot be imported stands for what is not installed.
    (tmp_path / "mcp").mkdir()
    (tmp_path / "mcp" / "__init__.py").write_text("raise ImportError")
    environ = environment("sqlite:///none.db", "pm_x")
    environ["PYTHONPATH"] = f"{tmp_path}:{environ['PYTHONPATH']}"

    done = subprocess.run(
        [sys.executable, "-m", "postmortems", "mcp", "--url", "http://127.0.0.1:1"],
        env=environ,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "requirements-mcp.txt" in done.stderr


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    done = forked.run(
        [sys.executable, "-m", "postmortems", "mcp", "--url", "nowhere"],
        env=environment("sqlite:///none.db", "pm_x"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "no server's address" in done.stderr


def test_the_server_begins_without_the_sdk() -> None:
    script = "import sys, postmortems.web.application, postmortems.worker; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", script], env=environment("", ""), capture_output=True, text=True, check=True
    )

    assert {"mcp", "mcp_types", "pydantic", "starlette", "uvicorn"} & set(done.stdout.split()) == set()
