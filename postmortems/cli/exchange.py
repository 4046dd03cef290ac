"""`import` and `export`: a folder of postmortems in and out, again and again."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

import click
from sqlalchemy.exc import SQLAlchemyError

from postmortems import db
from postmortems.actor import Actor
from postmortems.cli.document import Unreadable, text_of
from postmortems.cli.opening import connect
from postmortems.config import Settings
from postmortems.document import markdown
from postmortems.errors import Refusal
from postmortems.gate import annotating, importing
from postmortems.incidents import exchange, queries

SUFFIXES = frozenset({".md", ".qmd", ".markdown"})
# In a folder of reports these are about the folder.
NOT_REPORTS = frozenset({"readme", "index", "contributing", "template"})
SYSTEM = Actor.system("cli")


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
    """Bring postmortems in: Markdown and Quarto files, or folders of them.

    \b
    Example:
      python -m postmortems import incidents/ --service data8 --timezone America/Los_Angeles

    Importing again changes only what changed. One line a file says what came of it; a file that cannot be
    imported does not stop the others, and the exit code is 2.
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


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--style", type=click.Choice(["canonical"]), default="canonical", help="How files are laid out."
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file differs or is missing.")
def export(folder: Path, style: str, check: bool) -> None:
    """Write every postmortem to DIR as <slug>.md, where it is not written so already.

    \b
    Example:
      python -m postmortems export incidents/
      python -m postmortems export incidents/ --check      in CI: exit 1 if the folder is behind

    Other files in DIR are left alone.
    """
    connect(Settings.from_env())
    different = 0
    try:
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
        for slug, text in _texts():
            path = folder / f"{slug}.md"
            if _bytes(path) == text:
                continue
            different += 1
            click.echo(f"{'differs' if check else 'written'}  {path}")
            if not check:
                _write(path, text)
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}") from error
    finally:
        db.disconnect()
    click.echo(f"{different} {'to write' if check else 'written'}")
    if check and different:
        sys.exit(1)


def _files(paths: tuple[Path, ...]) -> Iterator[Found]:
    for path in paths:
        if not path.is_dir():
            yield Found(path, path.name)
            continue
        below = (file.relative_to(path) for file in path.rglob("*") if file.is_file())
        for relative in sorted(below, key=lambda file: file.as_posix()):
            hidden = any(part.startswith((".", "_")) for part in relative.parts)
            if (
                relative.suffix.lower() in SUFFIXES
                and not hidden
                and relative.stem.lower() not in NOT_REPORTS
            ):
                yield Found(path / relative, relative.as_posix())


def _import_one(found: Found, dry_run: bool, service: str, timezone: str) -> str:
    """Import one file in a unit of work of its own, tell what came of it, and return the result."""
    try:
        if found.path.suffix.lower() not in SUFFIXES:
            raise Unreadable(f"{found.path}: not Markdown; files end in {', '.join(sorted(SUFFIXES))}")
        document = markdown.parse(text_of(found.path, str(found.path)), name=found.name)
        db.begin()
        is_done = False
        try:
            came = importing.import_document(
                document, found.name, actor=SYSTEM, service=service, timezone=timezone
            )
            is_done = True
        finally:
            db.finish(keep=is_done and not dry_run)
    except (Refusal, Unreadable, SQLAlchemyError) as refusal:
        line = " ".join(str(refusal).split())
        click.echo(f"failed   {line if str(found.path) in line else f'{found.path}: {line}'}")
        return "failed"
    click.echo(
        f"{came.result:8} {found.path} → {came.slug}: {came.entries} entries, {came.items} action items"
    )
    if came.result != "same":
        for odd in came.odd:
            click.echo(f"         odd: {odd}")
    return came.result


def _texts() -> Iterator[tuple[str, bytes]]:
    """Each incident's slug and Markdown; every incident in a unit of its own, so that none is held long."""
    with db.reading():
        slugs = queries.all_slugs()
    for slug in slugs:
        with db.reading():
            document = annotating.annotated(exchange.to_document(queries.by_slug(slug, SYSTEM)))
        yield slug, markdown.write(document).encode()


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(path: Path, text: bytes) -> None:
    # Beside it first, then in its place: a full disk or a kill leaves the old file, not half of a new one.
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(text)
    fresh.replace(path)
