"""`import`: files and folders of postmortems in, again and again. `export` is in `exporting`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from zoneinfo import available_timezones

import click
from sqlalchemy.exc import SQLAlchemyError

from postmortems import db
from postmortems.actor import Actor
from postmortems.cli.opening import connect
from postmortems.config import Settings
from postmortems.document import readers
from postmortems.errors import Invalid, Refusal, Stale
from postmortems.gate import importing

# In a folder of reports these are about the folder, and text files are anything.
NOT_REPORTS = frozenset({"readme", "index", "contributing", "template"})
NOT_IN_FOLDERS = (".txt", ".text")
# Folders whose names begin like those that are made or hidden, and hold reports all the same.
KEPT_FOLDERS = frozenset({"_posts", "_drafts"})
SYSTEM = Actor.system("cli")
LONGEST_DIFF = 40


@dataclass(frozen=True, slots=True)
class Found:
    """A file to import, and the name it is known by: its path below the folder that was given."""

    path: Path
    name: str


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option(
    "--service", default="", metavar="NAME", help="The service that was hit, where a file names none."
)
@click.option("--timezone", default="", metavar="ZONE", help="The zone of times, where a file states none.")
def import_(paths: tuple[Path, ...], dry_run: bool, service: str, timezone: str) -> None:
    """Bring postmortems in: files, or folders of them.

    \b
    Example:
      python -m postmortems import incidents/ --service data8 --timezone America/Los_Angeles

    Importing again changes only what changed; what was edited here meanwhile is kept, and where both changed
    the same lines, nothing is. One line a file says what came of it; a file that cannot be imported does not
    stop the others, and the exit code is 2. `export` gives every file back as it came.
    """
    if timezone and timezone not in available_timezones():
        raise click.BadParameter(
            f"{timezone!r} is no zone; write one such as America/Los_Angeles", param_hint="--timezone"
        )
    connect(Settings.from_env())
    counts: Counter[str] = Counter()
    try:
        for found in _files(paths):
            result = _import_one(found, dry_run, service, timezone)
            counts[result] += 1
    finally:
        db.disconnect()
    said = ", ".join(f"{counts[result]} {result}" for result in ("new", "changed", "same", "failed"))
    click.echo(f"{said}{' (dry run: nothing was changed)' if dry_run else ''}")
    if counts["failed"]:
        sys.exit(2)


def _files(paths: tuple[Path, ...]) -> Iterator[Found]:
    for path in paths:
        if not path.is_dir():
            yield Found(path, path.name)
            continue
        below = (file.relative_to(path) for file in path.rglob("*") if file.is_file())
        for relative in sorted(below, key=lambda file: file.as_posix()):
            if _is_report(relative):
                yield Found(path / relative, relative.as_posix())


def _is_report(relative: Path) -> bool:
    name = relative.name.lower()
    ending = next((each for each in readers.ENDINGS if name.endswith(each)), None)
    if ending is None or ending in NOT_IN_FOLDERS or name.removesuffix(ending) in NOT_REPORTS:
        return False
    return not any(part.startswith((".", "_")) for part in relative.parts if part not in KEPT_FOLDERS)


def _import_one(found: Found, dry_run: bool, service: str, timezone: str) -> str:
    """Import one file in a unit of work of its own, tell what came of it, and return the result."""
    try:
        content = _content(found.path)
        try:
            document = readers.read(found.name, content)
        except Invalid as refusal:
            raise Invalid(refusal.detail.replace(found.name, str(found.path), 1)) from refusal
        db.begin()
        is_done = False
        try:
            came = importing.import_document(
                document, found.name, actor=SYSTEM, content=content, service=service, timezone=timezone
            )
            is_done = True
        finally:
            db.finish(keep=is_done and not dry_run)
    except (Refusal, SQLAlchemyError) as refusal:
        line = " ".join(str(refusal).split())
        click.echo(f"failed   {line if str(found.path) in line else f'{found.path}: {line}'}")
        if isinstance(refusal, Stale):
            _show_both(refusal)
        return "failed"
    click.echo(
        f"{came.result:8} {found.path} → {came.slug}: {came.entries} entries, {came.items} action items"
    )
    if came.result != "same":
        for odd in came.odd:
            click.echo(f"         odd: {odd}")
    return came.result


def _content(path: Path) -> bytes:
    if path.suffix and not path.name.lower().endswith(readers.ENDINGS):
        raise Refusal(f"{path}: cannot be read; files end in {', '.join(readers.ENDINGS)}")
    try:
        with path.open("rb") as file:
            return file.read(readers.LARGEST + 1)
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror or error}") from error


def _show_both(conflict: Stale) -> None:
    """What is stored and what the file says, where they differ."""
    texts = conflict.theirs.splitlines(), conflict.mine.splitlines()
    lines = list(unified_diff(*texts, "stored here", "in the file", n=1, lineterm=""))
    for line in lines[:LONGEST_DIFF]:
        click.echo(f"         {line}")
    if len(lines) > LONGEST_DIFF:
        click.echo(f"         … {len(lines) - LONGEST_DIFF} more lines")
