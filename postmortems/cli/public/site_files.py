"""What `public export` writes: a folder that takes its place whole, or a zip."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from postmortems import setting_values as values
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.errors import Misconfigured, Refusal
from postmortems.formats import zip_stream

# By this file a folder is known to be ours, and may be replaced.
MARK = ".public-reports"


def run(folder: Path | None, zip_: Path | None, url: str) -> None:
    """Write it; the command says what. Raises `Refusal` and `Misconfigured`."""
    if (folder is None) == (zip_ is None):
        raise click.UsageError("name a folder, or a file with --zip")
    settings = Settings.from_env()
    if not settings.public_name:
        raise Misconfigured(
            "POSTMORTEMS_PUBLIC_NAME is not set; "
            "write the name under which reports appear, such as Example Cloud"
        )
    url = url and values.web_address("--url", url, "https://status.example.com/incidents")
    try:
        count = _into_folder(folder, _files(settings, url)) if folder else _into_zip(zip_, settings, url)
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}") from error
    finally:
        db.disconnect()
    click.echo(f"{count} files written")


def _files(settings: Settings, url: str) -> Iterator[tuple[str, bytes]]:
    # Imported only here: a wrong setting is told without the web's libraries.
    from postmortems.incidents.public_reports import site_pages
    from postmortems.web import application

    # Pages are made by the application. Nothing is signed here, so no key is missed.
    app = application.create_app(replace(settings, secret_key=settings.secret_key or "nothing is signed"))
    with app.app_context(), db.reading():
        yield from site_pages.files(site_pages.in_folder(settings.public_name, url))


def _into_zip(path: Path | None, settings: Settings, url: str) -> int:
    assert path is not None
    files = list(_files(settings, url))
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as out:
        out.writelines(zip_stream.zipped(iter(files)))
    fresh.replace(path)
    return len(files)


def _into_folder(folder: Path, files: Iterator[tuple[str, bytes]]) -> int:
    """Write beside the folder, then take its place: whoever reads meanwhile finds either whole."""
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise Refusal(
            f"{folder} holds something else: name a new or empty folder, which will be replaced whole"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.new")
    try:
        fresh.mkdir()
        count = _write(fresh, files)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return count


def _write(fresh: Path, files: Iterator[tuple[str, bytes]]) -> int:
    (fresh / MARK).write_text("Made by `postmortems public export`, and replaced whole by it.\n")
    count = 0
    for name, content in files:
        count += 1
        path = fresh / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return count


def _swap(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        os.rename(fresh, folder)
        return
    old = folder.with_name(f"{fresh.name.removesuffix('.new')}.old")
    os.rename(folder, old)
    try:
        os.rename(fresh, folder)
    except OSError:
        os.rename(old, folder)
        raise
    shutil.rmtree(old)
