"""Vocabulary of documents in many languages, from the tables in `data/words/`, and patterns made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLES = Path(__file__).resolve().parents[2] / "data" / "words"
# The reader in C where PyYAML has it: the tables are read at every start.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def table(name: str) -> dict[str, Any]:
    """`data/words/NAME.yaml`, whose first line says what it holds."""
    loaded: dict[str, Any] = yaml.load((TABLES / f"{name}.yaml").read_text(encoding="utf-8"), Loader=LOADER)
    return loaded


def one_of(words: Iterable[str]) -> str:
    """A pattern of these words, longest first; blanks in one may be several, and an apostrophe may be curly.

    It has no group.
    """
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return (
        "(?:"
        + "|".join(r"\s+".join(map(re.escape, word.split())).replace("'", "['’]") for word in ordered)
        + ")"
    )
