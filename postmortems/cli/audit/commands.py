"""`audit`: seal the record of who did what, verify that nobody changed it, and export it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postmortems.actor import Actor
from postmortems.errors import Invalid

if TYPE_CHECKING:
    from postmortems.audit.verification import Findings

SYSTEM = Actor.system("cli")
HEX = frozenset("0123456789abcdef")
HASH_LETTERS = 64


@click.group(help="The record of who did what: seal it, verify that nobody changed it, export it.")
def audit() -> None:
    pass


@audit.command("seal")
def seal() -> None:
    """Seal the events since the last seal now: the worker does so every five minutes.

    Prints the number and hash of the last seal. Whoever holds that hash elsewhere can prove later that the
    record up to there is as it was.

    \b
    Example:
      python -m postmortems audit seal
    """
    from postmortems.audit import sealer
    from postmortems.cli.database import connected
    from postmortems.db import session as db

    with connected():
        count = sealer.seal_all(SYSTEM)
        with db.reading():
            head = sealer.newest()
    if head is None:
        click.echo("There is no event to seal yet.")
        return
    click.echo(f"{count} {_events(count)} sealed; seal {head.number} is {head.hash}")


@audit.command("verify")
@click.option(
    "--head", default="", metavar="HASH", help="The hash of a seal that you hold: it must be there."
)
@click.option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Verify this file of `audit export` instead; no database is needed.",
)
def verify(head: str, file: Path | None) -> None:
    """Find out whether an event was changed, removed or inserted after it was sealed.

    Names what was, the first one first, and ends with status 1 then. Reads only.

    \b
    Examples:
      python -m postmortems audit verify
      python -m postmortems audit verify --head $(cat the-hash-we-hold)
      python -m postmortems audit verify --file audit.jsonl
    """
    from postmortems.audit import export_file, verification
    from postmortems.cli.database import connected
    from postmortems.db import session as db

    head = _hash(head)
    if file is not None:
        _tell(export_file.verified(file, head))
        return
    with connected(), db.reading(at_one_moment=True):
        found = verification.of_database(head)
    _tell(found)


@audit.command("export")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "form",
    default="jsonl",
    show_default=True,
    type=click.Choice(["jsonl", "csv"]),
    help="Its form.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Only from this day on.",
)
def export(file: Path, form: str, since: datetime | None) -> None:
    """Write the record to FILE, as JSON lines with the seals, or as CSV for a spreadsheet.

    All of it, restricted incidents too; addresses are left out. `audit verify --file` checks the JSON lines,
    also where there is no database. FILE is whole or not there at all, and only its owner may read it.

    \b
    Examples:
      python -m postmortems audit export audit.jsonl
      python -m postmortems audit export november.csv --format csv --since 2026-11-01
    """
    from postmortems.audit import export as exports
    from postmortems.cli.database import connected
    from postmortems.db import session as db

    write = exports.json_lines if form == "jsonl" else exports.csv
    with connected(), db.reading(at_one_moment=True):
        _write(file, write(since.date() if since else None))
    click.echo(f"{file} is written.")


def _write(file: Path, lines: Iterable[bytes]) -> None:
    part = file.with_name(f"{file.name}.part")
    try:
        # What stands there may be a link, or be open for others to read.
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.writelines(lines)
        part.replace(file)
    except OSError as wrong:
        part.unlink(missing_ok=True)
        raise Invalid(f"{file} cannot be written: {wrong.strerror}") from wrong


def _hash(text: str) -> str:
    text = text.strip().lower()
    if text and (len(text) != HASH_LETTERS or not set(text) <= HEX):
        raise Invalid("--head: this is no hash of a seal: that has 64 letters of 0-9 and a-f")
    return text


def _tell(found: Findings) -> None:
    for fault in found.faults:
        click.echo(fault)
    if found.count > len(found.faults):
        click.echo(f"and {found.count - len(found.faults)} more")
    if found.count:
        click.echo("The record is not as it was sealed.", err=True)
        sys.exit(1)
    if found.head is None:
        click.echo("Nothing is sealed yet.")
    else:
        begins = f", from seal {found.begins + 1} on," if found.begins else ""
        click.echo(
            f"{found.events} {_events(found.events)} in {found.seals} "
            f"{'seal' if found.seals == 1 else 'seals'}{begins} are as they were sealed."
        )
        click.echo(f"Seal {found.head.number} of {found.head.sealed_at:%F %T} UTC is {found.head.hash}")
    if found.removed:
        click.echo(
            f"Of them {found.removed} {'was' if found.removed == 1 else 'were'} removed for their age, "
            f"up to seal {found.removed_until}."
        )
    click.echo(f"Not sealed yet: {found.unsealed} {_events(found.unsealed)}.")


def _events(count: int) -> str:
    return "event" if count == 1 else "events"
