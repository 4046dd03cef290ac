"""Search tokens: what the index knows of a text, cut here so that it is the same on both databases. Pure.

A token is a run of letters and digits, folded (`search_words`). Scripts that put no blanks between words
give each pair of neighbours instead: two characters find it, and one is found as a beginning. `C++` and `C#`
keep their signs; all others only part words, `kube-proxy` is `kube proxy`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from postmortems import patterns, search_words
from postmortems.document.parse_cache import LONGEST_LINE, MOST_LINES, by_line

# Of the rules below: entries are cut anew when it is another. Raise it when a text gives other tokens.
EDITION = 1
# Longer ones are cut, in texts as in queries.
LONGEST = 60
# All different tokens of one text together, in bytes: what PostgreSQL takes in one vector is bounded.
MOST_BYTES = 500_000
# Stands between parts of a text: no phrase goes on from one to the next.
BREAK = "|"
# What begins a token of a title, and one of a property: `^kube`, `=service:data8`.
TITLE, FACET = "^", "="

# Han, kana, Hangul, Thai, Lao, Burmese, Khmer.
UNPARTED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
RUN = patterns.of(rf"[{UNPARTED}]+|[^\s+#{UNPARTED}]+(?:\+\+|#)?")
IS_UNPARTED = patterns.of(rf"[{UNPARTED}]")
# `OOMKilled` is OOM and Killed, `maxUnavailable` max and Unavailable.
HUMPED = patterns.of(r"\b(?=\w*[a-z][A-Z]|\w*[A-Z][A-Z][a-z])[A-Za-z]{3,80}")
HUMP = patterns.of(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class _Letters(dict[int, str]):
    """What stands for a character between blanks: itself, or a blank for a sign that parts words."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        stays = character.isalnum() or character in "+#" or unicodedata.category(character).startswith("M")
        self[code] = character if stays else " "
        return self[code]


LETTERS = _Letters()


def runs(text: str) -> list[str]:
    """The words of a text, folded, and what is written in one go in scripts without blanks."""
    return [run for run in RUN.findall(search_words.fold(text).translate(LETTERS)) if run.strip("+#")]


def of_run(run: str) -> list[str]:
    """What one run gives the index."""
    if not IS_UNPARTED.match(run):
        return [run[:LONGEST]]
    return [run[place : place + 2] for place in range(len(run))]


def of(text: str) -> list[str]:
    """The tokens of a text in their order."""
    return [token for run in runs(text) for token in of_run(run)]


@by_line
def _told(part: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tokens of a part and its humps, which an edit of another one leaves as they were."""
    return tuple(of(part)), tuple(humps(part))


def humps(text: str) -> list[str]:
    """The words within words such as `OOMKilled`, each once, but the first: a beginning is found anyway."""
    parts = (part for word in dict.fromkeys(HUMPED.findall(text)) for part in HUMP.findall(word)[1:])
    return list(dict.fromkeys(part.casefold() for part in parts if len(part) > 2))


def facet(name: str, value: str) -> str:
    """A property as a token: `=service:data8/prod`."""
    return _held_facet(name, value) if len(value) <= LONGEST_LINE else _facet(name, value)


def _facet(name: str, value: str) -> str:
    folded = search_words.fold(value)
    said = "".join(one if one.isalnum() or one in "/._-@+#" else "_" for one in folded)[: 2 * LONGEST]
    return f"{FACET}{name}:{said}"


# Each entry has some of few.
_held_facet = lru_cache(maxsize=MOST_LINES)(_facet)


# In every entry, for queries that only say what must not be there.
ANY = facet("any", "")


def stream(title: str, parts: Iterable[str], facets: Iterable[str]) -> list[str]:
    """All that the index knows of an entry: its properties, its title twice, and its text part by part."""
    found, within = [*dict.fromkeys(facets), BREAK], list[str]()
    found += [TITLE + token for token in _told(title)[0]] + [BREAK]
    for part in (title, *parts):
        told, its_humps = _told(part)
        if told:
            found += told
            found.append(BREAK)
        within += its_humps
    found += dict.fromkeys(within)
    return _bounded(found)


def _bounded(tokens: list[str]) -> list[str]:
    """The tokens up to the place where the different ones are too much for one entry."""
    # No character is longer than four bytes.
    if 4 * sum(map(len, tokens)) + 8 * len(tokens) <= MOST_BYTES:
        return tokens
    known: set[str] = set()
    room = MOST_BYTES
    for place, token in enumerate(tokens):
        if token not in known:
            known.add(token)
            room -= len(token.encode()) + 8
            if room < 0:
                return tokens[:place]
    return tokens
