"""The Python client drives a live server: from its source, and from the wheel that its folder builds."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import threading
import venv
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from postmortems_client import Client, calls
from werkzeug.serving import make_server

from tests import system_packages
from tests.clients import driven
from tests.conftest import Clock
from tests.event_loops import in_a_thread
from tests.world import World

FOLDER = Path(__file__).parents[2] / "clients" / "python"
TITLES = ["Written", "It fell hard", *(f"Full disk {number}" for number in range(5, 0, -1))]
SEEN = {
    "incident": ["2026-02-01-it-fell", "Written", "It fell hard", 412, 2],
    "imported": [0, {"new": 5}, {"same": 5}],
    "paged": [TITLES, [f"AI-{number}" for number in range(1, 6)]],
    "item": ["ben", 412],
    "gate": ["allow_with_warnings"],
    "exported": [7, 6],
    "refused": [
        ["NotFound", []],
        ["Invalid", ["/date"]],
        ["Invalid", ["/limit"]],
    ],
    "together": [7, True],
}


@pytest.fixture
def live(app: Flask, world: World, clock: Clock) -> Iterator[str]:
    """The address of the application on loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_client_does_what_its_user_asks(live: str, world: World) -> None:
    assert in_a_thread(driven.drive, live, world.tokens["ada"]) == SEEN


def report(number: int) -> str:
    day = f"date: 2026-02-{number % 28 + 1:02}"
    return f"---\ntitle: Report {number}\n{day}\nstatus: published\n---\n\n## Summary\n\nShort.\n"


def write(world: World, number: int) -> None:
    assert world.app is not None
    kind, headers = "text/markdown", world.headers("ada")
    made = world.app.test_client().post(
        "/api/v1/incidents", data=report(number), content_type=kind, headers=headers
    )
    assert made.status_code == 201


def delete(world: World, number: int) -> None:
    assert world.app is not None
    path = f"/api/v1/incidents/2026-02-{number + 1:02}-report-{number}"
    gone = world.app.test_client().delete(path, headers=world.headers("ben"))
    assert gone.status_code == 204, gone.text


# By how many rows were read: a report that was read already, and one that is still to come.
GONE = {4: (25, 1), 9: (20, 2), 14: (15, 3)}


def test_rows_that_change_while_a_list_is_followed_hide_no_other(live: str, world: World) -> None:
    for number in range(28):
        write(world, number)

    def follow() -> list[str]:
        seen = []
        with Client(live, world.tokens["ada"], transport=httpx.HTTPTransport()) as client:
            for at, row in enumerate(client.each(calls.incidents.index(limit=5))):
                seen.append(row["title"])
                # What was read already, what is still to come, and one that stands at the top of the list.
                for number in GONE.get(at, ()):
                    delete(world, number)
                    write(world, 100 + number)
        return seen

    seen = in_a_thread(follow)

    assert len(seen) == len(set(seen))
    gone = {f"Report {number}" for numbers in GONE.values() for number in numbers}
    assert {f"Report {number}" for number in range(28)} - gone <= set(seen)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network by the backend that the folder names."""
    missing = None if find_spec("hatchling") else "hatchling is not installed: run `make test-setup`."
    system_packages.require(missing)
    folder = tmp_path_factory.mktemp("wheel")
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    build = [sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", str(folder), str(FOLDER)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_package_its_types_and_no_test(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    modules = {path.name for path in (FOLDER / "postmortems_client").iterdir() if path.is_file()}
    assert {name.partition("/")[2] for name in names if name.startswith("postmortems_client/")} == modules
    assert "py.typed" in modules
    assert not [name for name in names if not name.startswith("postmortems_client")]


def test_the_installed_wheel_does_what_its_user_asks(
    wheel: Path, live: str, world: World, tmp_path: Path
) -> None:
    """In an environment that has the wheel and what it depends on, and nothing of this project."""
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    installed = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    site = Path(installed.stdout.strip())
    zipfile.ZipFile(wheel).extractall(site)
    (site / "httpx_is_here.pth").write_text(sysconfig.get_path("purelib") + "\n")
    seen = tmp_path / "seen.json"

    run: list[Any] = [python, "-I", driven.__file__, live, world.tokens["ada"], seen]
    done = subprocess.run(run, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads(seen.read_text()) == SEEN
