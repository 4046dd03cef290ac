"""Every table at once, without the migrations: quick, for tests that are about something else."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

import postmortems.accounts.models
import postmortems.audit.models
import postmortems.exchange.git_sync.models
import postmortems.exchange.models
import postmortems.gate.models
import postmortems.guards.models
import postmortems.incidents.warnings
import postmortems.jobs.models
import postmortems.reviews.models  # noqa: F401
from postmortems.db import session as db
from postmortems.db.session import Base


def create_all(engine: Engine) -> None:
    Base.metadata.create_all(engine)


def connect_to_tables(path: Path) -> str:
    """Use a new SQLite database at `path` that has every table; its URL."""
    path.write_bytes(_empty_tables())
    url = f"sqlite:///{path}"
    db.connect(url)
    return url


@cache
def _empty_tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        engine = db.make_engine(f"sqlite:///{path}")
        create_all(engine)
        engine.dispose()
        return path.read_bytes()
