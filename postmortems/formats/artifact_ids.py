"""Artifact identities: the digest of its content, or its commit. Tags are none, for they can be moved.

The algorithms are those of OCI's image specification (digests) and in-toto's DigestSet that have one
length, without MD5, of which anybody can make two contents with one digest. Hexadecimal is compared
whatever its case, and kept in small letters.
"""

from __future__ import annotations

import re

# How many hexadecimal digits each has.
ALGORITHMS = {
    "sha256": 64,
    "sha512": 128,
    "sha384": 96,
    "sha224": 56,
    "sha1": 40,
    "sha512_256": 64,
    "sha512_224": 56,
    "sha3_224": 56,
    "sha3_256": 64,
    "sha3_384": 96,
    "sha3_512": 128,
    "blake2b": 128,
    "blake2s": 64,
    "blake3": 64,
    "ripemd160": 40,
    "sm3": 64,
    "gost": 64,
}
COMMIT_LENGTHS = (40, 64)
EXAMPLE = "sha256:8c0a6f6d5b2f1e3d4c5b6a79880706f5e4d3c2b1a09f8e7d6c5b4a3928170605"
_hex = re.compile(r"[0-9a-f]+\Z", re.ASCII)


def digest(text: str) -> str:
    """`sha256:` and 64 hexadecimal digits, in small letters. Raises `ValueError` with the reason."""
    algorithm, colon, value = text.strip().lower().partition(":")
    if not colon and _is_commit(algorithm):
        raise ValueError(
            f"{text[:60]!r} is no digest: it does not say its algorithm, as in sha256:; a commit goes in sha"
        )
    if not colon:
        raise ValueError(
            f"{text[:60]!r} is no digest: a tag or a version can be moved to another artifact; "
            "write sha256: and its 64 hexadecimal digits"
        )
    if "@" in algorithm or "/" in algorithm:
        raise ValueError(
            f"{text[:60]!r} is an image's address; write only the digest that stands behind its @"
        )
    if algorithm not in ALGORITHMS:
        raise ValueError(f"{text[:60]!r}: {algorithm[:20]!r} is none of {', '.join(ALGORITHMS)}")
    if len(value) != ALGORITHMS[algorithm] or not _hex.match(value):
        raise ValueError(
            f"{text[:60]!r} is no digest: {algorithm} has {ALGORITHMS[algorithm]} hexadecimal digits"
        )
    return f"{algorithm}:{value}"


def commit_id(text: str) -> str:
    """The 40 or 64 hexadecimal digits of a commit, in small letters. Raises `ValueError` with the reason."""
    value = text.strip().lower()
    if not _is_commit(value):
        raise ValueError(
            f"{text[:60]!r} is no commit: write all its 40 or 64 hexadecimal digits, as `git rev-parse HEAD` "
            "says them; a branch or a tag can be moved"
        )
    return value


def named(text: str) -> dict[str, str]:
    """`{"digest": …}` or `{"sha": …}`, by whether it has a colon. Raises `ValueError` with the reason."""
    if ":" in text:
        return {"digest": digest(text)}
    if _hex.match(text.strip().lower()):
        return {"sha": commit_id(text)}
    return {"digest": digest(text)}


def _is_commit(value: str) -> bool:
    return len(value) in COMMIT_LENGTHS and bool(_hex.match(value))


def are_same(one: str, other: str) -> bool:
    """Whether two digests, or two commits, are one; none is not one."""
    return bool(one) and one.lower() == other.lower()
