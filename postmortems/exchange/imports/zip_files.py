"""Reads reports from a zip, and from zips in it, one at a time and within limits.

What a zip says of itself is not believed: sizes are counted while it is read.
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from tempfile import SpooledTemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from postmortems import limits
from postmortems.errors import Invalid, Refusal
from postmortems.exchange.imports import beside, zip_directory
from postmortems.exchange.imports.archives import registry
from postmortems.exchange.imports.files import (
    LINK,
    NOT_REGULAR,
    ImportFile,
    Left,
    below_their_folder,
    most_of,
    why_unsafe,
)

# A text is seldom packed to less than a hundredth; a megabyte of one letter is, and is no report.
TIMES, RATIO_MATTERS_FROM = limits.UNZIPPED_TIMES, limits.MB
# Everything in a zip, reports or not, before its list is even read into memory.
MOST_ENTRIES = 20_000
IN_PARTS = "import it in parts, a zip or a folder each"
PIECE = 64 * 1024
# How much of a zip in a zip is held in memory; the rest is on disk while it is read.
SPOOLED = 8 * limits.MB
IS_ENCRYPTED = 0x1
# A part of a download that was packed in several, as Notion names them.
PART = re.compile(r"(?P<before>.*-Part-)(?P<number>[1-9]\d{0,2})\.zip", re.IGNORECASE)
MISSING = "this part of the download is not in the zip: download it again, and give all its parts as one zip"
MOST_MISSING = 10
UNPACK_OUTER = "unpack the outer zip, and give what is in it"
CUT_OFF = "it breaks off before the list at its end; download it again"
# What zipfile and zlib raise on damaged input, whichever part is damaged.
DAMAGED = (BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError)


class _TooMuch(Exception):
    """Why an entry is not read to its end."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in a zip, or in a zip in that; `name` is its path in all of it."""

    zip: ZipFile
    info: ZipInfo
    name: str


class _Contents:
    """What a zip holds, zips in it opened: a download of several parts is one."""

    def __init__(self, at: str, opened: ExitStack) -> None:
        self.at = at
        self.entries: list[_Entry] = []
        self.troubles: list[ImportFile] = []
        self.bytes_left = limits.UNZIPPED
        self._opened = opened

    def add(self, file: IO[bytes], prefix: str = "", *, is_inner: bool = False) -> None:
        """Add the files of a zip. Raises `Invalid` where it is none, or holds more than is taken."""
        if zip_directory.count(file) + len(self.entries) > MOST_ENTRIES:
            raise Invalid(f"{self.at}: holds more than {MOST_ENTRIES:,} files; {IN_PARTS}")
        try:
            archive = self._opened.enter_context(ZipFile(file))
        except DAMAGED as error:
            said = CUT_OFF if zip_directory.is_cut_off(file) else str(error)
            raise Invalid(f"{self.at}: this is no zip, or a damaged one: {said}") from error
        inside = [info for info in archive.infolist() if not info.is_dir()]
        zips = [] if is_inner else [info for info in inside if _is_zip(info)]
        self.entries += [_Entry(archive, info, prefix + info.filename) for info in inside if info not in zips]
        for info in zips:
            self._add_inner(file, _Entry(archive, info, info.filename), is_part=len(zips) == len(inside))
        self.troubles += missing_parts(self.at, [info.filename for info in zips])

    def _add_inner(self, file: IO[bytes], entry: _Entry, *, is_part: bool) -> None:
        """Open a zip in the zip, where it lies if it is not packed once more: a download may have gigabytes.

        What is wrong with it is told of it, and the others are read.
        """
        where = f"{self.at}: {entry.name}"
        trouble = _why_not(entry.info, is_inner=False)
        try:
            if trouble:
                raise _TooMuch(trouble)
            inner = zip_directory.window(file, entry.info) or self._unpacked(entry)
            self.add(inner, "" if is_part else f"{entry.name[:-4]}/", is_inner=True)
        except (_TooMuch, Invalid) as reason:
            said = str(reason).removeprefix(f"{self.at}: ")
            self.troubles.append(ImportFile(entry.name, trouble=said, at=where))
        except (*DAMAGED, RuntimeError) as error:
            self.troubles.append(ImportFile(entry.name, trouble=f"damaged: {error}", at=where))

    def _unpacked(self, entry: _Entry) -> IO[bytes]:
        if entry.info.file_size > limits.UNZIPPED:
            raise _TooMuch(
                f"a zip of more than {limits.in_mb(limits.UNZIPPED)} packed once more; {UNPACK_OUTER}"
            )
        file = SpooledTemporaryFile(SPOOLED)  # noqa: SIM115
        self._opened.enter_context(file)
        for piece in _pieces(entry, self.bytes_left, limits.UNZIPPED):
            file.write(piece)
            self.bytes_left -= len(piece)
        return file

    def content(self, entry: _Entry) -> tuple[bytes, str]:
        """The bytes of a file, or why there are none."""
        if trouble := _why_not(entry.info):
            return b"", trouble
        try:
            content = b"".join(_pieces(entry, self.bytes_left, most_of(entry.name)))
        except _TooMuch as reason:
            return b"", str(reason)
        except (*DAMAGED, RuntimeError) as error:
            return b"", f"damaged: {error}"
        self.bytes_left -= len(content)
        return content, ""


def in_zip(file: IO[bytes], at: str, left: Left) -> Iterator[ImportFile]:
    """The reports in a zip, in their order; `at` is the zip's own name, `left` counts the other files.

    Zips in it are opened, zips in those are not. Raises `Invalid` where it is none, or holds more than is
    taken. A bad entry is found with its trouble.
    """
    with ExitStack() as opened:
        contents = _Contents(at, opened)
        contents.add(file)
        if not (contents.entries or contents.troubles):
            raise Invalid(f"{at}: there is no file in this zip")
        yield from contents.troubles
        yield from _download(contents, left) or _found(contents, left)


def in_zip_of_a_folder(file: IO[bytes], name: str, at: str, left: Left) -> Iterator[ImportFile]:
    """The reports of a zip in a folder, below a folder of its name; what is wrong with the zip is found."""
    try:
        for report in in_zip(file, at, left):
            yield replace(report, name=f"{name[: -len('.zip')]}/{report.name}")
    except Invalid as refusal:
        yield ImportFile(name, trouble=refusal.detail.removeprefix(f"{at}: "), at=at)


def _download(contents: _Contents, left: Left) -> Iterator[ImportFile] | None:
    """The reports of the download of another tool that the zip is; None for any other zip."""
    safe = [entry for entry in contents.entries if not why_unsafe(entry.info.orig_filename)]
    cut = below_their_folder(entry.name for entry in safe)
    by_name = {entry.name[cut:]: entry for entry in safe}

    def fetch(name: str) -> bytes | None:
        entry = by_name.get(name)
        if entry is None:
            return None
        content, trouble = contents.content(entry)
        if trouble:
            raise Refusal(trouble)
        return content

    return registry.reports(contents.at, list(by_name), fetch, left)


def _found(contents: _Contents, others: Left) -> Iterator[ImportFile]:
    entries = [entry for entry in contents.entries if _may_be_report(entry, others)]
    if len(entries) > limits.REPORTS:
        raise Invalid(f"{contents.at}: holds more than {limits.REPORTS:,} reports; {IN_PARTS}")
    cut = below_their_folder(entry.name for entry in entries)
    all_of_them = {entry.name: entry for entry in contents.entries}
    seen: set[str] = set()

    def fetch(path: str) -> bytes | None:
        found = all_of_them.get(f"{entry.name[:cut]}{path}")
        if found is None:
            return None
        others.takes(found.name)
        inside, trouble = contents.content(found)
        if trouble:
            raise Refusal(trouble)
        return inside

    for entry in entries:
        content, trouble = b"", "its name stands in the zip twice" if entry.name in seen else ""
        seen.add(entry.name)
        if not trouble:
            content, trouble = contents.content(entry)
        where = f"{contents.at}: {entry.name}"
        report = ImportFile(entry.name[cut:], content, trouble, where, is_guess=True)
        yield beside.gathered(report, fetch)


def missing_parts(at: str, names: Iterable[str]) -> Iterator[ImportFile]:
    """The zips that are not there of a download in numbered parts (`…-Part-2.zip`), as far as that shows."""
    found = [match for name in names if (match := PART.fullmatch(name))]
    for before in dict.fromkeys(match["before"] for match in found):
        numbers = {int(match["number"]) for match in found if match["before"] == before}
        for number in sorted(set(range(1, max(numbers))) - numbers)[:MOST_MISSING]:
            name = f"{before}{number}.zip"
            yield ImportFile(name, trouble=MISSING, at=f"{at}: {name}")


def _is_zip(info: ZipInfo) -> bool:
    return info.filename.lower().endswith(".zip")


def _may_be_report(entry: _Entry, others: Left) -> bool:
    """Whether to say anything about an entry: a report, or what hides as one or holds some."""
    name = entry.info.orig_filename.replace("\\", "/")
    return _is_zip(entry.info) or others.wants(name.replace("\0", "").lstrip("/").replace("../", ""))


def _why_not(entry: ZipInfo, *, is_inner: bool = True) -> str:
    """What keeps an entry out, before any of it is read; no zip is let in where it `is_inner`."""
    if unsafe := why_unsafe(entry.orig_filename):
        return unsafe
    if is_inner and _is_zip(entry):
        return "a zip in a zip in a zip is not opened; unpack the outer one"
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


def _pieces(entry: _Entry, left: int, most: int) -> Iterator[bytes]:
    """The bytes of an entry, as far as anything is allowed to grow."""
    size = 0
    with entry.zip.open(entry.info) as stream:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > RATIO_MATTERS_FROM and size > TIMES * entry.info.compress_size:
                raise _TooMuch(f"grows to more than {TIMES} times its size, which no report does")
            if size > min(most, left):
                raise _TooMuch(
                    f"larger than {limits.in_mb(most)}, which no postmortem is"
                    if most <= left
                    else f"the zip holds more than {limits.in_mb(limits.UNZIPPED)}; {IN_PARTS}"
                )
            yield piece
