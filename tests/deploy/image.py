"""What the image is made of, in a clean folder, and the commands that are run in it."""

from __future__ import annotations

import json
import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
FINAL_STAGE = DOCKERFILE.split("\nFROM ")[-1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
NGINX = (ROOT / "deploy/nginx.conf").read_text()
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
NGINX_SERVER = re.compile(r"^ +server web:8000(.*);$", re.MULTILINE)


def command() -> list[str]:
    """How the image starts where nothing else is said."""
    return list(json.loads(re.findall(r"^CMD (.+)$", FINAL_STAGE, re.MULTILINE)[-1]))


def health_check() -> list[str]:
    """How the container engine asks whether a container of the image is well."""
    return list(json.loads(re.findall(r"^HEALTHCHECK .*CMD (.+)$", FINAL_STAGE, re.MULTILINE)[-1]))


def command_at(port: int, processes: int | None = None) -> list[str]:
    """The same, at a port of loopback; in fewer processes where so many are enough."""
    words = [part.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for part in command()]
    if processes is not None:
        words[words.index("--workers") + 1] = str(processes)
    return words


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--)(.+) \S+$", FINAL_STAGE, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def installed() -> list[str]:
    """The locks from which the image's libraries are installed."""
    before = DOCKERFILE.removesuffix(FINAL_STAGE)
    return re.findall(r"-r (\S+)", before)


def unpack(folder: Path) -> Path:
    """The folder with what the Dockerfile copies and nothing else, compiled as far as it is so here."""
    folder.mkdir(exist_ok=True)
    # What another process of the tests compiles at this moment is moved away from under its first name.
    half_written = "*.pyc.*"
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(half_written))
        else:
            shutil.copy(source, folder / name)
    return folder


def site(*ports: int) -> str:
    """The proxy's configuration, in front of web processes at these ports of loopback."""
    found = NGINX_SERVER.search(NGINX)
    assert found is not None, "deploy/nginx.conf names no web process"
    servers = "\n".join(f"server 127.0.0.1:{port}{found[1]};" for port in ports)
    return NGINX.replace(found[0], servers)


def gunicorn_settings() -> dict[str, Any]:
    """What gunicorn is told by the file that the image has."""
    return runpy.run_path(str(ROOT / "gunicorn.conf.py"))
