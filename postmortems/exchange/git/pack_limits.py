"""Limits of git packs: what a pack would grow to, counted before it is unpacked.

A pack says of each object how large it is; an object made from another by a delta says it in the delta's
first bytes. Both are read here, and nothing that is larger in truth than it says gets through.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from postmortems import limits as taken
from postmortems.errors import Refusal

OFFSET_DELTA, NAMED_DELTA = 6, 7
KINDS = frozenset({1, 2, 3, 4, OFFSET_DELTA, NAMED_DELTA})
NAME, TRAILER = 20, 20
HEADER = 12
# Two sizes of at most ten bytes each stand before a delta's steps.
DELTA_HEAD = 20
PIECE = 16 * 1024
LONGEST_SIZE = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken from a repository. Sizes are in bytes."""

    packed: int = taken.REPOSITORY
    unpacked: int = taken.REPOSITORY_UNPACKED
    largest: int = taken.REPOSITORY_FILE
    objects: int = taken.REPOSITORY_FILES
    files: int = taken.REPORTS
    seconds: float = 300.0


def weigh(pack: BinaryIO, limits: Limits) -> int:
    """How many objects the pack holds. Raises `Refusal` for a damaged one, and for more than is taken."""
    pack.seek(0)
    head = pack.read(HEADER)
    if len(head) < HEADER or head[:4] != b"PACK" or int.from_bytes(head[4:8]) not in {2, 3}:
        raise _damaged()
    count = int.from_bytes(head[8:])
    if count > limits.objects:
        raise Refusal(f"the repository holds more than {limits.objects:,} files and folders")
    total = 0
    for _ in range(count):
        total += _object(pack, limits)
        if total > limits.unpacked:
            raise Refusal(f"the repository grows to more than {taken.in_mb(limits.unpacked)}")
    if len(pack.read(TRAILER + 1)) != TRAILER:
        raise _damaged()
    return count


def _object(pack: BinaryIO, limits: Limits) -> int:
    """The size in memory of the object that begins here; the pack stands behind it afterwards."""
    first = _byte(pack)
    kind, size = first >> 4 & 7, first & 15
    if first & 0x80:
        size |= _number(pack) << 4
    if kind not in KINDS:
        raise _damaged()
    if kind == OFFSET_DELTA:
        _number(pack)
    elif kind == NAMED_DELTA and len(pack.read(NAME)) < NAME:
        raise _damaged()
    _refuse_larger(size, limits)
    begins = _skip(pack, size)
    if kind not in {OFFSET_DELTA, NAMED_DELTA}:
        return size
    # Of the two sizes the second is that of what is made.
    head = BytesIO(begins)
    _number(head)
    made = _number(head)
    _refuse_larger(made, limits)
    return size + made


def _refuse_larger(size: int, limits: Limits) -> None:
    if size > limits.largest:
        raise Refusal(f"the repository holds a file of more than {taken.in_mb(limits.largest)}")


def _skip(pack: BinaryIO, size: int) -> bytes:
    """Inflate what follows without keeping it; returns its first bytes."""
    inflating, grown, begins = zlib.decompressobj(), 0, b""
    while not inflating.eof:
        part = inflating.unconsumed_tail or pack.read(PIECE)
        try:
            out = inflating.decompress(part, PIECE)
        except zlib.error as error:
            raise _damaged() from error
        grown += len(out)
        if not part or grown > size:
            raise _damaged()
        if len(begins) < DELTA_HEAD:
            begins += out[:DELTA_HEAD]
    if grown != size:
        raise _damaged()
    pack.seek(-len(inflating.unused_data), 1)
    return begins


def _number(pack: BinaryIO) -> int:
    number = 0
    for place in range(LONGEST_SIZE):
        byte = _byte(pack)
        number |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return number
    raise _damaged()


def _byte(pack: BinaryIO) -> int:
    byte = pack.read(1)
    if not byte:
        raise _damaged()
    return byte[0]


def _damaged() -> Refusal:
    return Refusal("what the repository sent is damaged")
