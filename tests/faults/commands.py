"""Commands in processes of their own, and how far what they do to a database has come."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from time import monotonic

from sqlalchemy import Engine, text

from tests.faults.serving import environment


def command(url: str, folder: Path, *words: str) -> subprocess.Popen[str]:
    words = (sys.executable, "-m", "postmortems", *words)
    return subprocess.Popen(
        words, cwd=folder, env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def done(process: subprocess.Popen[str]) -> float:
    """Seconds until it has ended well."""
    began = monotonic()
    complaint = process.communicate()[1]
    assert process.returncode == 0, complaint
    return monotonic() - began


def spent(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Seconds until it has ended well, and those that a processor worked for it while no other ends."""
    before = _worked()
    return done(process), _worked() - before


def _worked() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def far(target: Engine) -> int:
    """How far a restore has come, in megabytes of the log or in the size of what it has made."""
    if target.dialect.name == "sqlite":
        log = Path(f"{target.url.database}-wal")
        return log.stat().st_size // 2**20 if log.exists() else 0
    with target.connect() as connection:
        size = connection.scalar(text("SELECT pg_database_size(current_database())"))
    return int(size or 0) // 2**20 - 9


def busy(target: Engine) -> bool:
    """Whether PostgreSQL has not noticed yet that somebody is gone."""
    if target.dialect.name == "sqlite":
        return False
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with target.connect() as connection:
        return connection.execute(text(others + " AND state <> 'idle'")).first() is not None
