"""Heap of a server's process: what it begins with stays, and is looked through for garbage no more."""

from __future__ import annotations

import gc

# Objects made before the youngest are looked through: a report of hundreds of rows is thousands of them.
YOUNGEST = 10_000


def settle() -> None:
    """Call once, when the application is made: a full look at all it loaded would stop every long request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, 20, 20)
