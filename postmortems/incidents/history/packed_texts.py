"""Packed texts of old versions: alone by zlib, or as what differs from a whole one. Pure.

A difference is a line of JSON, `[[first line, how many, new ones], …]`: lines of the whole that stay, and how
many new lines come behind them. These follow, compressed (RFC 1950) with the lines that went as the
dictionary, for most edits write a paragraph once more.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from itertools import pairwise

from postmortems.document.word_diff import Budget, Run, runs

# zlib looks no further back.
WINDOW = 32 * 1024
BEST = 9
# Where hundreds of lines were rewritten, zlib finds what they share as well.
PAIRS = 30_000


def packed(text: str, whole: str | None = None) -> bytes:
    """The text in few bytes; `unpacked` with the same `whole` gives it back."""
    if whole is None:
        return zlib.compress(text.encode(), BEST)
    old, new = whole.split("\n"), text.split("\n")
    steps: list[tuple[int, int, int]] = []
    come: list[str] = []
    start, length, at = 0, 0, 0
    for place, other, size in [*_same(old, new), (len(old), len(new), 0)]:
        steps.append((start, length, other - at))
        come += new[at:other]
        start, length, at = place, size, other + size
    dictionary = _gone(old, steps)
    squeezed = zlib.compressobj(BEST, zdict=dictionary) if dictionary else zlib.compressobj(BEST)
    body = squeezed.compress("\n".join(come).encode()) + squeezed.flush()
    return json.dumps(steps, separators=(",", ":")).encode() + b"\n" + body


def unpacked(data: bytes, whole: str | None = None) -> str:
    """The text that was packed; `whole` where it was packed as a difference. Raises `zlib.error`."""
    if whole is None:
        return zlib.decompress(data).decode()
    head, _, body = data.partition(b"\n")
    old, steps = whole.split("\n"), [tuple(step) for step in json.loads(head)]
    dictionary = _gone(old, steps)
    opened = zlib.decompressobj(zdict=dictionary) if dictionary else zlib.decompressobj()
    new = (opened.decompress(body) + opened.flush()).decode().split("\n")
    lines: list[str] = []
    at = 0
    for start, length, more in steps:
        lines += [*old[start : start + length], *new[at : at + more]]
        at += more
    return "\n".join(lines)


def _same(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """The runs of lines that stay. A blank one counts with the line before: alone it tells no place."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    olds, news = old[start : len(old) - end], new[start : len(new) - end]
    told = [
        [(line, "" if line else before) for before, line in pairwise(["", *lines])] for lines in (olds, news)
    ]
    found = [
        (start + one, start + other, length) for one, other, length in runs(told[0], told[1], Budget(PAIRS))
    ]
    return [(0, 0, start), *found, (len(old) - end, len(new) - end, end)]


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """With how many lines both begin alike."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))


def _gone(old: Sequence[str], steps: Sequence[tuple[int, ...]]) -> bytes:
    """The lines of the whole that are not kept."""
    kept = {line for start, length, _ in steps for line in range(start, start + length)}
    return "\n".join(line for place, line in enumerate(old) if place not in kept).encode()[-WINDOW:]
