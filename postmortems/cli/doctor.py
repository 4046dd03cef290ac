"""`doctor`: checks the installation: settings, the database and its tables, and the programs we call."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import click

from postmortems.config import Settings, secret_key
from postmortems.errors import Misconfigured

EXTRAS = {"weasyprint": "PDF: WeasyPrint"}


@click.command()
def doctor() -> None:
    """Say whether settings, database, tables and time zones are as this version needs them.

    Ends with status 1 where something is wrong. It changes nothing.

    \b
    Example:
      python -m postmortems doctor
    """
    are_right = _said("settings", _settings)
    # Which database is meant is one of the settings.
    results = [are_right and _said("database", _database), _said("zones", _zones), _said("extras", _extras)]
    if not all(results):
        sys.exit(1)


def _said(name: str, check: Callable[[], str]) -> bool:
    try:
        told, is_right = check(), True
    except Misconfigured as wrong:
        told, is_right = str(wrong), False
    click.echo(f"{'ok   ' if is_right else 'WRONG'} {name}: {told}")
    return is_right


def _settings() -> str:
    settings = Settings.from_env()
    if not settings.is_embedded:
        secret_key(settings)
    return f"the address is {settings.url}"


def _database() -> str:
    from sqlalchemy.engine import make_url

    from postmortems.cli.database import tables
    from postmortems.db import migrations

    url = make_url(Settings.from_env().database_url)
    # A password may stand in its query, too.
    place = url.set(query={}).render_as_string(hide_password=True)
    # To look at a file that is not there would make it.
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise Misconfigured(f"{place} is not there yet; `serve` makes it, or `db upgrade`")
    with tables() as engine:
        at, needed = migrations.current(engine), migrations.head()
    if at != needed:
        told = "run `python -m postmortems db upgrade`, or start `serve` on the default database"
        raise Misconfigured(f"{place} has tables at {at or 'none'}, and {needed} is needed: {told}")
    return f"{place}, tables at {at}"


def _zones() -> str:
    from postmortems import zone_tables

    return str(zone_tables.tables)


def _extras() -> str:
    return ", ".join(
        f"{label} {'is' if find_spec(name) else 'is not'} installed" for name, label in EXTRAS.items()
    )
