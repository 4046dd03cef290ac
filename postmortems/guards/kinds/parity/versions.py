"""Versions compared letter by letter or as semantic versions (semver.org)."""

from __future__ import annotations

import re

# MAJOR.MINOR.PATCH, what comes before the release and how it was built; a leading v is what tags have.
SEMVER = re.compile(
    r"v?(0|[1-9]\d{0,17})\.(0|[1-9]\d{0,17})\.(0|[1-9]\d{0,17})"
    r"(?:-((?:0|[1-9]\d{0,17}|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d{0,17}|\d*[A-Za-z-][\dA-Za-z-]*))*))?"
    r"(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?",
    re.ASCII,
)
# How the version here has to compare with the one there, and what is wrong where it does not.
WAYS = {
    "exact": "",
    "minor": "the major and minor version have to be the same",
    "major": "the major version has to be the same",
    "not_newer": "it may be no newer than there",
}
# Major, minor, patch; then a release above all that comes before it, and there words above numbers.
Version = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
_RELEASE = ((2, 0, ""),)


def read(text: str) -> Version | None:
    """The version as a value that orders as semantic versions do; None for what is none."""
    found = SEMVER.fullmatch(text) if len(text) <= 200 else None
    if found is None:
        return None
    major, minor, patch, before = found.groups()
    parts = [
        (0, int(one), "") if one.isdecimal() else (1, 0, one) for one in (before or "").split(".") if one
    ]
    return int(major), int(minor), int(patch), tuple(parts) or _RELEASE


def differ(mine: str, theirs: str, way: str) -> str | None:
    """Why `mine` may not go where `theirs` runs, "" where they are just not equal; None where it may."""
    if mine == theirs:
        return None
    if way == "exact":
        return WAYS[way]
    here, there = read(mine), read(theirs)
    if here is None or there is None:
        which = mine if here is None else theirs
        return f"{which[:50]} is no semantic version such as 1.2.3, so they cannot be compared"
    holds = {"minor": here[:2] == there[:2], "major": here[0] == there[0], "not_newer": here <= there}
    return None if holds[way] else WAYS[way]
