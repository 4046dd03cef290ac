"""Reads the reports of a folder: a download of another tool as a whole, or file by file, zips in it too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from postmortems.errors import Refusal
from postmortems.exchange.imports import beside, files, zip_files
from postmortems.exchange.imports.archives import registry
from postmortems.exchange.imports.files import ImportFile, Left

# No download has more; a folder of any other kind may.
MOST_OF_A_DOWNLOAD = 20_000


def in_folder(folder: Path, left: Left) -> Iterator[ImportFile]:
    """The reports below a folder; `left` counts the other files. Raises `Refusal` for more than are taken."""
    names = sorted(islice(files.below_all(folder), MOST_OF_A_DOWNLOAD + 1))
    if len(names) <= MOST_OF_A_DOWNLOAD:
        download = registry.reports(str(folder), names, partial(files.below, folder), left)
        if download is not None:
            yield from download
            return
    for file in files.in_folder(folder, left):
        yield beside.gathered(file, partial(_beside, folder, left))
    zips = sorted(
        filter(files.is_zip, names if len(names) <= MOST_OF_A_DOWNLOAD else files.below_all(folder))
    )
    for name in zips:
        left.takes(name)
        yield from _in_zip(folder, name, left)
    yield from zip_files.missing_parts(str(folder), zips)


def _in_zip(folder: Path, name: str, left: Left) -> Iterator[ImportFile]:
    """The reports of a zip in the folder, as if it were unpacked beside itself."""
    at = str(folder / name)
    try:
        file = files.opened_below(folder, name)
        if file is not None:
            with file:
                yield from zip_files.in_zip_of_a_folder(file, name, at, left)
    except Refusal as refusal:
        yield ImportFile(name, trouble=refusal.detail, at=at)


def _beside(folder: Path, left: Left, path: str) -> bytes | None:
    content = files.below(folder, path)
    if content is not None:
        left.takes(path)
    return content
