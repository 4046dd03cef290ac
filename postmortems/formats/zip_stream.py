"""Writes a zip while it is being sent, holding one file at a time.

The same files give the same bytes: dates are fixed, and nothing tells of the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import RawIOBase
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# The first date that a zip can say.
DAY_ONE = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16
UNIX = 3
# Pieces smaller than this cost more to hand over than to hold.
PIECE = 64 * 1024


class _Waiting(RawIOBase):
    """What the zip has written and nobody has taken yet. It cannot be wound back, and the zip knows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, part: bytes, /) -> int:  # type: ignore[override]
        self._parts.append(bytes(part))
        self.size += len(part)
        return len(part)

    def taken(self) -> bytes:
        parts, self._parts, self.size = self._parts, [], 0
        return b"".join(parts)


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The zip of these files, each its path and bytes, piece by piece and in their order."""
    waiting = _Waiting()
    with ZipFile(waiting, "w", ZIP_DEFLATED) as archive:
        for path, data in files:
            about = ZipInfo(path, DAY_ONE)
            about.compress_type, about.external_attr, about.create_system = ZIP_DEFLATED, READABLE, UNIX
            archive.writestr(about, data)
            if waiting.size >= PIECE:
                yield waiting.taken()
    yield waiting.taken()
