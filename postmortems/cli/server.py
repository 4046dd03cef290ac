"""`serve`, `worker`, `db`, `recount`, `demo`: run the server or the worker, and look after the database."""

from __future__ import annotations

import sys

import click

from postmortems.actor import Actor
from postmortems.cli import LazyGroup
from postmortems.config import Settings
from postmortems.web.server import heap

MOST_TOLD = 50


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one."
)
@click.option("--no-worker", is_flag=True, help="Do not run the background work in this process.")
def serve(host: str, port: int, no_worker: bool) -> None:
    """Run the web application, and with it the background work.

    The first start on the default database makes it, loads the demo and prints a sign-in link for `admin`.

    \b
    Example:
      python -m postmortems serve --port 8080
    """
    settings = Settings.from_env()
    # After the settings were found right: this imports the application, which takes a moment.
    heap.load()
    from postmortems.cli import http_server

    http_server.serve(settings, host, port, with_worker=not no_worker)


@click.command()
def worker() -> None:
    """Run the background work alone, beside web processes that were started with --no-worker.

    \b
    Example:
      python -m postmortems worker
    """
    settings = Settings.from_env()
    heap.load()
    from postmortems.cli import http_server

    http_server.work(settings)


DB_COMMANDS = {
    "copy": (
        "postmortems.cli.data.copy:copy",
        "Copy a database into an empty one, of the same system or the other, all of it or nothing.",
    ),
    "held": (
        "postmortems.cli.data.held:held",
        "Say how many messages are held since a restore; send them, or drop them.",
    ),
}


@click.group(cls=LazyGroup, places=DB_COMMANDS, help="The tables of the database.")
def db() -> None:
    pass


@db.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Make the tables that this version needs, or bring them up to it. Doing it again does nothing.

    \b
    Example:
      python -m postmortems db upgrade
    """
    from postmortems.cli.database import tables
    from postmortems.db import migrations

    with tables() as engine:
        migrations.upgrade(engine, revision)
        click.echo(f"The tables are at revision {migrations.current(engine) or 'base'}.")


@db.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the tables back to REVISION: an id, -1 for one step, base for none.

    What the later tables and columns held is lost.

    \b
    Example:
      python -m postmortems db downgrade -- -1
    """
    from postmortems.cli.database import tables
    from postmortems.db import migrations

    with tables() as engine:
        migrations.downgrade(engine, revision)
        click.echo(f"The tables are at revision {migrations.current(engine) or 'base'}.")


@db.command("current")
def current() -> None:
    """Say which revision the tables are at, and which this version needs.

    \b
    Example:
      python -m postmortems db current
    """
    from postmortems.cli.database import tables
    from postmortems.db import migrations

    with tables() as engine:
        click.echo(f"at {migrations.current(engine) or 'none'}, needs {migrations.head()}")


@click.command()
@click.option(
    "--check", is_flag=True, help="Change nothing: say what differs, and end with status 1 if anything."
)
def recount(check: bool) -> None:
    """Check the numbers that are stored for reports against a recount, and repair them.

    \b
    Examples:
      python -m postmortems recount --check
      python -m postmortems recount
    """
    from postmortems.cli import database
    from postmortems.db import session as db
    from postmortems.gate.tallies import recount as recounts

    with database.connected():
        if not check:
            recounts.mend(_progress)
            click.echo("Every number is what a recount gives.")
            return
        with db.reading(at_one_moment=True):
            told = list(recounts.differences(_progress))
    for line in told[:MOST_TOLD]:
        click.echo(line)
    if len(told) > MOST_TOLD:
        click.echo(f"and {len(told) - MOST_TOLD} more")
    if told:
        click.echo("Run `python -m postmortems recount` to mend that.", err=True)
        sys.exit(1)
    click.echo("Every number is what a recount gives.")


def _progress(done: int, count: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {count} incidents", nl=done == count, err=True)


@click.group(help="The demo: ten incidents, four services and fourteen guards to look at.")
def demo() -> None:
    pass


@demo.command("load")
def load() -> None:
    """Add the demo to the database. Doing it again changes nothing.

    \b
    Example:
      python -m postmortems demo load
    """
    from postmortems import demo as the_demo
    from postmortems.cli.database import opened
    from postmortems.vault.encryption import Vault

    with opened() as settings:
        counts = the_demo.load(Actor.system("cli"), Vault(settings))
    click.echo(f"Loaded: {counts}.")


@demo.command("remove")
def remove() -> None:
    """Remove the demo, and nothing else.

    \b
    Example:
      python -m postmortems demo remove
    """
    from postmortems import demo as the_demo
    from postmortems.cli.database import opened

    with opened():
        counts = the_demo.remove(Actor.system("cli"))
    click.echo(f"Removed: {counts}.")
    for reason in counts.kept:
        click.echo(f"Kept: {reason}")
