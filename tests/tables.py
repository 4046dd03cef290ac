"""Every table at once, without the migrations: quick, for tests that are about something else."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

import postmortems.accounts.company.models
import postmortems.accounts.factors.models
import postmortems.accounts.models
import postmortems.accounts.programs.models
import postmortems.assistants.models
import postmortems.audit.models
import postmortems.capture.chats.models
import postmortems.capture.models
import postmortems.db.models
import postmortems.exchange.git_sync.models
import postmortems.exchange.models
import postmortems.followup.bulk.models
import postmortems.followup.item.models
import postmortems.followup.policies.models
import postmortems.followup.views.models
import postmortems.gate.models
import postmortems.gate.tallies.changes
import postmortems.guards.models
import postmortems.incidents.approvals.models
import postmortems.incidents.attachments.models
import postmortems.incidents.comments.models
import postmortems.incidents.drafts.models
import postmortems.incidents.mentions.models
import postmortems.incidents.presence.models
import postmortems.incidents.public_reports.models
import postmortems.incidents.tallies.models
import postmortems.incidents.templates.models
import postmortems.incidents.warnings
import postmortems.jobs.models
import postmortems.notify.access.models
import postmortems.notify.channels.models
import postmortems.notify.digests.models
import postmortems.notify.inbox.models
import postmortems.notify.models
import postmortems.notify.people.models
import postmortems.reports.monthly.models
import postmortems.reviews.models
import postmortems.search.models
import postmortems.tickets.models  # noqa: F401
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.session import Base
from tests import warm_connections

# An engine keeps the SQL that it has compiled: one for all tests of a database spares making it again.
_new_engine = db.make_engine


def _engine(url: str) -> Engine:
    # A path in it is taken from the folder that the test works in: the same words are another database there.
    return _engine_from(Path.cwd(), url)


@cache
def _engine_from(_folder: Path, url: str) -> Engine:
    engine = _new_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sync_nothing)
    else:
        warm_connections.keep_of(engine, url)
    return engine


def _sync_nothing(connection: Any, _record: Any) -> None:
    # As our PostgreSQL does: a test's rows need not outlast the machine.
    connection.execute("PRAGMA synchronous=OFF")


db.make_engine = _engine


def create_all(engine: Engine) -> None:
    Base.metadata.create_all(engine)


def connect_to_tables(path: Path) -> str:
    """Use a new SQLite database at `path` that has every table, whatever was there; its URL."""
    url = f"sqlite:///{path}"
    db.disconnect()
    put_sqlite(path, empty_tables())
    db.connect(url)
    return url


def put_sqlite(path: Path, content: bytes) -> None:
    """Let `path` be a new database of this content. Who still has the one before open goes on with that."""
    for old in (path, *(path.with_name(f"{path.name}-{kind}") for kind in ("wal", "shm"))):
        old.unlink(missing_ok=True)
    path.write_bytes(content)


def put_migrated(path: Path) -> str:
    """Let `path` be a new SQLite database as operators have it, made by the migrations; its URL."""
    put_sqlite(path, _migrated_tables())
    return f"sqlite:///{path}"


@cache
def empty_tables() -> bytes:
    return _made_by(create_all)


@cache
def _migrated_tables() -> bytes:
    return _made_by(migrations.upgrade)


def _made_by(make: Callable[[Engine], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        engine = db.make_engine(f"sqlite:///{path}")
        make(engine)
        engine.dispose()
        return path.read_bytes()
