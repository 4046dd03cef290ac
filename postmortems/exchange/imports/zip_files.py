"""Reads reports from a zip one at a time, within limits and without writing to disk.

What a zip says of itself is not believed: sizes are counted while it is read.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from postmortems import limits
from postmortems.errors import Invalid, Refusal
from postmortems.exchange.imports import beside
from postmortems.exchange.imports.files import (
    LINK,
    NOT_REGULAR,
    ImportFile,
    Left,
    below_their_folder,
    why_unsafe,
)

# A text is seldom packed to less than a hundredth; a megabyte of one letter is, and is no report.
TIMES, RATIO_MATTERS_FROM = limits.UNZIPPED_TIMES, limits.MB
# Everything in a zip, reports or not, before its list is even read into memory.
MOST_ENTRIES = 20_000
ENTRY_MARK = b"PK\x01\x02"
PIECE = 64 * 1024
IS_ENCRYPTED = 0x1
# What zipfile and zlib raise on damaged input, whichever part is damaged.
DAMAGED = (BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError)


class _TooMuch(Exception):
    """Why an entry is not read to its end."""


def in_zip(file: IO[bytes], at: str, left: Left) -> Iterator[ImportFile]:
    """The reports in a zip, in their order; `at` is the zip's own name, `left` counts the other files.

    Raises `Invalid` where it is none, or holds more than is taken. A bad entry is found with its trouble.
    """
    if _entries(file) > MOST_ENTRIES:
        raise Invalid(f"{at}: holds more than {MOST_ENTRIES:,} files")
    try:
        archive = ZipFile(file)
    except DAMAGED as error:
        raise Invalid(f"{at}: this is no zip, or a damaged one: {error}") from error
    with archive:
        yield from _found(archive, at, left)


def _entries(file: IO[bytes]) -> int:
    """At most how many entries the list at the end of a zip has, whatever the zip says."""
    file.seek(0)
    count, tail = 0, b""
    while piece := file.read(PIECE):
        count += (tail + piece).count(ENTRY_MARK)
        tail = piece[-3:]
    file.seek(0)
    return count


def _found(archive: ZipFile, at: str, others: Left) -> Iterator[ImportFile]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and _may_be_report(entry, others)]
    if len(entries) > limits.REPORTS:
        raise Invalid(f"{at}: holds more than {limits.REPORTS:,} reports")
    cut = below_their_folder(entry.filename for entry in entries)
    all_of_them = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
    seen: set[str] = set()
    left = limits.UNZIPPED

    def fetch(path: str) -> bytes | None:
        nonlocal left
        found = all_of_them.get(f"{entry.filename[:cut]}{path}")
        if found is None:
            return None
        others.takes(found.filename)
        inside, trouble = _content(archive, found, left)
        left -= len(inside)
        if trouble:
            raise Refusal(trouble)
        return inside

    for entry in entries:
        name, where = entry.filename[cut:], f"{at}: {entry.filename}"
        trouble = "its name stands in the zip twice" if entry.filename in seen else ""
        seen.add(entry.filename)
        content = b""
        if not trouble:
            content, trouble = _content(archive, entry, left)
            left -= len(content)
        yield beside.gathered(ImportFile(name, content, trouble, where), fetch)


def _content(archive: ZipFile, entry: ZipInfo, left: int) -> tuple[bytes, str]:
    """The bytes of an entry, or why there are none."""
    if trouble := _why_not(entry):
        return b"", trouble
    try:
        return _read(archive, entry, left), ""
    except _TooMuch as reason:
        return b"", str(reason)
    except (*DAMAGED, RuntimeError) as error:
        return b"", f"damaged: {error}"


def _may_be_report(entry: ZipInfo, others: Left) -> bool:
    """Whether to say anything about an entry: a report, or what hides as one or holds some."""
    name = entry.orig_filename.replace("\\", "/")
    return name.lower().endswith(".zip") or others.wants(
        name.replace("\0", "").lstrip("/").replace("../", "")
    )


def _why_not(entry: ZipInfo) -> str:
    """What keeps an entry out, before any of it is read."""
    if unsafe := why_unsafe(entry.orig_filename):
        return unsafe
    if entry.filename.lower().endswith(".zip"):
        return "a zip in a zip is not opened"
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        return LINK
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return NOT_REGULAR
    if entry.flag_bits & IS_ENCRYPTED:
        return "encrypted; take the password off the zip"
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return f"packed in a way that is not read (method {entry.compress_type}); use an ordinary zip"
    return ""


def _read(archive: ZipFile, entry: ZipInfo, left: int) -> bytes:
    """The bytes of an entry, as far as anything is allowed to grow."""
    most = min(limits.REPORT, left)
    content = bytearray()
    with archive.open(entry) as stream:
        while piece := stream.read(PIECE):
            content += piece
            if len(content) > RATIO_MATTERS_FROM and len(content) > TIMES * entry.compress_size:
                raise _TooMuch(f"grows to more than {TIMES} times its size, which no report does")
            if len(content) > most:
                raise _TooMuch(
                    f"larger than {limits.in_mb(limits.REPORT)}, which no postmortem is"
                    if most == limits.REPORT
                    else f"the zip holds more than {limits.in_mb(limits.UNZIPPED)}"
                )
    return bytes(content)
