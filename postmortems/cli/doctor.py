"""`doctor`: checks the installation: settings, the database, its disk and clock, and what we call."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import click

from postmortems.config import Settings, secret_key
from postmortems.errors import Misconfigured

EXTRAS = {"weasyprint": "PDF: WeasyPrint"}


# With less, one import or one migration may fill the disk.
FREE_AT_LEAST = 512 * 1024 * 1024


class Finding(NamedTuple):
    """What one check found."""

    name: str
    is_right: bool
    told: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
def doctor(as_json: bool) -> None:
    """Say whether settings, database, disk, clock, worker, mail and network are as they should be.

    Ends with status 1 where something is wrong. It changes nothing.

    \b
    Example:
      python -m postmortems doctor --json
    """
    findings = [_found("settings", _settings)]
    # Which database is meant is one of the settings.
    if findings[0].is_right:
        findings += [_found("database", _database), _found("disk", _disk)]
        # What is not there cannot be asked.
        if findings[1].is_right:
            findings += [_found("clock", _clock), _found("replica", _replica), _found("worker", _worker)]
            findings += [_found("months", _months)]
            findings += [_found("backups", _backups), _found("messages", _messages)]
        findings += [_found("mail", _mail), _found("network", _network)]
        findings += [_found("identity provider", _provider)]
    findings += [_found("zones", _zones), _found("extras", _extras)]
    is_right = all(finding.is_right for finding in findings)
    click.echo(_json(findings, is_right) if as_json else _lines(findings))
    if not is_right:
        sys.exit(1)


def _found(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except Misconfigured as wrong:
        return Finding(name, False, str(wrong))


def _lines(findings: list[Finding]) -> str:
    return "\n".join(f"{'ok   ' if right else 'WRONG'} {name}: {told}" for name, right, told in findings)


def _json(findings: list[Finding], is_right: bool) -> str:
    checks = [{"name": name, "ok": right, "told": told} for name, right, told in findings]
    return json.dumps({"ok": is_right, "checks": checks}, indent=2)


def _settings() -> str:
    from postmortems.web.watching import process

    settings = Settings.from_env()
    if not settings.is_embedded:
        secret_key(settings)
    process.check(settings)
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
        serve_us = at == needed or migrations.serve_us(engine)
    if not serve_us:
        told = "run `python -m postmortems db upgrade`, or start `serve` on the default database"
        raise Misconfigured(f"{place} has tables at {at or 'none'}, and {needed} is needed: {told}")
    told = f"{place}, tables at {at}"
    return told if at == needed else f"{told}, of a later version, which serve this one"


def _disk() -> str:
    from sqlalchemy.engine import make_url

    url = make_url(Settings.from_env().database_url)
    if url.get_backend_name() != "sqlite":
        return "the database server keeps its own; look there"
    place = Path(url.database or "").absolute().parent
    try:
        # `serve` and `db upgrade` make folders that are not there yet, with those above them.
        there = next(folder for folder in (place, *place.parents) if folder.exists())
        free = shutil.disk_usage(there).free
    except OSError as error:
        raise Misconfigured(f"{place}: {error.strerror}; let us read it") from None
    if not os.access(there, os.W_OK | os.X_OK):
        raise Misconfigured(f"nobody but others may write in {there}; let us, or name another place")
    told = f"{free // 1024**2:,} MiB are free at {place}"
    if free < FREE_AT_LEAST:
        raise Misconfigured(f"{told}; make room there until {FREE_AT_LEAST // 1024**2} MiB are")
    return told


def _replica() -> str:
    from postmortems.cli.database import tables
    from postmortems.web.watching import checks

    with tables() as engine:
        return checks.replica(Settings.from_env(), engine)


def _clock() -> str:
    from postmortems.cli.database import tables
    from postmortems.web.watching import checks

    with tables() as engine:
        return checks.clock(engine)


def _months() -> str:
    from postmortems.cli.database import tables
    from postmortems.db import session as db
    from postmortems.web.watching import checks

    with tables(), db.reading():
        return checks.months(Settings.from_env())


def _worker() -> str:
    from postmortems.cli.database import tables
    from postmortems.db import session as db
    from postmortems.web.watching import checks

    with tables(), db.reading():
        return checks.worker()


def _mail() -> str:
    from postmortems.web.watching import checks

    return checks.mail(Settings.from_env())


def _network() -> str:
    from postmortems.web.watching import checks

    return checks.way_out(Settings.from_env())


def _provider() -> str:
    settings = Settings.from_env()
    if not settings.oidc_issuer:
        return "none is set; people sign in by password or link"
    from postmortems import clock
    from postmortems.accounts.company import provider_check
    from postmortems.egress import client

    return provider_check.told(settings.oidc_issuer, clock.now(), client.to_provider(settings))


def _backups() -> str:
    from postmortems.cli.data import checks

    return checks.backups()


def _messages() -> str:
    from postmortems.cli.data import checks

    return checks.held()


def _zones() -> str:
    from postmortems import zone_tables

    return str(zone_tables.tables)


def _extras() -> str:
    return ", ".join(
        f"{label} {'is' if find_spec(name) else 'is not'} installed" for name, label in EXTRAS.items()
    )
