"""An incident's slug: `2018-01-25-accidental-merge-to-prod`. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from datetime import date
from pathlib import PurePosixPath

LONGEST = 80
DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
SUFFIXES = frozenset(
    {".md", ".mdx", ".markdown", ".qmd", ".rmd", ".txt", ".rst", ".html", ".htm", ".erb", ".ipynb"}
)
# What stands at this place of a URL and is no incident.
TAKEN = frozenset({"new"})


def slug_for(title: str, day: date | None, name: str = "") -> str:
    """The slug of a new incident: its file's stem where that is dated, else date and shortened title."""
    named = stem(name)
    if DATED.match(named):
        return _shortened(_plain(named))
    words = _plain(title) or _plain(named) or "incident"
    return _shortened(f"{day.isoformat()}-{words}" if day else words)


def stem(name: str) -> str:
    """A file's name without folders and without the endings of document formats."""
    path = PurePosixPath(name)
    while path.suffix.lower() in SUFFIXES:
        path = path.with_suffix("")
    return path.name


def unique(slug: str, taken: Container[str]) -> str:
    """The slug, with the first free number behind it where others have it."""
    found, number = slug, 1
    while found in taken or found in TAKEN:
        number += 1
        found = f"{slug}-{number}"
    return found


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters.replace("'", "")).strip("-")


def _shortened(slug: str) -> str:
    if len(slug) <= LONGEST:
        return slug
    return slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
