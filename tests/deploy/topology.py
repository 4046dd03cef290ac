"""What `compose.yaml` starts, without containers: PostgreSQL, two web processes and two workers behind nginx.

Each runs the command of its container in a folder that holds only what the image does.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from postmortems.db import session as db
from postmortems.vault.encryption import Vault
from tests import nginx
from tests.deploy import image
from tests.faults.serving import ALLOW, Process, until
from tests.ports import free_port
from tests.runtimes import runtime_of
from tests.world import World, build

ENDS_WITHIN_S = 60


@dataclass
class Topology:
    """The whole, up and running. `proxy` is where clients go."""

    url: str
    folder: Path
    settings: dict[str, str]
    world: World
    vault: Vault
    proxy: Process
    processes: int | None
    web: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)

    def run(self, command: list[str]) -> subprocess.Popen[str]:
        with (self.folder / "said").open("a") as said:
            return subprocess.Popen(
                command,
                cwd=self.folder / "image",
                env=self.settings,
                stdout=said,
                stderr=said,
                text=True,
                start_new_session=True,
            )

    def start_web(self, port: int) -> Process:
        return Process(self.run(image.command_at(port, self.processes)), port)

    def said(self) -> str:
        return (self.folder / "said").read_text()


def is_ready(web: Process) -> bool:
    return web.send("GET", "/readyz", within_s=5).status == 200


def end(process: Process, by: signal.Signals = signal.SIGTERM) -> int:
    """Tell it to end, as an engine of containers does; what it ends with."""
    process.process.send_signal(by)
    return process.process.wait(ENDS_WITHIN_S)


def kill(process: Process) -> None:
    """kill -9 of all there is of it: gunicorn and its processes."""
    os.killpg(process.process.pid, signal.SIGKILL)
    process.process.wait(ENDS_WITHIN_S)


@contextmanager
def running(url: str, folder: Path, processes: int | None = None) -> Iterator[Topology]:
    """Tables brought up in this empty database, then everything; `processes` in each web container."""
    image.unpack(folder / "image")
    port, web_ports = free_port(), [free_port(), free_port()]
    settings = _settings(url, port)
    services = image.COMPOSE["services"]
    upgrade = services["migrate"]["command"]
    subprocess.run(upgrade, cwd=folder / "image", env=settings, check=True, capture_output=True)
    db.connect(url)
    vault = runtime_of(
        database_url=url, secrets_key=(settings["POSTMORTEMS_SECRETS_KEY"],), egress_allow=(ALLOW,)
    ).vault
    with ExitStack() as stack:
        stack.callback(db.disconnect)
        (folder / "nginx").mkdir()
        stack.enter_context(nginx.running(folder / "nginx", image.site(*web_ports), port))
        proxy = Process(None, port)  # type: ignore[arg-type]
        made = Topology(url, folder, settings, build(), vault, proxy, processes)
        stack.callback(_end_all, made)
        made.web += [made.start_web(web_port) for web_port in web_ports]
        made.workers += [Process(made.run(services["worker"]["command"])) for _ in range(2)]
        for web in made.web:
            until(lambda web=web: is_ready(web))  # type: ignore[misc]
        until(lambda: made.said().count("The worker is running") == len(made.workers))
        yield made


def _settings(url: str, port: int) -> dict[str, str]:
    """What the containers are told, and that calls to loopback are allowed here."""
    told = dict(image.COMPOSE["services"]["web"]["environment"]) | {
        "POSTMORTEMS_DATABASE_URL": url,
        "POSTMORTEMS_SECRET_KEY": secrets.token_hex(32),
        "POSTMORTEMS_SECRETS_KEY": Fernet.generate_key().decode(),
        "POSTMORTEMS_URL": f"http://127.0.0.1:{port}",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    return kept | told | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "POSTMORTEMS_EGRESS_ALLOW": ALLOW,
    }  # fmt: skip


def _end_all(made: Topology) -> None:
    for process in (*made.web, *made.workers):
        if process.process.poll() is None:
            kill(process)


class Browser:
    """Somebody who comes through the proxy, with cookies and the token of the forms."""

    def __init__(self, proxy: Process) -> None:
        self.proxy, self.cookies = proxy, {}  # type: ignore[var-annotated]

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> Any:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.proxy.send(method, path, body, headers)
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def form_token(self, path: str) -> str:
        found = re.search('csrf-token" content="([^"]+)"', self.send("GET", path).body)
        assert found is not None
        return found[1]
