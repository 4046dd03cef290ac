"""An archive: the files of a zip or folder by their names, and what a kind of download is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from postmortems.exchange.imports.files import ImportFile, Left, is_hidden, why_left

NOT_OURS = "belongs to no report of the download"


@dataclass(slots=True)
class Archive:
    """`at` is its own name, `names` the paths of its files, without a folder that all stand in."""

    at: str
    names: tuple[str, ...]
    # A file by its path; None where there is none. Raises `Refusal` with why it is not read.
    fetch: Callable[[str], bytes | None]
    left: Left
    # What was read, or told to be left: all other files are counted in the end.
    seen: set[str] = field(default_factory=set)

    def read(self, name: str) -> bytes | None:
        """The bytes of a file. Raises `Refusal` with why there are none."""
        self.seen.add(name)
        return self.fetch(name)

    def leaves(self, name: str, reason: str) -> None:
        """Tell why a file makes no report."""
        self.seen.add(name)
        self.left.leaves(name, reason)


@dataclass(frozen=True, slots=True)
class ArchiveKind:
    """A kind of download: what recognises one, and its reports. `name` is the format's."""

    name: str
    is_it: Callable[[Archive], bool]
    reports: Callable[[Archive], Iterator[ImportFile]]


def reports(archive: Archive, kind: ArchiveKind) -> Iterator[ImportFile]:
    """The reports of a download; every other file is counted among those left, with the reason."""
    yield from kind.reports(archive)
    for name in archive.names:
        if name not in archive.seen and not is_hidden(name):
            archive.left.leaves(name, why_left(name) or NOT_OURS)
