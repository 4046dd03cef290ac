"""Uploads to import: files, folders, zips, pasted text, repositories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from postmortems import limits
from postmortems.document.markdown import parser
from postmortems.document.times import timeline_times
from postmortems.egress.client import Egress
from postmortems.errors import Refusal
from postmortems.exchange.imports import beside, parts, zip_files
from postmortems.exchange.imports.archives import registry
from postmortems.exchange.imports.files import (
    LONGEST_NAME,
    ImportFile,
    Left,
    below_their_folder,
    is_zip,
    most_of,
    why_unsafe,
)
from postmortems.incidents import slugs

# What speaks git not with the application: it takes memory that few processes ever need.
if TYPE_CHECKING:
    from postmortems.exchange.git.read import InGit


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser or a pipeline sent it; `name` may hold folders, `/` between them."""

    name: str
    file: IO[bytes]


def uploaded(uploads: Sequence[Upload], left: Left, *, is_folder: bool = False) -> Iterator[ImportFile]:
    """The files that were sent, and those in the zips among them; of a folder only the reports.

    `left` counts the other files of folders and zips.
    """
    all_of_them = {upload.name: upload for upload in uploads} if is_folder else {}
    if is_folder and (download := _download(all_of_them, left)):
        yield from download
        return
    if is_folder:
        uploads = [upload for upload in uploads if is_zip(upload.name) or left.wants(upload.name)]
    cut = below_their_folder(upload.name for upload in uploads) if is_folder else 0

    def fetch(path: str) -> bytes | None:
        found = all_of_them.get(f"{uploads[0].name[:cut]}{path}")
        if found is None:
            return None
        left.takes(found.name)
        found.file.seek(0)
        return found.file.read(limits.REPORT + 1)

    for upload in uploads:
        name = upload.name[cut:]
        if is_folder and is_zip(name) and not why_unsafe(name):
            yield from zip_files.in_zip_of_a_folder(upload.file, name, name, left)
        elif name.lower().endswith(".zip"):
            yield from zip_files.in_zip(upload.file, name.rpartition("/")[2], left)
        elif trouble := why_unsafe(name):
            yield ImportFile(name, trouble=trouble)
        else:
            file = ImportFile(name, upload.file.read(most_of(name) + 1), is_guess=is_folder)
            yield beside.gathered(file, fetch) if is_folder else file
    if is_folder:
        yield from zip_files.missing_parts("the folder", [upload.name[cut:] for upload in uploads])


def _download(uploads: Mapping[str, Upload], left: Left) -> Iterator[ImportFile] | None:
    """The reports of the download of another tool that a folder is; None for any other folder."""
    safe = [name for name in uploads if not why_unsafe(name)]
    cut = below_their_folder(safe)
    by_name = {name[cut:]: uploads[name] for name in safe}

    def fetch(name: str) -> bytes | None:
        if (upload := by_name.get(name)) is None:
            return None
        upload.file.seek(0)
        return upload.file.read(most_of(name) + 1)

    return registry.reports(
        next(iter(safe), "")[: cut - 1] if cut else "the folder", list(by_name), fetch, left
    )


def pasted(name: str, text: str) -> ImportFile:
    """A text as the file that it would be; without a name, the one that its date and title give."""
    content = text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    if not name and len(content) <= limits.REPORT:
        document = parser.parse(text)
        day = timeline_times.incident_date(document)
        name = f"{slugs.slug_for(document.title, day)}.md"
    name = name or "text.md"
    return ImportFile(name[:LONGEST_NAME], content, why_unsafe(name))


def in_repository(
    place: str, branch: str, folder: str, left: Left, *, way_out: Egress, is_operator: bool = False
) -> Iterator[ImportFile]:
    """The reports of a git repository at the tip of a branch. Raises `Invalid`, `Refusal`, `Unavailable`."""
    from postmortems.exchange.git import read

    found = read.files(
        place, branch, wanted=left.wants, way_out=way_out, folder=folder, is_operator=is_operator
    )
    for file in found:
        report = ImportFile(file.name, file.content, file.trouble, f"{place}: {file.name}", is_guess=True)
        yield beside.gathered(report, beside_in_git(file, left))


def beside_in_git(file: InGit, left: Left) -> beside.Fetch:
    """What reads other files of the commit that a file is of."""

    def fetch(path: str) -> bytes | None:
        found = file.fetch(path) if file.fetch else None
        if found is None:
            return None
        if found.trouble:
            raise Refusal(found.trouble)
        left.takes(path)
        return found.content

    return fetch


def everything(*ways: Iterable[ImportFile], left: Left, as_format: str = "") -> Iterator[ImportFile]:
    """The reports of what was given in several ways, one after the other, said to be of `as_format`."""
    for way in ways:
        yield from parts.divided(way, left, as_format)
