"""The glossary: what each word of a badge means, from `docs/glossary.md`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "docs/glossary.md"
ROW = re.compile(r"^\| (?!Word |---)([^|]+) \| ([^|]+) \|$", re.MULTILINE)
LINK = re.compile(r": see \[[^\]]+\]\([^)]+\)")


@cache
def words() -> dict[str, dict[str, str]]:
    """By heading of the glossary, each word and its meaning as plain text."""
    sections = FILE.read_text(encoding="utf-8").removeprefix("# ").split("\n## ")
    return {text.partition("\n")[0]: _rows(text) for text in sections}


def _rows(text: str) -> dict[str, str]:
    return {word: LINK.sub("", meaning).replace("*", "") for word, meaning in ROW.findall(text)}


def meaning(word: str, heading: str = "Other badges") -> str:
    """What the word means, as a sentence without its stop; nothing for a word that is not in the glossary."""
    text = words()[heading].get(word, "")
    return text[:1].upper() + text[1:]
