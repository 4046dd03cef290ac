"""Migrations: the version of the tables, and Alembic run so that a kill or a second runner does no harm.

Alembic is loaded where it has steps to take: to load it and every step takes long, and nearly every start and
command finds the tables as they should be.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from sqlalchemy import Engine, FromClause, String, column, delete, insert, inspect, select, table, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from postmortems.db import full_text, partitions
from postmortems.db.models import ServedRevision
from postmortems.errors import Misconfigured

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

VERSION = "alembic_version"
SAID = re.compile(r'^(down_revision|revision) = (?:"([^"]+)"|None)$', re.MULTILINE)
# Made by an extension of PostgreSQL, by Alembic before the first revision, and filled by each upgrade.
NOBODYS = {"spatial_ref_sys", VERSION, ServedRevision.__tablename__}
# The first that says what it serves: those before look for no such thing.
FIRST_TO_SERVE = "20261201_0901"
# Any number will do as long as every process takes the same one.
LOCK = 7_260_312_905
# SQLite waits for no other process for ever; one that migrates takes minutes where there are many rows.
LONGEST_WAIT_MS = 3_600_000
# Whoever waits for a whole table has everybody wait behind it; and where one of those has another that we
# want, PostgreSQL ends one of us after a second. So we let go before. Later we wait long enough that
# PostgreSQL ends its own cleaning of a table for us, and not so long that who waits behind us is refused.
LET_GO_AFTER_MS = (500, 500, 500, 500, 1_000, 2_000, 3_000)
PATIENT_FOR_S = 600.0
# By what PostgreSQL calls it: others had a table, or had one and waited for ours.
OTHERS_HAVE_IT = {"55P03", "40P01"}

Step = Callable[["Config"], None]


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def known(steps: Path) -> tuple[str, ...]:
    """The revisions of the steps in a folder, the first one first.

    Each names the one before it; Alembic itself refuses what is no such chain when the steps are taken.
    """
    following: dict[str | None, str] = {}
    for place in steps.glob("*.py"):
        said = {name: value or None for name, value in SAID.findall(place.read_text(encoding="utf-8"))}
        if named := said.get("revision"):
            following[said.get("down_revision")] = named
    ordered: list[str] = []
    revision = following.get(None)
    while revision:
        ordered.append(revision)
        revision = following.get(revision)
    return tuple(ordered)


def head() -> str:
    """The revision that this code needs."""
    return known(MIGRATIONS / "versions")[-1]


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for one without tables of ours."""
    version = column("version_num", String)
    with engine.execution_options(reads_only=True).connect() as connection:
        if not inspect(connection).has_table(VERSION):
            return None
        return connection.scalar(select(version).select_from(table(VERSION, version)))


def refuse_anothers(engine: Engine, named: str = "POSTMORTEMS_DATABASE_URL") -> None:
    """Raise `Misconfigured` where the database is another application's, or of a version after this one."""
    revision = current(engine)
    if revision is not None:
        if not knows(revision) and not _is_promised(engine):
            raise Misconfigured(
                f"the database is at revision {revision}, which this version does not know: it belongs to a "
                f"newer version, or to another application; correct {named}"
            )
        return
    with engine.execution_options(reads_only=True).connect() as connection:
        tables = sorted(set(inspect(connection).get_table_names()) - NOBODYS)
    if tables:
        raise Misconfigured(
            f"the database belongs to something else: it has the table {tables[0]} and none of ours; "
            f"correct {named}"
        )


def is_current(engine: Engine) -> bool:
    return current(engine) == head()


def serve_us(engine: Engine) -> bool:
    """Whether this code may work on the tables: of its version, or of a later one that says so."""
    revision = current(engine)
    return revision == head() or (revision is not None and not knows(revision) and _is_promised(engine))


def promise(connection: Connection) -> None:
    """Say which versions the tables serve, now that they are of this one.

    That is every version since the last step with `contracts = True`: one that takes away what code before it
    reads or writes.
    """
    from alembic.script import ScriptDirectory

    served = []
    for script in ScriptDirectory.from_config(_config()).walk_revisions():
        served.append({"revision": script.revision})
        if getattr(script.module, "contracts", False) or script.revision == FIRST_TO_SERVE:
            break
    connection.execute(delete(ServedRevision))
    connection.execute(insert(ServedRevision), served)


def _is_promised(engine: Engine) -> bool:
    with engine.execution_options(reads_only=True).connect() as connection:
        if not inspect(connection).has_table(ServedRevision.__tablename__):
            return False
        ours = select(ServedRevision.revision).where(ServedRevision.revision == head())
        return connection.scalar(ours) is not None


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the tables forward to a revision, all steps in one transaction; later ones that serve us stay."""
    if to == "head" and not is_current(engine) and serve_us(engine):
        return
    from alembic import command

    _beside_others(engine, lambda config: command.upgrade(config, to))


def downgrade(engine: Engine, to: str) -> None:
    """Take the tables back to a revision (`base`, `-1`, an id), all steps in one transaction."""
    from alembic import command

    _beside_others(engine, lambda config: command.downgrade(config, to))


def is_of_a_model(name: str | None, kind: str) -> bool:
    """Whether a table or index is to be as a model has it: it is no part of another, nor of search."""
    return not full_text.is_index(name, kind) and not partitions.is_part(name, kind)


def knows(revision: str) -> bool:
    """Whether this version has the tables of that revision."""
    return revision in known(MIGRATIONS / "versions")


def _beside_others(engine: Engine, step: Step) -> None:
    """Take a step on tables that others work on: they go first, and it begins anew until they let it.

    Raises `Misconfigured` where somebody never does, and for a revision that there is no step to.
    """
    from alembic.util.exc import CommandError

    ends_at, tries = monotonic() + PATIENT_FOR_S, 0
    while True:
        let_go_after_ms = LET_GO_AFTER_MS[min(tries, len(LET_GO_AFTER_MS) - 1)]
        try:
            return in_transaction(engine, step, let_go_after_ms)
        except DBAPIError as refused:
            if getattr(refused.orig, "sqlstate", "") not in OTHERS_HAVE_IT:
                raise
            reason = str(refused.orig).partition("\n")[0]
        except CommandError as unknown:
            raise Misconfigured(str(unknown)) from None
        if monotonic() >= ends_at:
            raise Misconfigured(
                f"others have had a table that has to change for {PATIENT_FOR_S / 60:.0f} minutes "
                f"({reason}); nothing was changed: end the transactions that pg_stat_activity shows as the "
                "oldest, or wait for them, and try again"
            )
        if not tries:
            log.warning("others work on a table that has to change: they go first, and it is tried again")
        tries += 1
        # Those who waited meanwhile have their turn.
        sleep(let_go_after_ms / 1000)


def in_transaction(engine: Engine, step: Step, let_go_after_ms: int = 0) -> None:
    """Take a step that changes tables: all of it or nothing, and no two at once.

    SQLite checks foreign keys at its end. PostgreSQL waits that long for what others hold; 0 is for ever.
    `connection_of` tells the connection that it runs on.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _on_sqlite(connection, step)
        else:
            _on_postgresql(connection, step, let_go_after_ms)


def _on_sqlite(connection: Connection, step: Step) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    usual = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    # Rebuilding a table with foreign keys on would delete its children. The switch works only
    # outside a transaction.
    driver.execute("PRAGMA foreign_keys=OFF")
    # The second of two migrating processes waits, then finds nothing left to do.
    driver.execute(f"PRAGMA busy_timeout={LONGEST_WAIT_MS}")
    try:
        with connection.begin():
            step(_with(connection))
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"the migration would leave rows without their parent: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
        driver.execute(f"PRAGMA busy_timeout={usual}")


def _on_postgresql(connection: Connection, step: Step, let_go_after_ms: int) -> None:
    with connection.begin():
        # The second of two migrating processes waits here, then finds nothing left to do.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = {let_go_after_ms}"))
        step(_with(connection))


class Growth:
    """Lets PostgreSQL know how large tables are that a transaction fills, whenever they have grown fourfold.

    Its own cleaning does not see them yet: it would plan as for empty tables, and look through all of them
    for each hundred incidents. SQLite plans without.
    """

    def __init__(self, connection: Connection, tables: Iterable[FromClause], first: int = 500) -> None:
        self._connection = connection
        format_table = connection.dialect.identifier_preparer.format_table
        self._names = ", ".join(format_table(table) for table in tables)
        self._next = first if connection.dialect.name == "postgresql" else None

    def told(self, done: int) -> None:
        """So many are done."""
        if self._next is None or done < self._next:
            return
        self._next = 4 * done
        try:
            with self._connection.begin_nested():
                self._connection.execute(text(f"ANALYZE {self._names}"))
        except DBAPIError as refused:
            # Whoever has one of them longer than we wait costs time alone.
            if getattr(refused.orig, "sqlstate", "") not in OTHERS_HAVE_IT:
                raise


def connection_of(config: Config) -> Connection:
    """The connection of a step, in its transaction."""
    connection: Connection = config.attributes["connection"]
    return connection


def _with(connection: Connection) -> Config:
    config = _config()
    config.attributes["connection"] = connection
    return config
