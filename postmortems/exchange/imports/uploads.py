"""Uploads to import: files, folders, zips, pasted text, repositories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from postmortems import limits
from postmortems.document.markdown import parser
from postmortems.document.readers import registry as readers_registry
from postmortems.document.times import timeline_times
from postmortems.egress.client import Egress
from postmortems.errors import Refusal
from postmortems.exchange.git import read
from postmortems.exchange.git.read import InGit
from postmortems.exchange.imports import beside, zip_files
from postmortems.exchange.imports.files import (
    LONGEST_NAME,
    ImportFile,
    Left,
    below_their_folder,
    why_unsafe,
)
from postmortems.incidents import slugs


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
    if is_folder:
        uploads = [upload for upload in uploads if left.wants(upload.name)]
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
        if name.lower().endswith(".zip"):
            yield from zip_files.in_zip(upload.file, name.rpartition("/")[2], left)
        elif trouble := why_unsafe(name) or _why_no_report(name):
            yield ImportFile(name, trouble=trouble)
        else:
            file = ImportFile(name, upload.file.read(limits.REPORT + 1))
            yield beside.gathered(file, fetch) if is_folder else file


def _why_no_report(name: str) -> str:
    ending = name.rpartition("/")[2].rpartition(".")
    if ending[0] and not name.lower().endswith(readers_registry.ENDINGS):
        return f"cannot be read; files end in {', '.join(readers_registry.ENDINGS)}"
    return ""


def pasted(name: str, text: str) -> ImportFile:
    """A text as the file that it would be; without a name, the one that its date and title give."""
    content = text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    if not name and len(content) <= limits.REPORT:
        document = parser.parse(text)
        day = timeline_times.incident_date(document)
        name = f"{slugs.slug_for(document.title, day)}.md"
    name = name or "text.md"
    return ImportFile(name[:LONGEST_NAME], content, why_unsafe(name) or _why_no_report(name))


def in_repository(
    place: str, branch: str, folder: str, left: Left, *, way_out: Egress, is_operator: bool = False
) -> Iterator[ImportFile]:
    """The reports of a git repository at the tip of a branch. Raises `Invalid`, `Refusal`, `Unavailable`."""
    found = read.files(
        place, branch, wanted=left.wants, way_out=way_out, folder=folder, is_operator=is_operator
    )
    for file in found:
        report = ImportFile(file.name, file.content, file.trouble, f"{place}: {file.name}")
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


def everything(*parts: Iterable[ImportFile]) -> Iterator[ImportFile]:
    """What was given in several ways, one after the other."""
    for part in parts:
        yield from part
