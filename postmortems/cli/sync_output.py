"""`sync` at work on one repository, and what it prints."""

from __future__ import annotations

import sys

import click

from postmortems.actor import Actor
from postmortems.cli.database import connect
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.exchange.git_sync import repositories, sync
from postmortems.exchange.git_sync.models import Remote
from postmortems.exchange.git_sync.repositories import RemoteSettings
from postmortems.exchange.git_sync.state import Outcome
from postmortems.vault.runtime import Runtime

SYSTEM = Actor.system("cli")


def run(
    place: str,
    branch: str,
    folder: str,
    service: str,
    timezone: str,
    secret: str,
    drafts: bool,
    dry_run: bool,
) -> None:
    """Do it; the command says what. Raises `Refusal` and `Misconfigured`."""
    settings = Settings.from_env()
    connect(settings)
    wanted = RemoteSettings(place, branch, folder, service, timezone, secret, drafts)
    try:
        outcome = _tried(wanted, settings) if dry_run else _done(wanted, settings)
    finally:
        db.disconnect()
    click.echo(f"{outcome.in_words()}{' (dry run: nothing was changed)' if dry_run else ''}")
    if outcome.failed:
        sys.exit(2)
    if outcome.conflicts:
        sys.exit(1)


def _done(wanted: RemoteSettings, settings: Settings) -> Outcome:
    with db.transaction():
        remote_id = repositories.ensure(wanted, actor=SYSTEM).id
    return sync.run(
        remote_id,
        way_out=Runtime.of(settings).egress,
        mail=settings.git_mail,
        actor=SYSTEM,
        tell=click.echo,
    )


def _tried(wanted: RemoteSettings, settings: Settings) -> Outcome:
    with db.reading():
        checked = repositories.checked(wanted, is_operator=True)
        remote = repositories.named(checked.url, checked.branch, checked.folder) or Remote()
    repositories.become(remote, checked)
    return sync.try_out(
        remote,
        way_out=Runtime.of(settings).egress,
        mail=settings.git_mail,
        tell=click.echo,
    )
