"""Backup file: a zip of one text for each table, a row a line, with attached files and the manifest.

It is written beside its place under another name, and takes that place when all of it is on the disk.
"""

from __future__ import annotations

import fcntl
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from postmortems.db.copies import manifest as manifests
from postmortems.db.copies import values
from postmortems.db.copies.attached import Attached, is_of
from postmortems.db.copies.manifest import Manifest, TableSum
from postmortems.db.copies.snapshot import Source
from postmortems.db.copies.tables import Shape
from postmortems.db.copies.values import Checksum, Row
from postmortems.errors import Conflict, Invalid, Unavailable
from postmortems.formats.json_text import loaded

UNFINISHED = ".part"
TABLES, ROWS, FILES = "tables/", ".jsonl", "files/"
# Enough for text, at a third of the time that the highest level takes.
LEVEL = 3
# One row may hold a file of an import, and base64 makes more of it.
LONGEST_LINE = 256 * 1024 * 1024
CHUNK = 1024 * 1024
DAMAGED = "the backup is damaged or cut off, and nothing was restored; take another one"


def write(
    place: Path, source: Source, database: str, attached: Attached, now: datetime, *, replace: bool
) -> Manifest:
    """Write a backup. Raises `Conflict` where `place` is taken, `Unavailable` where it cannot be written."""
    try:
        with _taking(place, replace=replace) as file, _archive(file) as archive:
            return _fill(archive, source, database, attached, now)
    except OSError as error:
        raise Unavailable(
            f"{place}{UNFINISHED} cannot be written: {(error.strerror or 'unknown').lower()}; nothing of it "
            "was kept; name a place with room where you may write"
        ) from None


@contextmanager
def _taking(place: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    """A file beside `place` that takes it when the block has ended well, and else is gone."""
    _refuse_taken(place, replace=replace)
    part = place.with_name(place.name + UNFINISHED)
    # What one that was killed has left there is written over; nobody else may read password hashes.
    opened = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(opened, "r+b") as file:
        if os.fstat(opened).st_uid != os.geteuid():
            # Whoever it belongs to could read what is written there.
            raise Conflict(f"{part} belongs to somebody else; remove it, or name another place")
        os.fchmod(opened, 0o600)
        if not _is_ours(file, part):
            raise Conflict(f"another backup is writing {part}; wait for it, or name another place")
        try:
            file.truncate()
            yield file
            file.flush()
            os.fsync(file.fileno())
            _refuse_taken(place, replace=replace)
            part.replace(place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _is_ours(file: IO[bytes], part: Path) -> bool:
    """Whether nobody else writes it, nor has just let it take its place."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(part.stat(), os.fstat(file.fileno()))
    except (BlockingIOError, FileNotFoundError):
        return False


def _refuse_taken(place: Path, *, replace: bool) -> None:
    if place.is_dir():
        raise Conflict(f"{place} is a folder; name the file to write, such as {place / 'postmortems.backup'}")
    if place.exists() and not replace:
        raise Conflict(f"{place} is there already; name another file, or add --replace")


def _archive(file: IO[bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)


def _entry(name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    # Of no date: the same content is the same file.
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry.external_attr = compression, 0o600 << 16
    return entry


def _fill(
    archive: zipfile.ZipFile, source: Source, database: str, attached: Attached, now: datetime
) -> Manifest:
    shapes, sums = tuple(source.shapes), []
    for shape in shapes:
        checksum = Checksum(shape.columns)
        with archive.open(_entry(f"{TABLES}{shape.name}{ROWS}"), "w", force_zip64=True) as file:
            for row in attached.noted(shape, checksum.following(source.rows(shape.name))):
                file.write(values.line(row))
        sums.append(TableSum(shape.name, checksum.rows, checksum.sha256))
    missing = []
    for digest in attached.digests:
        content = attached.content(digest)
        if content is None:
            missing.append(digest)
        else:
            archive.writestr(_entry(FILES + digest, zipfile.ZIP_STORED), content)
    files = len(attached.digests) - len(missing)
    made = Manifest(source.revision, database, now.isoformat(), shapes, tuple(sums), files, tuple(missing))
    archive.writestr(_entry(manifests.NAME), made.text())
    return made


class BackupFile:
    """A `Source`: a backup that is read. Its manifest is known, the rest is true once `check` has passed."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = {entry.filename: entry for entry in archive.infolist()}
        if any(
            entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or entry.flag_bits & 1
            for entry in self._entries.values()
        ):
            raise Invalid(DAMAGED)
        text = self._bytes(manifests.NAME, manifests.LARGEST)
        self.manifest = manifests.read(text)
        self.revision, self.shapes = self.manifest.revision, self.manifest.shapes
        self.sums = {one.name: one for one in self.manifest.sums}

    def rows(self, name: str) -> Generator[Row, None, None]:
        """The rows of a table, in their order. Raises `Invalid` where they cannot be read."""
        width = next(len(shape.columns) for shape in self.shapes if shape.name == name)
        with _damage_told(), self._table(name) as file:
            while text := file.readline(LONGEST_LINE):
                row = loaded(text.decode().removesuffix("\n"))
                if not isinstance(row, list) or len(row) != width:
                    raise Invalid(DAMAGED)
                yield row

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The attached files that lay in a folder, each with its SHA-256."""
        for name in self._entries:
            if name.startswith(FILES):
                yield name.removeprefix(FILES), self._bytes(name, LONGEST_LINE)

    def check(self) -> None:
        """Read all of it and compare every checksum. Raises `Invalid` at the first that is another."""
        for shape, told in zip(self.shapes, self.manifest.sums, strict=True):
            if self._sum_of(shape) != told:
                raise Invalid(f"{DAMAGED}: the rows of {shape.name} are not those that were written")
        count = 0
        for digest, content in self.files():
            if not is_of(content, digest):
                raise Invalid(f"{DAMAGED}: the file {digest[:12]}… is not what was written")
            count += 1
        if count != self.manifest.files:
            raise Invalid(f"{DAMAGED}: it has {count} files, and {self.manifest.files} were written")

    def _sum_of(self, shape: Shape) -> TableSum:
        checksum = Checksum(shape.columns)
        # What is damaged may be read as JSON, and hold in a column what is none.
        with _damage_told():
            if checksum.is_of_lines:
                with self._table(shape.name) as file:
                    while text := file.read(CHUNK):
                        checksum.add_lines(text)
            else:
                with closing(self.rows(shape.name)) as rows:
                    checksum.add(rows)
        return TableSum(shape.name, checksum.rows, checksum.sha256)

    @contextmanager
    def _table(self, name: str) -> Iterator[IO[bytes]]:
        # The archive's own way to a line is written in Python.
        with self._archive.open(self._entries[f"{TABLES}{name}{ROWS}"]) as file:
            yield io.BufferedReader(cast(io.RawIOBase, file), CHUNK)

    def _bytes(self, name: str, most: int) -> bytes:
        with _damage_told(), self._archive.open(self._entries[name]) as file:
            content = file.read(most + 1)
            if len(content) > most:
                raise Invalid(DAMAGED)
            return content


@contextmanager
def opened(place: Path) -> Iterator[BackupFile]:
    """A backup to read. Raises `Invalid` where there is none that this version reads."""
    try:
        archive = zipfile.ZipFile(place)
    except OSError as error:
        raise Invalid(f"{place} cannot be read: {(error.strerror or 'unknown').lower()}") from None
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError):
        raise Invalid(
            f"{place} is cut off, damaged, or no file that `backup` wrote; take another one"
        ) from None
    with archive:
        yield BackupFile(archive)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, LookupError, ValueError, OSError, struct.error):
        raise Invalid(DAMAGED) from None
    except (TypeError, OverflowError, RecursionError, NotImplementedError):
        # Somebody has written it by hand.
        raise Invalid(DAMAGED) from None
