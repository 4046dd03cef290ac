"""Which tables the database has: Alembic's migrations, run so that a kill or a second runner does no harm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

# Any number will do as long as every process takes the same one.
LOCK = 7_260_312_905

Step = Callable[[Config], None]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def head() -> str:
    """The revision that this code needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for one without tables of ours."""
    with engine.execution_options(reads_only=True).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    return current(engine) == head()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the tables forward to a revision, all steps in one transaction."""
    _run(engine, lambda config: command.upgrade(config, to))


def downgrade(engine: Engine, to: str) -> None:
    """Take the tables back to a revision (`base`, `-1`, an id), all steps in one transaction."""
    _run(engine, lambda config: command.downgrade(config, to))


def _run(engine: Engine, step: Step) -> None:
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _on_sqlite(connection, step)
        else:
            _on_postgresql(connection, step)


def _on_sqlite(connection: Connection, step: Step) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    # Rebuilding a table with foreign keys on would delete its children. The switch works only
    # outside a transaction.
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            step(_with(connection))
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"the migration would leave rows without their parent: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _on_postgresql(connection: Connection, step: Step) -> None:
    with connection.begin():
        # The second of two migrating processes waits here, then finds nothing left to do.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        step(_with(connection))


def _with(connection: Connection) -> Config:
    config = _config()
    config.attributes["connection"] = connection
    return config
