"""Heap of a server's process: what it begins with stays, and is looked through for garbage no more.

Threads share one arena of it: one that each thread had would keep what its largest request took.
"""

from __future__ import annotations

import ctypes
import gc
import sys

# Objects made before the youngest are looked through: a report of hundreds of rows is thousands of them.
YOUNGEST = 10_000
# Of glibc's malloc.h. One thread at a time runs Python, so that they rarely wait for each other here.
M_ARENA_MAX, ARENAS = -8, 1


def load() -> None:
    """Call before the application is imported: a third of that went into looking it through for garbage."""
    gc.disable()


def settle() -> None:
    """Call once, when the application is made: a full look at all it loaded would stop every long request."""
    _share_arenas()
    gc.freeze()
    gc.set_threshold(YOUNGEST, 20, 20)
    gc.enable()


def _share_arenas() -> None:
    """Where the C library is glibc; others have no such setting, or no arenas."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(M_ARENA_MAX, ARENAS)
