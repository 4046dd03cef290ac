"""`import` at work: brings files in, and prints a line for each with its warnings below it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from postmortems.actor import Actor
from postmortems.cli.database import connect
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.egress import client as egress
from postmortems.egress.client import Egress
from postmortems.errors import Refusal
from postmortems.exchange.imports import beside, files, import_file, uploads, zip_files
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.import_file import Report
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.zone_tables import available_timezones

SYSTEM = Actor.system("cli")
LONGEST_DIFF, MOST_WARNINGS = 40, 20
BELOW = " " * 9
# An address; a folder that is a bare repository is known by what stands in it.
REPOSITORY = re.compile(r"(?:https?|ssh|git)://|[\w.+-]+@[\w.-]+:")


def run(
    paths: tuple[str, ...],
    dry_run: bool,
    service: str,
    timezone: str,
    branch: str,
    folder: str,
    with_templates: bool,
) -> None:
    """Do it; the command says what. Raises `Refusal` and `Misconfigured`."""
    if timezone and timezone not in available_timezones():
        raise click.BadParameter(
            f"{timezone!r} is no zone; write one such as America/Los_Angeles", param_hint="--timezone"
        )
    settings = Settings.from_env()
    connect(settings)
    filled, way_out = ImportDefaults(service, timezone), egress.of(settings)
    counts: Counter[str] = Counter()
    left = Left()
    try:
        for found in _found(paths, branch, folder, way_out, left):
            report = import_file.bring(
                found, filled, actor=SYSTEM, is_dry_run=dry_run, with_templates=with_templates
            )
            counts[report.result] += 1
            _show(found, report, dry_run)
            _show_progress(counts.total())
    except OperationalError as error:
        raise Refusal(
            f"the database does not answer: {error.orig}; import again to go on from here"
        ) from None
    finally:
        db.disconnect()
    if str(left):
        click.echo(str(left))
    click.echo(f"{_in_words(counts)}{' (dry run: nothing was changed)' if dry_run else ''}")
    if counts["failed"] or counts["conflict"]:
        sys.exit(2)


def _in_words(counts: Counter[str]) -> str:
    said = ", ".join(f"{counts[result]} {result}" for result in ("new", "changed", "same", "failed"))
    said += f", {counts['conflict']} in conflict" if counts["conflict"] else ""
    templates = "template" if counts["template"] == 1 else "templates"
    return said + (f", {counts['template']} {templates} left out" if counts["template"] else "")


def _found(
    paths: tuple[str, ...], branch: str, folder: str, way_out: Egress, left: Left
) -> Iterator[ImportFile]:
    for given in paths:
        path = Path(given)
        try:
            if REPOSITORY.match(given) or (path / "HEAD").is_file():
                yield from uploads.in_repository(
                    given, branch, folder, left, way_out=way_out, is_operator=True
                )
            elif path.is_dir():
                for file in files.in_folder(path, left):
                    yield beside.gathered(file, partial(_beside, path, left))
            elif path.suffix.lower() == ".zip":
                with path.open("rb") as zipped:
                    yield from zip_files.in_zip(zipped, given, left)
            else:
                yield files.in_file(path)
        except OSError as error:
            yield ImportFile(path.name, trouble=str(error.strerror or error), at=given)
        except Refusal as refusal:
            yield ImportFile(path.name, trouble=refusal.detail, at=given)


def _beside(folder: Path, left: Left, path: str) -> bytes | None:
    content = files.below(folder, path)
    if content is not None:
        left.takes(path)
    return content


def _show(file: ImportFile, report: Report, dry_run: bool) -> None:
    """One line for the file; below it what is odd, kept as it is, or differs."""
    understood = report.understood
    if understood is None:
        click.echo(f"{report.result:8} {report.detail}")
    else:
        counts = f"{understood.entries} entries, {understood.items} action items"
        click.echo(f"{report.result:8} {file.shown} → {report.slug}: {counts}")
    if understood and report.result != "same":
        for warned in understood.warnings[:MOST_WARNINGS]:
            line = f":{warned.line}" if warned.line else ""
            click.echo(f"{BELOW}{file.shown}{line}: {warned}")
        if more := len(understood.warnings) - MOST_WARNINGS:
            click.echo(f"{BELOW}… {more} more like these") if more > 0 else None
    if understood and dry_run:
        for kept in understood.kept:
            click.echo(f"{BELOW}kept as written: {kept}")
    if dry_run or report.result == "conflict":
        for line in report.diff[:LONGEST_DIFF]:
            click.echo(f"{BELOW}{line}")
        if len(report.diff) > LONGEST_DIFF:
            click.echo(f"{BELOW}… {len(report.diff) - LONGEST_DIFF} more lines")


def _show_progress(count: int) -> None:
    """How far a long run has come, where somebody looks on and the lines go elsewhere."""
    if sys.stderr.isatty() and not sys.stdout.isatty():
        click.echo(f"\r{count} files", err=True, nl=False)
