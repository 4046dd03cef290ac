"""The glossary: what each word of a badge means, from `docs/glossary.md`; in a list, said once."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from markupsafe import Markup

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


class Badges:
    """The badges that a macro makes of a word, for a list: `of(word)` in place of the macro.

    Each is made once for all rows, and the first of a kind alone says what it means. A script lets the others
    say it too when they are pointed at (`static/app.js`).
    """

    def __init__(self, macro: Callable[..., Markup]) -> None:
        self._macro = macro
        self._told: set[str] = set()
        self._again: dict[str, Markup] = {}

    def of(self, word: str) -> Markup:
        if word not in self._told:
            self._told.add(word)
            return self._macro(word)
        if word not in self._again:
            self._again[word] = self._macro(word, told=False)
        return self._again[word]
