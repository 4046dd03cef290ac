"""Real git repositories on disk, made with git itself, and a real server for them on loopback."""

from __future__ import annotations

import base64
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from postmortems.document.model import Document

WHO = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


def git(folder: Path, *words: str, **more: str) -> str:
    """Run git in a folder; what it printed."""
    ran = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **WHO, **more}, check=True, capture_output=True
    )
    return ran.stdout.decode()


def bare(folder: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """A bare repository with one commit of these files on `main`; an empty one without any.

    The one with files has a clone beside it, as `push` leaves it.
    """
    place = folder / "incidents.git"
    if not files:
        return _made(place)
    # Made once, as that takes nine calls of git, and written again.
    for name, content in _model(tuple(files.items())).items():
        path = folder / name
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.write_bytes(content)
    git(folder / "clone", "remote", "set-url", "origin", str(place))
    return place


def _made(place: Path) -> Path:
    place.mkdir(parents=True)
    git(place, "init", "-q", "--bare", "-b", "main")
    git(place, "config", "http.receivepack", "true")
    return place


@cache
def _model(files: tuple[tuple[str, bytes], ...]) -> dict[Path, bytes | None]:
    """What is in the folder of the two, None for a folder, each after the one that it is in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        push(_made(folder / "incidents.git"), folder / "clone", dict(files), "Add the reports")
        paths = sorted(path for path in folder.rglob("*") if path.suffix != ".sample")
        return {path.relative_to(folder): None if path.is_dir() else path.read_bytes() for path in paths}


def push(
    place: Path, clone: Path, files: Mapping[str, bytes | None], message: str, branch: str = "main"
) -> str:
    """Commit files (None deletes one) in a clone and push them; the commit's id."""
    if not clone.exists():
        git(place.parent, "clone", "-q", str(place), str(clone))
    if git(place, "branch", "--list", branch):
        git(clone, "fetch", "-q", "origin")
        git(clone, "checkout", "-q", "-B", branch, f"origin/{branch}")
    else:
        git(clone, "checkout", "-q", "-B", branch)
    for name, content in files.items():
        path = clone / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", message)
    git(clone, "push", "-q", "origin", branch)
    return git(clone, "rev-parse", "HEAD").strip()


def content(place: Path, name: str, branch: str = "main") -> bytes:
    """The bytes of a file at the tip of a branch."""
    ran = subprocess.run(
        ["git", "show", f"{branch}:{name}"], cwd=place, check=True, capture_output=True, env=os.environ
    )
    return ran.stdout


def log(place: Path, form: str = "%an|%ae|%s", branch: str = "main") -> list[str]:
    """The commits of a branch, the newest first."""
    return git(place, "log", f"--format={form}", branch).splitlines()


@dataclass
class Served:
    """A server that is up, and the heads of the requests that came."""

    url: str
    seen: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)


@contextmanager
def served(root: Path, name_and_password: str = "") -> Iterator[Served]:
    """Serve the repositories below a folder with git's own HTTP backend."""

    class Visit(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.seen.append((f"{self.command} {self.path}", dict(self.headers)))
            given = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic "))
            if name_and_password and given.decode() != name_and_password:
                self.send_response(401)
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("Content-Length") or 0)
            ran = subprocess.run(
                ["git", "http-backend"],
                input=self.rfile.read(length),
                capture_output=True,
                check=True,
                env={
                    **os.environ,
                    **WHO,
                    "GIT_PROJECT_ROOT": str(root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                    "CONTENT_LENGTH": str(length),
                    "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
                    "REMOTE_USER": "ada",
                },
            )
            head, _, body = ran.stdout.partition(b"\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(lines.pop("Status", "200").split()[0]))
            for key, value in lines.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Visit) as server:
        place = Served(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield place
        finally:
            server.shutdown()
            thread.join()


def with_entry(document: Document, place: int, **changes: Any) -> Document:
    old = document.entries[place]
    sections = tuple(
        replace(part, blocks=tuple(replace(old, **changes) if each == old else each for each in part.blocks))
        for part in document.sections
    )
    return replace(document, sections=sections)
