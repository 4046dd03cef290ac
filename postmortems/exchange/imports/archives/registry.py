"""Registry of archives: the kinds of download that are recognised as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from postmortems.exchange.imports.archives import archive as archives
from postmortems.exchange.imports.archives import confluence
from postmortems.exchange.imports.archives.archive import Archive, ArchiveKind
from postmortems.exchange.imports.archives.notion import download as notion
from postmortems.exchange.imports.files import ImportFile, Left

# Adding a kind is adding a row; the first that recognises an archive has it.
KINDS: tuple[ArchiveKind, ...] = (confluence.KIND, notion.KIND)


def reports(
    at: str, names: Sequence[str], fetch: Callable[[str], bytes | None], left: Left
) -> Iterator[ImportFile] | None:
    """The reports of the download that these files are; None where they are no download of a known kind."""
    archive = Archive(at, tuple(names), fetch, left)
    kind = next((each for each in KINDS if each.is_it(archive)), None)
    archive.seen.clear()
    return archives.reports(archive, kind) if kind else None
