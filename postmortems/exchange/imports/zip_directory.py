"""The list at the end of a zip, and a zip that lies in another one unpacked: read where it is.

Formats: PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header) and 4.3.12 to 4.3.16 (the list, and its end
in both widths).
"""

from __future__ import annotations

import io
import struct
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_STORED, ZipInfo

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LOCAL, LOCAL_MARK = struct.Struct("<4s22xHH"), b"PK\x03\x04"
END, END_MARK = struct.Struct("<4s8xLLH"), b"PK\x05\x06"
LOCATOR, LOCATOR_MARK = struct.Struct("<4s4xQ4x"), b"PK\x06\x07"
END_64, END_64_MARK = struct.Struct("<4s36xQ8x"), b"PK\x06\x06"
ENTRY_MARK = b"PK\x01\x02"
# A comment of 65,535 bytes may stand behind the end.
LONGEST_END = END.size + 0xFFFF
PIECE = 64 * 1024
IS_ENCRYPTED = 0x1


def is_cut_off(file: IO[bytes]) -> bool:
    """Whether a file begins as a zip and has no list at its end, as a download that broke off."""
    file.seek(0)
    begins = file.read(len(LOCAL_MARK)) == LOCAL_MARK
    return begins and _end(file) is None


def count(file: IO[bytes]) -> int:
    """At most how many entries the list of a zip has, whatever the zip says; 0 where there is no list.

    Only the list is looked at: zips that lie in the zip have lists of their own.
    """
    found = _end(file)
    if found is None:
        return 0
    start, size = found
    file.seek(start)
    entries, tail = 0, b""
    while size > 0 and (piece := file.read(min(PIECE, size))):
        entries += (tail + piece).count(ENTRY_MARK)
        tail, size = piece[-3:], size - len(piece)
    return entries


def _end(file: IO[bytes]) -> tuple[int, int] | None:
    """Where the list begins, and how long it is, as `zipfile` takes them; None where no end says so."""
    length = file.seek(0, io.SEEK_END)
    file.seek(max(0, length - LONGEST_END))
    tail = file.read(LONGEST_END)
    # In this order: what we count has to be the list that is read then.
    at = max(0, len(tail) - END.size)
    if not (tail.startswith(END_MARK, at) and tail.endswith(b"\0\0")):
        at = tail.rfind(END_MARK)
    if at < 0 or len(tail) - at < END.size:
        return None
    _, size, _, _ = END.unpack_from(tail, at)
    end = length - len(tail) + at
    wide = _end_64(file, end)
    end, size = wide if wide else (end, size)
    return (end - size, size) if size <= end else None


def _end_64(file: IO[bytes], end: int) -> tuple[int, int] | None:
    """The same of the end of a ZIP64, which stands before the other."""
    if end < LOCATOR.size + END_64.size:
        return None
    file.seek(end - LOCATOR.size)
    mark, _ = LOCATOR.unpack(file.read(LOCATOR.size))
    if mark != LOCATOR_MARK:
        return None
    start = end - LOCATOR.size - END_64.size
    file.seek(start)
    mark, size = END_64.unpack(file.read(END_64.size))
    return (start, size) if mark == END_64_MARK else None


class Window(io.RawIOBase):
    """Some bytes of a file as a file of their own."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer).cast("B")
        self._file.seek(self._start + self._at)
        piece = self._file.read(max(0, min(len(room), self._size - self._at)))
        room[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def window(file: IO[bytes], info: ZipInfo) -> IO[bytes] | None:
    """The bytes of an entry that was put into its zip as it is; None for one that has to be unpacked."""
    if info.compress_type != ZIP_STORED or info.flag_bits & IS_ENCRYPTED:
        return None
    file.seek(info.header_offset)
    header = file.read(LOCAL.size)
    if len(header) < LOCAL.size:
        return None
    mark, name, extra = LOCAL.unpack(header)
    start = info.header_offset + LOCAL.size + name + extra
    if mark != LOCAL_MARK or start + info.compress_size > file.seek(0, io.SEEK_END):
        return None
    return io.BufferedReader(Window(file, start, info.compress_size))
