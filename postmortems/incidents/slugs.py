"""Slugs of incidents: `2018-01-25-accidental-merge-to-prod`. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from postmortems.document.readers.notion import names
from postmortems.document.text import SLUG

LONGEST = 80
# Latin letters that no accent makes.
FOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)
DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
SUFFIXES = frozenset(
    {".md", ".mdx", ".markdown", ".qmd", ".rmd", ".txt", ".rst", ".html", ".htm", ".erb", ".ipynb"}
    | {".docx", ".docm", ".dotx", ".odt", ".ott", ".textile", ".org", ".rest", ".text", ".xhtml"}
    | {".json", ".ndjson", ".jsonl", ".xml", ".csv", ".atom", ".rss"}
)
# What stands at this place of a URL and is no incident.
TAKEN = frozenset({"new"})


def slug_for(title: str, day: date | None, name: str = "") -> str:
    """The slug of a new incident: its file's stem where that is dated, else date and shortened title."""
    named = names.without_id(stem(name))
    if DATED.match(named):
        return _shortened(_plain(named))
    words = _plain(title) or _plain(named) or "incident"
    # A title that begins with the day, as pages are often called, says it once.
    if day and f"{words}-".startswith(f"{day.isoformat()}-"):
        return _shortened(words)
    return _shortened(f"{day.isoformat()}-{words}" if day else words)


def stem(name: str) -> str:
    """A file's name without folders and without the endings of document formats."""
    path = PurePosixPath(name)
    while path.suffix.lower() in SUFFIXES:
        path = path.with_suffix("")
    return path.name


def numbered(slug: str, first: int, count: int) -> list[str]:
    """So many slugs that an incident may have where others have the ones before: `it`, `it-2`, `it-3`."""
    wanted = (slug if number == 1 else f"{slug}-{number}" for number in range(first, first + count))
    return [one for one in wanted if one not in TAKEN]


def unique(slug: str, taken: Container[str]) -> str:
    """The slug, with the first free number behind it where others have it."""
    found, number = slug, 1
    while found in taken or found in TAKEN:
        number += 1
        found = f"{slug}-{number}"
    return found


def _plain(text: str) -> str:
    """Words with hyphens between: Latin letters without their accents, those of other scripts as they are."""
    composed = unicodedata.normalize("NFKC", text.replace("'", "")).lower().translate(FOLDED)
    return re.sub(r"[^a-z0-9\u0080-\uffff]+", "-", "".join(map(_letter, composed))).strip("-")


# Texts have few letters, and each stands in them often.
@lru_cache(maxsize=1024)
def _letter(character: str) -> str:
    """What stands for a character in a slug; `""` for a sign that nobody would type in an address."""
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode().lower()
    if plain or not SLUG.fullmatch(character):
        return plain
    return character if unicodedata.category(character)[0] in "LMN" else ""


def _shortened(slug: str) -> str:
    if len(slug) <= LONGEST:
        return slug
    return slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
