"""Regular expressions from users: run by RE2 in linear time, or refused."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

LONGEST = 200
# For the compiled pattern and what matching it may take.
MOST_BYTES = 1024 * 1024


def check(pattern: str) -> None:
    """Raises `ValueError` with what is wrong with the pattern."""
    _compiled(pattern)


def found(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text. Raises `ValueError` for one that is none."""
    return _compiled(pattern).search(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    try:
        import re2  # A megabyte and a half, which most processes never need.
    except ImportError:  # There is no wheel for this machine.
        lacks = "this server lacks google-re2, without which no expression is run; use plain text"
        raise ValueError(lacks) from None
    if len(pattern) > LONGEST:
        raise ValueError(f"an expression has at most {LONGEST} characters")
    options = re2.Options()
    options.max_mem, options.log_errors = MOST_BYTES, False
    try:
        return re2.compile(pattern, options)
    except re2.error as wrong:
        told = wrong.args[0].decode() if wrong.args and isinstance(wrong.args[0], bytes) else str(wrong)
        raise ValueError(f"this is no expression that is run here: {told}") from None
