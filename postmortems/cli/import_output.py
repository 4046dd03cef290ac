"""`import` at work: brings files in, and prints a line for each with its warnings below it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from postmortems.actor import Actor
from postmortems.cli.database import connect
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.egress import client as egress
from postmortems.egress.client import Egress
from postmortems.errors import Invalid, Refusal
from postmortems.exchange.imports import files, folders, import_file, parts, uploads, zip_files
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.import_file import Report
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.tracker_imports import files as tracker_files
from postmortems.exchange.tracker_imports import place as tracker_place
from postmortems.exchange.tracker_imports import tracker_request
from postmortems.exchange.tracker_imports.fetch import Patience
from postmortems.zone_tables import available_timezones

SYSTEM = Actor.system("cli")
LONGEST_DIFF, MOST_WARNINGS, MOST_LEFT = 40, 20, 10
BELOW = " " * 9
# A command may wait for a limit to end, which is an hour at most for GitHub.
WAITS_S = 3_700.0
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
    as_format: str,
    as_json: bool,
    **tracker: str,
) -> None:
    """Do it; the command says what. Raises `Refusal` and `Misconfigured`."""
    _check(timezone, as_format)
    settings = Settings.from_env()
    connect(settings)
    left = Left()
    files = parts.divided(_found(paths, branch, folder, egress.of(settings), left, tracker), left, as_format)
    bring = partial(
        import_file.bring,
        filled=ImportDefaults(service, timezone),
        actor=SYSTEM,
        is_dry_run=dry_run,
        with_templates=with_templates,
    )
    try:
        counts = _brought(files, bring, dry_run, as_json)
    except OperationalError as error:
        raise Refusal(
            f"the database does not answer: {error.orig}; import again to go on from here"
        ) from None
    finally:
        db.disconnect()
    _show_left(left, as_json)
    told = f"{_in_words(counts)}{' (dry run: nothing was changed)' if dry_run else ''}"
    click.echo(told, err=as_json)
    if counts["failed"] or counts["conflict"]:
        sys.exit(2)


def _check(timezone: str, as_format: str) -> None:
    if timezone and timezone not in available_timezones():
        raise click.BadParameter(
            f"{timezone!r} is no zone; write one such as America/Los_Angeles", param_hint="--timezone"
        )
    try:
        parts.named(as_format)
    except Invalid as refusal:
        raise click.BadParameter(refusal.problems[0].detail, param_hint="--as") from None


def _brought(
    found: Iterator[ImportFile], bring: Callable[[ImportFile], Report], dry_run: bool, as_json: bool
) -> Counter[str]:
    """Bring the files in one by one, and show each; how many came to which result."""
    counts: Counter[str] = Counter()
    for file in found:
        report = bring(file)
        counts[report.result] += 1
        if as_json:
            click.echo(json.dumps(_as_json(file, report), ensure_ascii=False))
        else:
            _show(file, report, dry_run)
        _show_progress(counts.total())
    return counts


def _show_left(left: Left, as_json: bool) -> None:
    for name, reason in left.reasons.items() if as_json else ():
        told = {**_as_json(ImportFile(name), Report("left")), "detail": reason}
        click.echo(json.dumps(told, ensure_ascii=False))
    if str(left):
        click.echo(str(left), err=as_json)
    named = [] if as_json else left.named()
    for each in named[:MOST_LEFT]:
        click.echo(f"{BELOW}{each['file']}: {each['reason']}")
    if len(named) > MOST_LEFT:
        more = len(named) - MOST_LEFT + left.unnamed()
        those = f"the first {len(named):,} of them" if left.unnamed() else "each"
        click.echo(f"{BELOW}… and {more:,} more; --json names {those}")


def _as_json(file: ImportFile, report: Report) -> dict[str, Any]:
    """What came of a file, for a program."""
    understood = report.understood
    told = understood.as_json() if understood else {}
    return {
        "file": file.shown,
        "source": file.identity,
        "result": report.result,
        "slug": report.slug,
        "reader": told.get("reader", ""),
        "entries": told.get("entries", 0),
        "items": told.get("items", 0),
        "warnings": told.get("warnings", []),
        "detail": report.detail,
    }


def _in_words(counts: Counter[str]) -> str:
    said = ", ".join(f"{counts[result]} {result}" for result in ("new", "changed", "same", "failed"))
    said += f", {counts['conflict']} in conflict" if counts["conflict"] else ""
    templates = "template" if counts["template"] == 1 else "templates"
    return said + (f", {counts['template']} {templates} left out" if counts["template"] else "")


def _found(
    paths: tuple[str, ...], branch: str, folder: str, way_out: Egress, left: Left, tracker: Mapping[str, str]
) -> Iterator[ImportFile]:
    for given in paths:
        path = Path(given)
        try:
            if tracker_place.is_place(given):
                yield from _in_tracker(given, way_out, **tracker)
            elif REPOSITORY.match(given) or (path / "HEAD").is_file():
                yield from uploads.in_repository(
                    given, branch, folder, left, way_out=way_out, is_operator=True
                )
            elif path.is_dir():
                yield from folders.in_folder(path, left)
            elif path.suffix.lower() == ".zip":
                with path.open("rb") as zipped:
                    yield from zip_files.in_zip(zipped, given, left)
            else:
                yield files.in_file(path)
        except OSError as error:
            yield ImportFile(path.name, trouble=str(error.strerror or error), at=given)
        except Refusal as refusal:
            yield ImportFile(path.name, trouble=refusal.detail, at=given)


def _in_tracker(
    given: str, way_out: Egress, label: str, query: str, account: str, token_env: str
) -> Iterator[ImportFile]:
    """The reports of a tracker, by the token in a variable that the command names."""
    token = os.environ.get(token_env, "") if token_env else ""
    if not token:
        told = f"the variable {token_env} is not set" if token_env else "name the variable with the token"
        raise click.BadParameter(told, param_hint="--token-env")
    where = tracker_place.place_of(given, label=label, query=query, account=account)
    secret = tracker_request.checked(token)
    yield from tracker_files.in_tracker(where, secret, way_out=way_out, patience=Patience(WAITS_S))


def _show(file: ImportFile, report: Report, dry_run: bool) -> None:
    """One line for the file; below it what is odd, kept as it is, or differs."""
    understood = report.understood
    if understood is None:
        click.echo(f"{report.result:8} {report.detail}")
    else:
        entries = "1 entry" if understood.entries == 1 else f"{understood.entries} entries"
        items = "1 action item" if understood.items == 1 else f"{understood.items} action items"
        click.echo(f"{report.result:8} {file.shown} → {report.slug}: {entries}, {items}")
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
