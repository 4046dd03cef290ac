"""Open the database for a command: one unit of work, on tables that this code knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util.exc import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from postmortems import db, schema
from postmortems.config import Settings
from postmortems.errors import Misconfigured


def connect(settings: Settings) -> None:
    """Use the configured database; the embedded default is made and brought up to date here.

    Raises `Misconfigured`, in one sentence, where it does not answer or has not the tables we need.
    """
    engine = db.connect(settings.database_url)
    try:
        if schema.is_current(engine):
            return
    except (OperationalError, ProgrammingError) as error:
        raise _silent(error) from None
    if not settings.is_embedded:
        raise Misconfigured(
            "the database lacks the tables of this version; run `python -m postmortems db upgrade` first"
        )
    schema.upgrade(engine)


@contextmanager
def opened() -> Iterator[Settings]:
    """The configured database for one command, in one unit of work: taken back on any error."""
    settings = Settings.from_env()
    connect(settings)
    try:
        with db.transaction():
            yield settings
    finally:
        db.disconnect()


@contextmanager
def tables() -> Iterator[Engine]:
    """The configured database, whatever tables it has. An unknown revision is `Misconfigured`."""
    engine = db.connect(Settings.from_env().database_url)
    try:
        yield engine
    except OperationalError as error:
        raise _silent(error) from None
    except CommandError as error:
        raise Misconfigured(str(error)) from None
    finally:
        db.disconnect()


def _silent(error: OperationalError | ProgrammingError) -> Misconfigured:
    reason = str(error.orig).strip().partition("\n")[0]
    return Misconfigured(f"the database does not answer: {reason}")
