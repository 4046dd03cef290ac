"""What containers, units and the proxy of deploy/ name is there, and it serves."""

from __future__ import annotations

import configparser
import http.client
import os
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import click
import pytest
from cryptography.fernet import Fernet

from postmortems import limits
from postmortems.cli import cli
from tests import nginx, system_packages
from tests.deploy.image import (
    COMPOSE,
    FINAL_STAGE,
    NGINX,
    ROOT,
    UNITS,
    command,
    command_at,
    copied,
    health_check,
    installed,
    site,
    unpack,
)
from tests.ports import free_port
from tests.tables import put_migrated

STARTS_WITHIN_S = 60


@pytest.fixture(scope="module", name="image")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("image"))


def written(folder: Path) -> dict[Path, int]:
    """When each file was changed last."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def held(image: Path) -> Mapping[Path, int]:
    """What the image holds before anything runs in it."""
    return written(image)


@pytest.fixture(scope="module")
def served(image: Path, held: Mapping[Path, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port at which the image's own command serves, on a database that its `db upgrade` made."""
    data = tmp_path_factory.mktemp("data")
    settings = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "POSTMORTEMS_DATABASE_URL": f"sqlite:///{data / 'postmortems.db'}",
        "POSTMORTEMS_SECRET_KEY": secrets.token_hex(32),
        "POSTMORTEMS_SECRETS_KEY": Fernet.generate_key().decode(),
        "POSTMORTEMS_URL": "http://127.0.0.1",
    }
    upgrade = COMPOSE["services"]["migrate"]["command"]
    subprocess.run(upgrade, cwd=image, env=settings, check=True, capture_output=True)
    port = free_port()
    process = subprocess.Popen(
        command_at(port), cwd=image, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until_it_serves(port)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def ask(port: int, path: str, **of_the_request: Any) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(of_the_request.pop("method", "GET"), path, **of_the_request)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def until_it_serves(port: int) -> None:
    end = monotonic() + STARTS_WITHIN_S
    while True:
        try:
            assert ask(port, "/readyz")[0] == 200
            return
        except (OSError, AssertionError):
            if monotonic() > end:
                raise
            sleep(0.05)


def test_what_the_image_holds_is_enough_to_serve_pages_and_help(served: int) -> None:
    assert ask(served, "/livez")[0] == 200
    status, page = ask(served, "/sign-in")
    assert (status, "Sign in" in page) == (200, True)


def test_the_images_health_check_tells_whether_it_serves(image: Path, served: int) -> None:
    def ended(port: int) -> int:
        words = [part.replace(":8000", f":{port}") for part in health_check()]
        return subprocess.run(words, cwd=image, capture_output=True, check=False).returncode

    assert ended(served) == 0
    assert ended(free_port()) == 1


def test_the_processes_of_the_image_write_nothing_in_their_folder(
    image: Path, held: Mapping[Path, int], served: int
) -> None:
    ask(served, "/sign-in")
    assert sorted(path.name for path in image.iterdir()) == sorted(copied())
    assert written(image) == held


def test_nginx_hands_pages_on_and_refuses_bodies_that_are_too_large(served: int, tmp_path: Path) -> None:
    system_packages.require(nginx.why_missing())
    with nginx.running(tmp_path, site(served), free_port()) as port:
        until_it_serves(port)
        assert ask(port, "/sign-in")[0] == 200
        too_large = {"Content-Length": str(limits.FILES + 1), "Expect": "100-continue"}
        assert ask(port, "/import", method="POST", headers=too_large)[0] == 413


def test_nginx_takes_in_what_the_service_does() -> None:
    assert f"client_max_body_size {limits.FILES // limits.MB}m;" in NGINX


def test_the_image_runs_without_rights_and_copies_only_what_is_there() -> None:
    assert re.search(r"^USER 10001$", FINAL_STAGE, re.MULTILINE)
    assert all((ROOT / name).exists() for name in copied())
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert sent == {*copied(), *installed()}


def test_the_image_has_what_traces_and_reports_of_faults_take() -> None:
    assert installed() == ["requirements.txt", "requirements-watch.txt"]
    pinned: dict[str, set[str]] = {}
    for lock in installed():
        for name, version in re.findall(r"^(\S+?)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE):
            pinned.setdefault(name, set()).add(version)
    # pip takes two locks at once only where they name one version of what both have.
    assert {name: versions for name, versions in pinned.items() if len(versions) > 1} == {}
    assert {"opentelemetry-sdk", "sentry-sdk"} <= pinned.keys()


def test_no_secret_stands_in_compose_and_nothing_of_ours_starts_before_its_tables() -> None:
    services = COMPOSE["services"]
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        assert services[name]["read_only"] is True
        assert services[name]["deploy"]["replicas"] == 2
    for name, value in services["web"]["environment"].items():
        assert "KEY" not in name or value.startswith("${"), name


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_there_is_and_has_no_rights(unit: Path) -> None:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(unit)
    words = shlex.split(read["Service"]["ExecStart"])
    if "-m" in words:
        group: Any = cli
        for word in words[words.index("postmortems") + 1 :]:
            if not isinstance(group, click.Group):
                break
            group = group.get_command(None, word)
            assert group is not None, word
    else:
        assert words[-1] == command()[-1]
    assert read["Service"]["DynamicUser"] == read["Service"]["NoNewPrivileges"] == "yes"
    after = read["Unit"].get("Wants")
    assert after in (None, "network-online.target") or (unit.parent / after).exists()


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if "backup" not in unit.name], ids=lambda unit: unit.name
)
def test_a_machine_that_starts_before_its_database_serves_once_that_is_there(unit: Path) -> None:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.read(unit)
    # Else systemd gives up after five starts in ten seconds, and at once on what requires one that failed.
    assert read["Unit"]["StartLimitIntervalSec"] == "0"
    assert read["Service"]["Restart"] == "on-failure"
    assert "Requires" not in read["Unit"]


def test_the_backup_of_a_container_is_whole_and_kept_by_its_day(
    image: Path, tmp_path: Path, held: Mapping[Path, int]
) -> None:
    settings = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "POSTMORTEMS_DATABASE_URL": f"sqlite:///{tmp_path / 'postmortems.db'}",
        "POSTMORTEMS_SECRET_KEY": secrets.token_hex(32),
    }
    put_migrated(tmp_path / "postmortems.db")
    kept = tmp_path / "backups"
    kept.mkdir()
    (old := kept / "2020-01-01.backup").write_bytes(b"")
    os.utime(old, (0, 0))
    words = COMPOSE["services"]["backup"]["command"]
    words = [word.replace("$$", "$").replace("/backups", str(kept)) for word in words]

    for _ in range(2):
        subprocess.run(words, cwd=image, env=settings, check=True, capture_output=True)

    newest, of_the_day = sorted(kept.iterdir(), key=lambda file: file.name, reverse=True)
    assert newest.name == "newest.backup"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\.backup", of_the_day.name)
    assert newest.samefile(of_the_day)
    assert written(image) == held


def test_what_containers_write_is_kept_within_bounds() -> None:
    for name, service in COMPOSE["services"].items():
        assert {"max-size", "max-file"} == service["logging"]["options"].keys(), name
