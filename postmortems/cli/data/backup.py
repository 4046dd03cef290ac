"""`backup`: all that the database holds, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from postmortems.actor import Actor
from postmortems.config import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from postmortems.db.copies.manifest import Manifest

SHOWN = 5


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--replace", is_flag=True, help="Write over FILE: it stays as it is until the new one is whole."
)
def backup(file: Path, replace: bool) -> None:
    """Write the whole database, as of this moment, to FILE, while the service runs.

    Attached files are in it, wherever they are kept; the keys of POSTMORTEMS_SECRET_KEY and
    POSTMORTEMS_SECRETS_KEY are not.

    \b
    Example:
      python -m postmortems backup "/srv/backups/$(date +%F).backup"
    """
    settings = Settings.from_env()
    from postmortems import clock
    from postmortems.cli import database
    from postmortems.db.copies import backup_file, snapshot
    from postmortems.db.copies.attached import Attached

    database.refuse_missing(settings.database_url)
    with database.tables() as engine, snapshot.of(engine) as source:
        made = backup_file.write(
            file, source, engine.dialect.name, Attached(settings.files), clock.now(), replace=replace
        )
    with database.tables() as engine:
        is_noted = _note(engine, file, made)
    click.echo(
        f"{file} has {made.rows:,} rows of {len(made.sums)} tables and {made.files:,} attached files, at "
        f"revision {made.revision}."
    )
    if made.missing:
        named = ", ".join(digest[:12] for digest in made.missing[:SHOWN])
        click.echo(
            f"{len(made.missing)} attached files are not where POSTMORTEMS_FILES_DIR says, and not in the "
            f"backup: {named}{' …' if len(made.missing) > SHOWN else ''}",
            err=True,
        )
    if not is_noted:
        click.echo("It could not be noted in the database, so `doctor` does not know of it.", err=True)


def _note(engine: Engine, file: Path, made: Manifest) -> bool:
    """Record that it was made; False where the tables are of another version, or take no writes."""
    from sqlalchemy.exc import DatabaseError

    from postmortems.audit import operations as audit
    from postmortems.db import migrations
    from postmortems.db import session as db

    if not migrations.is_current(engine):
        return False
    told = {"rows": made.rows, "files": made.files, "missing": len(made.missing), "revision": made.revision}
    try:
        with db.transaction():
            audit.record(Actor.system("cli"), "database.backed_up", "database", file.name, **told)
    except DatabaseError:
        return False
    return True
