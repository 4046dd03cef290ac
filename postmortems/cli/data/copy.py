"""`db copy`: all that one database holds, put into another one."""

from __future__ import annotations

import click

from postmortems.config import Settings


@click.command("copy")
@click.argument("from_url", metavar="FROM-URL")
@click.argument("to_url", metavar="TO-URL")
@click.option(
    "--send-waiting", is_flag=True, help="Send what waits in FROM-URL from the copy, rather than hold it."
)
def copy(from_url: str, to_url: str, send_waiting: bool) -> None:
    """Copy a database into an empty one, of the same system or the other, all of it or nothing.

    Prints each table's rows and the SHA-256 of them, which are the same on both sides. To move for good, stop
    the service first and add --send-waiting.

    \b
    Example:
      python -m postmortems db copy sqlite:///instance/postmortems.db postgresql+psycopg://postmortems@db/postmortems
    """
    settings = Settings.from_env()
    from postmortems import setting_values
    from postmortems.cli import database
    from postmortems.db.copies import load, snapshot

    from_url = setting_values.database("FROM-URL", from_url)
    to_url = setting_values.database("TO-URL", to_url)
    with database.other(from_url, "FROM-URL") as engine, snapshot.of(engine) as source:
        load.refuse_newer(source)
        with database.tables(to_url, "TO-URL") as target:
            load.refuse_rows(target, "TO-URL")
            from postmortems.cli.data.arrival import Arrival

            arrival = Arrival(settings, "database.copied", engine.dialect.name, send_waiting=send_waiting)
            # Attached files stay in the folder that both databases have.
            loaded = load.load(target, source, (), settings.files, arrival.finish)
    for one in loaded.sums:
        click.echo(f"{one.sha256}  {one.name}  {one.rows}")
    rows = sum(one.rows for one in loaded.sums)
    click.echo(f"{rows:,} rows of {len(loaded.sums)} tables are the same on both sides.")
    arrival.say(loaded)
