"""A streaming replica of a PostgreSQL server of ours, on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from tests import postgres
from tests.postgres import SERVER_OPTIONS, SHORT_PATH, TemporaryPostgres


@dataclass
class Standby:
    """One that follows. `url_of` tells where a database of the server is found here."""

    folder: Path
    binaries: Path

    def url_of(self, url: str) -> str:
        query = {"host": str(self.folder), "port": "5432"}
        return make_url(url).set(query=query).render_as_string(hide_password=False)

    def start(self) -> None:
        options = {**SERVER_OPTIONS, "unix_socket_directories": str(self.folder)}
        told = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self._run("pg_ctl", "start", "--silent", "--wait", "--pgdata=data", "--log=log", f"--options={told}")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--silent", "--mode=immediate", "--pgdata=data")

    def copy(self, primary: Path) -> None:
        """A base backup that knows whom to follow."""
        of = ["--host", str(primary), "--username", "postgres", "--checkpoint", "fast"]
        self._run("pg_basebackup", *of, "--pgdata=data", "--write-recovery-conf", "--no-sync")

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self.binaries / program, *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            check=True,
            **postgres.unprivileged(),
        )


@contextmanager
def following(primary: TemporaryPostgres) -> Iterator[Standby]:
    binaries = postgres.server_binaries()
    assert binaries is not None
    assert primary.folder is not None
    folder = Path(tempfile.mkdtemp(prefix="postmortems-pg-", dir=SHORT_PATH))
    user: dict[str, Any] = postgres.unprivileged()
    if user:
        os.chown(folder, user["user"], user["group"])
    # A link to pg_ctl may stand where the others do not.
    made = Standby(folder, (binaries / "pg_ctl").resolve().parent)
    try:
        made.copy(primary.folder)
        made.start()
        yield made
    finally:
        if (folder / "data/postmaster.pid").exists():
            made.stop()
        shutil.rmtree(folder)
