"""A space of Confluence as its HTML export: the pages that read as reports, by their ids, with pictures.

`index.html` tells which page stands below which. No link is followed, so pages that link in circles are read
once each; what is beside a page comes from its folder of attachments.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from postmortems.document.readers.confluence import forms, page, space
from postmortems.errors import Invalid, Refusal
from postmortems.exchange.imports import beside
from postmortems.exchange.imports.archives.archive import Archive, ArchiveKind
from postmortems.exchange.imports.files import ImportFile

FORMAT = "confluence"
INDEX = "index.html"
# So many pages tell what a download is, where it has no list of them.
ASKED = 3
LIST = "the list of the space's pages"


def is_it(archive: Archive) -> bool:
    """Whether the files are an exported space: a page in it is one of Confluence's."""
    pages = [name for name in archive.names if forms.NUMBERED.fullmatch(name)]
    asked = [INDEX, *islice(pages, ASKED)] if pages else []
    return any(name in archive.names and page.is_page(_text(archive, name)) for name in asked)


def reports(archive: Archive) -> Iterator[ImportFile]:
    """The pages that read as reports, in the order of the space; why the others do not is told."""
    if INDEX in archive.names:
        tree = space.pages(_text(archive, INDEX))
        archive.leaves(INDEX, LIST)
    else:
        tree = {}
    named = [name for name in archive.names if name.endswith(".html") and name != INDEX]
    known = set(named)
    for name in [*(name for name in tree if name in known), *(name for name in named if name not in tree)]:
        if file := _report(archive, name, tree.get(name, "")):
            yield file


def _report(archive: Archive, name: str, above: str) -> ImportFile | None:
    at = f"{archive.at}: {name}"
    try:
        content = archive.read(name) or b""
    except Refusal as refusal:
        return ImportFile(name, trouble=refusal.detail, at=at, format=FORMAT)
    text = content.decode("utf-8", "replace")
    file = ImportFile(name, content, at=at, format=FORMAT, identity=forms.identity(name, text))
    try:
        page.refuse_cut_off(text)
    except Invalid:
        # Whatever it was to be: it says so itself where it is read.
        return file
    if reason := space.why_no_report(text):
        archive.leaves(name, f"{reason}; it stands below {above}" if above else reason)
        return None
    return beside.gathered(file, archive.read)


def _text(archive: Archive, name: str) -> str:
    try:
        return (archive.read(name) or b"").decode("utf-8", "replace")
    except Refusal:
        return ""


KIND = ArchiveKind(FORMAT, is_it, reports)
