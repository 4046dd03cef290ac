"""The database of a command: one unit of work, on tables of the version that this code knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError

from postmortems import config
from postmortems.config import Settings
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.errors import Misconfigured

URL = "POSTMORTEMS_DATABASE_URL"
# As PostgreSQL says it.
DISK_FULL = "53100"


def connect(settings: Settings) -> None:
    """Use the configured database; the embedded default is made and brought up to date here.

    Raises `Misconfigured`, in one sentence, where it does not answer or has not the tables we need.
    """
    with _told():
        engine = db.connect(settings.database_url, settings.files, settings.read_database_url)
        migrations.refuse_anothers(engine)
        if migrations.serve_us(engine):
            return
    if not settings.is_embedded:
        raise Misconfigured(
            "the database lacks the tables of this version; run `python -m postmortems db upgrade` first"
        )
    with _told():
        migrations.upgrade(engine)


def check(settings: Settings) -> None:
    """Raise `Misconfigured` unless the application can start with these settings."""
    connect(settings)
    config.secret_key(settings)


@contextmanager
def connected() -> Iterator[Settings]:
    """The configured database for a command that opens its units of work itself."""
    settings = Settings.from_env()
    connect(settings)
    try:
        yield settings
    finally:
        db.disconnect()


@contextmanager
def opened() -> Iterator[Settings]:
    """The configured database for one command, in one unit of work: taken back on any error."""
    with connected() as settings, db.transaction():
        yield settings


@contextmanager
def tables(url: str = "", named: str = URL) -> Iterator[Engine]:
    """The configured database, or another that was `named` so, whatever tables it has.

    An unknown revision is `Misconfigured`.
    """
    settings = Settings.from_env()
    try:
        with _told(named):
            engine = db.connect(url or settings.database_url, settings.files)
            migrations.refuse_anothers(engine, named)
            yield engine
    finally:
        db.disconnect()


@contextmanager
def other(url: str, named: str) -> Iterator[Engine]:
    """A database that is there, beside the one of this process."""
    refuse_missing(url)
    engine = db.make_engine(url)
    try:
        with _told(named):
            migrations.refuse_anothers(engine, named)
            yield engine
    finally:
        engine.dispose()


def refuse_missing(url: str) -> None:
    """Raise `Misconfigured` for an SQLite file that is not there: to look into one would make it."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").is_file():
        raise Misconfigured(
            f"{place.set(query={}).render_as_string()} is not there, so nothing can be copied"
        )


@contextmanager
def _told(named: str = URL) -> Iterator[None]:
    """Say in one sentence why the database cannot be used."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise Misconfigured(_reason(error, named)) from None
    except ArgumentError:
        raise Misconfigured(f"{named} is no URL of a database") from None
    except OSError as error:
        raise Misconfigured(
            f"the place of the database cannot be made: {error.filename}: {error.strerror}; "
            f"correct {named}, or start where you may write"
        ) from None


def _reason(error: DatabaseError | InterfaceError, named: str) -> str:
    reason = str(error.orig).strip().partition("\n")[0]
    if getattr(error.orig, "sqlstate", "") == DISK_FULL or reason.endswith("disk is full"):
        return f"there is no room for the database: {reason}; nothing was stored, so make room and try again"
    if "sqlite" in type(error.orig).__module__:
        return (
            f"the database cannot be used: {reason}; correct {named}, or let its file and folder be written"
        )
    return f"the database does not answer: {reason}; correct {named}, or start it"
