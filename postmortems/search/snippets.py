"""Search snippets: the piece of a plain text in which the words were found, with them marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems import search_words
from postmortems.search.query import Query, Term
from postmortems.search.tokens import IS_UNPARTED

# Characters shown before and after the first hit.
AROUND = 70
# What is folded at once; and how much of a text is looked through.
PIECE, MOST = 2_000, 200_000

Parts = list[tuple[bool, str]]


def pattern(query: Query) -> re.Pattern[str] | None:
    """What finds the words in a folded text; None where the query has no words."""
    # The longest first, so that a word is not cut short by one that it contains.
    wanted = sorted(query.wanted, key=lambda term: sum(map(len, term.runs)), reverse=True)
    return re.compile("|".join(map(_piece, wanted))) if wanted else None


def _piece(term: Term) -> str:
    # Signs, and no more than a few, may stand between the words of a phrase.
    words = r"[\W_]{1,20}?".join(map(re.escape, term.runs))
    begins = "" if IS_UNPARTED.match(term.runs[0]) else r"(?<![^\W_])"
    ends = "" if term.is_prefix or IS_UNPARTED.match(term.runs[-1][-1]) else r"(?![^\W_])"
    # A word within one, the Killed of OOMKilled, is found as the index found it.
    return f"{begins}{words}{ends}" + (f"|{words}" if len(term.runs) == 1 and begins else "")


def marked(text: str, pattern: re.Pattern[str] | None) -> Parts:
    """A short text whole, such as a title, each part saying whether it is a hit."""
    text = search_words.composed(text)
    return [part for part in _marked(text, pattern) if part[1]] if pattern else [(False, text)]


def around(text: str, pattern: re.Pattern[str] | None) -> Parts:
    """The text around the first hit on one line, each part saying whether it is one; its beginning where
    the words were found elsewhere.
    """
    text = search_words.composed(text[:MOST])
    first, last = (_first(text, pattern) if pattern else None) or (0, 0)
    start, end = _start(text, first), _end(text, last)
    parts = marked(" ".join(text[start:end].split()), pattern)
    before, behind = "… " if start else "", " …" if end < len(text) else ""
    return [part for part in ((False, before), *parts, (False, behind)) if part[1]]


def _first(text: str, pattern: re.Pattern[str]) -> tuple[int, int] | None:
    """Where the first hit begins and ends in a composed text."""
    hit = pattern.search(_folded(text))
    return (_unfolded(text, hit.start()), _unfolded(text, hit.end() - 1) + 1) if hit else None


def _folded(text: str) -> str:
    # The quick way where there is nothing to fold but capitals.
    return text.lower() if text.isascii() else search_words.folded_each(text)


def _unfolded(text: str, place: int) -> int:
    """Which character of the text gave the one at this place of the folded text."""
    if text.isascii():
        return place
    at = 0
    # Folding whole pieces is quick; one by one only in the piece that holds the place.
    while (length := len(search_words.folded_each(text[at : at + PIECE]))) <= place:
        place, at = place - length, at + PIECE
    while (length := len(search_words.folded_each(text[at]))) <= place:
        place, at = place - length, at + 1
    return at


def _marked(shown: str, pattern: re.Pattern[str]) -> Iterator[tuple[bool, str]]:
    """A short composed text in parts, each saying whether it is a hit."""
    # By place in the folded text, the character that gave it.
    origins: Sequence[int] = range(len(shown))
    if not shown.isascii():
        lengths = (len(search_words.folded_each(character)) for character in shown)
        origins = [index for index, length in enumerate(lengths) for _ in range(length)]
    behind = 0
    for hit in pattern.finditer(_folded(shown)):
        start, end = max(behind, origins[hit.start()]), origins[hit.end() - 1] + 1
        yield False, shown[behind:start]
        yield True, shown[start:end]
        behind = end
    yield False, shown[behind:]


def _start(text: str, hit: int) -> int:
    """Where to begin: at a word, not long before the hit."""
    early = hit - AROUND
    if early <= 0:
        return 0
    blank = text.find(" ", early, hit)
    return blank + 1 if blank >= 0 else hit


def _end(text: str, hit: int) -> int:
    """Where to end: behind a word, not long after the hit."""
    late = hit + AROUND
    if late >= len(text):
        return len(text)
    blank = text.rfind(" ", hit, late)
    return blank if blank > hit else late
