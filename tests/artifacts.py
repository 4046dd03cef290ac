"""Digests and commits for tests, whole ones, by a word."""

from __future__ import annotations

import hashlib


def digest(word: str) -> str:
    """Always the same digest for a word."""
    return f"sha256:{_hexadecimal(word, 64)}"


def commit(word: str) -> str:
    """Always the same commit for a word."""
    return _hexadecimal(word, 40)


def _hexadecimal(word: str, length: int) -> str:
    """The word itself, filled with zeros, where it is hexadecimal, so that it is known again in a failure."""
    if set(word) <= set("0123456789abcdef"):
        return word.ljust(length, "0")
    return hashlib.sha256(word.encode()).hexdigest()[:length]
