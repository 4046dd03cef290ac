"""`restore`: a backup put into an empty database."""

from __future__ import annotations

from pathlib import Path

import click

from postmortems.config import Settings


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--into", default="", metavar="URL", help="Another database than POSTMORTEMS_DATABASE_URL.")
@click.option(
    "--send-waiting", is_flag=True, help="Send what waited when the backup was made, rather than hold it."
)
def restore(file: Path, into: str, send_waiting: bool) -> None:
    """Load a backup into an empty database, all or nothing.

    Every checksum is compared before anything is written. A backup of older tables is migrated. Messages that
    waited are held, because they may have been sent since: `db held` sends or drops them.

    \b
    Example:
      python -m postmortems restore 2026-12-01.backup --into postgresql+psycopg://postmortems@db/restored
    """
    settings = Settings.from_env()
    from postmortems import setting_values
    from postmortems.cli import database
    from postmortems.db.copies import backup_file, load

    named = "--into" if into else database.URL
    url = setting_values.database(named, into) if into else settings.database_url
    with backup_file.opened(file) as source:
        load.refuse_newer(source)
        source.check()
        with database.tables(url, named) as engine:
            load.refuse_rows(engine, "--into")
            from postmortems.cli.data.arrival import Arrival

            arrival = Arrival(settings, "database.restored", file.name, send_waiting=send_waiting)
            loaded = load.load(engine, source, source.files(), settings.files, arrival.finish)
    rows = sum(one.rows for one in loaded.sums)
    click.echo(f"{rows:,} rows of {len(loaded.sums)} tables are restored, as of {source.manifest.made_at}.")
    arrival.say(loaded, source.manifest.missing)
