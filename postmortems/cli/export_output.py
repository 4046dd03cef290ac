"""What `export` writes and says: files in a folder or zip, or a comparison with one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.cli.database import connect
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.errors import Refusal
from postmortems.exchange.exports import export
from postmortems.exchange.exports.export import File
from postmortems.formats import zip_stream
from postmortems.incidents.queries import Filters

SYSTEM = Actor.system("cli")


def run(
    folder: Path | None,
    style: str | None,
    layout: str | None,
    form: str | None,
    status: str | None,
    service: str,
    year: int | None,
    drafts: bool,
    restricted: bool,
    zip_: Path | None,
    check: bool,
) -> None:
    """Do it; the command says what. Raises `Refusal` and `Misconfigured`."""
    _refuse_unclear((folder, zip_), style, layout, form, check)
    connect(Settings.from_env())
    filters = Filters(service=service, status=status or "", year=year)
    try:
        with visibility.seen_by(visibility.EVERYTHING if restricted else visibility.NOBODY):
            files = _formatted(form, filters, drafts) if form else _files(filters, style, layout, drafts)
            different = _zipped(zip_, files) if zip_ else _written(folder or Path(), files, check)
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}") from error
    finally:
        db.disconnect()
    click.echo(f"{different} {'to write' if check else 'written'}")
    if check and different:
        sys.exit(1)


def _refuse_unclear(
    into: tuple[Path | None, Path | None],
    style: str | None,
    layout: str | None,
    form: str | None,
    check: bool,
) -> None:
    folder, zip_ = into
    if (folder is None) == (zip_ is None):
        raise click.UsageError("name a folder, or a file with --zip")
    if check and zip_:
        raise click.UsageError("--check compares with a folder, not with a zip")
    if layout and style == "source":
        raise click.UsageError("--style source gives files back as they came; --layout writes others")
    if form and (style or layout):
        raise click.UsageError("--style and --layout are for Markdown, not for --format")


def _formatted(form: str, filters: Filters, drafts: bool) -> Iterator[File]:
    # Imported only here: the pages that it makes files of take the web's libraries.
    from postmortems.cli import export_formats

    for path, content in export_formats.files(form, filters, drafts, Settings.from_env()):
        yield File(path, content)


def _files(filters: Filters, style: str | None, layout: str | None, drafts: bool) -> Iterator[File]:
    wanted = export.layout_of(style or "", layout or "")
    return export.files(filters, actor=SYSTEM, layout=wanted, drafts=drafts)


def _written(folder: Path, files: Iterator[File], check: bool) -> int:
    """Write the files that are not there so; how many that were, or would be."""
    different = 0
    for file in files:
        path = folder / file.path
        if _bytes(path) == file.content:
            continue
        different += 1
        click.echo(f"{'differs' if check else 'written'}  {path}")
        if not check:
            _write(folder, path, file.content)
    if not check:
        folder.mkdir(parents=True, exist_ok=True)
    return different


def _zipped(path: Path, files: Iterator[File]) -> int:
    written = 0

    def counted() -> Iterator[tuple[str, bytes]]:
        nonlocal written
        for file in files:
            written += 1
            yield file.path, file.content

    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as out:
        out.writelines(zip_stream.zipped(counted()))
    fresh.replace(path)
    return written


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write(folder: Path, path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise Refusal(f"{path}: a link in the folder leads out of it; nothing is written there")
    # Beside it first, then in its place: a full disk or a kill leaves the old file, not half of a new one.
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
