"""The gate's commands in one file: it runs alone, asks like the module does, and is served."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from postmortems.cli.gate import bundle as gate_bundle
from tests.artifacts import digest
from tests.cli.gate_answers import answer
from tests.cli.gate_server import ALLOWED, CHECK, Server

SERVER_LIBRARIES = ("flask", "sqlalchemy", "marshmallow", "markdown", "httpx")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "gate.pyz"
    path.write_bytes(gate_bundle.bundle())
    return path


def run(bundle: Path, *arguments: str, url: str = "", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """The file by a Python that has nothing of ours, in another folder."""
    env = {"POSTMORTEMS_URL": url, "POSTMORTEMS_TOKEN": "pm_secret", "NO_PROXY": "127.0.0.1", **environ}
    command = [sys.executable, "-I", "-S", str(bundle), *arguments]
    return subprocess.run(command, env=env, cwd=bundle.parent, capture_output=True, check=False)


@pytest.mark.parametrize("told, code", [(ALLOWED, 0), (answer(), 10)])
def test_one_file_asks_the_gate(bundle: Path, server: Server, told: object, code: int) -> None:
    server.answers = [(200, told)]

    result = run(bundle, *CHECK, "--confirm-target", "data8/prod", url=server.url)

    assert result.returncode == code, result.stderr
    assert result.stdout.decode().startswith(f"data8/prod {digest('8c')} 1 incident behind the rules\n")
    assert server.requests[0]["body"]["declared_target"] == "data8/prod"
    assert server.requests[0]["headers"]["Authorization"] == "Bearer pm_secret"


def test_who_is_stopped_can_type_what_it_prints(bundle: Path, server: Server) -> None:
    one = {"allowed": True, "roles": ["admin"], "guards": ["lab-hours"], "people": 1}
    server.answers = [(200, answer(override=one))]

    said = run(bundle, *CHECK, url=server.url).stdout.decode()

    asking = f'python3 {bundle} override --decision dec_1 --guard lab-hours --reason "…"'
    assert f"to ask for it: {asking}\n" in said


def test_it_holds_the_client_and_no_server(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as packed:
        names = packed.namelist()

    assert "postmortems/cli/gate/check.py" in names
    assert any("licenses/LICENSE" in name for name in names if name.startswith("click"))
    assert not [name for name in names if name.startswith(("postmortems/web", "postmortems/gate/"))]
    assert not [name for name in names if name.split("/")[0] in SERVER_LIBRARIES]


def test_it_is_the_same_each_time_and_writes_itself(bundle: Path) -> None:
    result = run(bundle, "client")

    assert result.stdout == bundle.read_bytes() == gate_bundle.bundle()
    assert result.stderr.decode().strip() == f"sha256:{hashlib.sha256(result.stdout).hexdigest()}"


def test_it_can_be_run_like_a_program(bundle: Path) -> None:
    result = run(bundle, "client", "--output", "copy.pyz")
    assert result.returncode == 0

    shown = subprocess.run([bundle.parent / "copy.pyz", "--help"], capture_output=True, check=False)

    assert b"Ask whether a deploy may happen" in shown.stdout
    assert b"Usage: python3 " in shown.stdout


def test_a_place_that_cannot_be_written_is_told(bundle: Path) -> None:
    result = run(bundle, "client", "--output", "no/such/folder/gate.pyz")

    assert result.returncode == 2
    assert b"no/such/folder/gate.pyz cannot be written: No such file or directory" in result.stderr


def test_the_server_hands_it_to_anybody(client: FlaskClient) -> None:
    found = client.get("/gate.pyz")

    assert found.data == gate_bundle.bundle()
    again = client.get("/gate.pyz", headers={"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304
