"""Worlds of the bench: a database with accounts, guards and any number of incidents, built once and kept.

A version builds its own, by its own migrations and its own `tests.bench.world`; incidents are copied by SQL.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from postmortems.db import session as db
from tests.bench import copies
from tests.bench.commits import Checkout
from tests.bench.stores import Store

# What 1,000 incidents take on disk, and in memory while they are built; and what is left for all else.
DISK_MB, MEMORY_MB, LEAST_MB = 35, 4, 500
SEED = """
import json, sys
from tests.bench import world
made = world.seed(sys.argv[1]) if hasattr(world, "seed") else world.build(sys.argv[1], 1)
print(json.dumps({name: getattr(made, name) for name in ("token", "session", "template", "jobs")}))
"""
TOKEN = ("tokens", "add", "--user", "bench", "--name", "writer")
SETTLE = """
import sys
from tests.bench import world
if hasattr(world, "settle"):
    world.settle(sys.argv[1])
"""


@dataclass(frozen=True, slots=True)
class World:
    """One database, filled. `token` reads and asks the gate, `writer` does all; `session` is a browser's.

    `template` is the slug of the incident that all others are copies of, `jobs` are keys to ping with.
    """

    url: str
    token: str
    writer: str
    session: str
    template: str
    jobs: tuple[str, ...]


@contextmanager
def opened(checkout: Checkout, store: Store, incidents: int, cache: Path) -> Iterator[World]:
    """A copy of the world of this size, which is built where there is none yet."""
    name = f"bench-{checkout.name}-{incidents}-{_version(checkout)}"
    told = cache / f"{store.title}-{name}.json"
    # What is measured is a copy, so that the next run begins where this one did.
    refuse_too_large(incidents, cache, databases=1 if told.exists() else 2)
    if not told.exists():
        told.write_text(json.dumps(_built(checkout, store.fresh(name), incidents)))
    with store.copy(name) as url:
        yield World(url=url, **json.loads(told.read_text()))


def refuse_too_large(incidents: int, cache: Path, databases: int) -> None:
    """Raise `SystemExit` where disk or memory do not suffice for so many more databases of this size."""
    disk = shutil.disk_usage(cache).free >> 20
    memory = psutil.virtual_memory().available >> 20
    for what, have, per in (
        (f"on the disk of {cache}", disk, DISK_MB * databases),
        ("of memory", memory, MEMORY_MB),
    ):
        need = LEAST_MB + per * incidents // 1_000
        if have < need:
            raise SystemExit(
                f"{incidents:,} incidents take some {need:,} MB {what}, and {have:,} MB are free: "
                "choose fewer by --incidents, or another folder by --cache"
            )


def _version(checkout: Checkout) -> str:
    """Changes with what a world is made by."""
    bench = Path(__file__).parent
    made_by = [bench / "copies.py", bench / "world.py", *(checkout.root / "migrations/versions").glob("*.py")]
    names = "".join(file.name for file in sorted(made_by)) + (bench / "copies.py").read_text()
    return hashlib.sha256(names.encode()).hexdigest()[:8]


def _built(checkout: Checkout, url: str, incidents: int) -> dict[str, Any]:
    _run(checkout, url, "-m", "postmortems", "db", "upgrade")
    told: dict[str, Any] = json.loads(_run(checkout, url, "-c", SEED, url))
    scopes = (word for scope in ("read", "write", "admin", "gate:read") for word in ("--scope", scope))
    made = _run(checkout, url, "-m", "postmortems", *TOKEN, *scopes)
    engine = db.make_engine(url)
    copies.fill(engine, told["template"], incidents - 1, _progress(checkout))
    engine.dispose()
    # Also before what looks at all of them, which would else look through whole tables for each hundred.
    _know_sizes(url)
    _run(checkout, url, "-c", SETTLE, url)
    _know_sizes(url)
    return told | {"writer": made.strip().splitlines()[-1]}


def _progress(checkout: Checkout) -> copies.Progress:
    def tell(done: int, count: int) -> None:
        if done % 20_000 == 0 or done == count:
            print(f"  {checkout.name}: copied {done:,} of {count:,} incidents", file=sys.stderr, flush=True)

    return tell


def _run(checkout: Checkout, url: str, *words: str) -> str:
    done = subprocess.run(
        [checkout.python, *words], cwd=checkout.root, env=environment(checkout, url), check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout


def environment(checkout: Checkout, url: str, more: Mapping[str, str] = {}) -> dict[str, str]:
    """The environment of a process of this checkout on this database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    return kept | {
        "PYTHONPATH": str(checkout.root),
        "POSTMORTEMS_DATABASE_URL": url,
        "POSTMORTEMS_SECRET_KEY": "only-for-the-bench" * 2,
        **more,
    }


def _know_sizes(url: str) -> None:
    """Let PostgreSQL know how its tables look now, as it would by itself; nobody tells SQLite."""
    engine = db.make_engine(url)
    connection = engine.raw_connection().driver_connection
    assert connection is not None
    if engine.dialect.name == "sqlite":
        # All in the one file that is copied.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        connection.rollback()
        connection.autocommit = True
        connection.execute("SET statement_timeout = 0")
        connection.execute("VACUUM ANALYZE")
    connection.close()
    engine.dispose()
