"""Two pieces of sanitised HTML as one: the newer, with what came marked and what went struck where it stood.

Its tags are those of the newer piece, so it is as well formed as that; of the older one only words, and
pictures, come in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from postmortems.document.word_diff import WORD, Budget, pairs_of, word_runs

TAG = r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>"
# A picture is a word of its own; an entity is one character.
TOKEN = re.compile(rf"(?P<seen><(?:img|input)\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|&\#?\w+;|{WORD.pattern})")
INLINE = re.compile(r"</?(?:a|abbr|b|code|del|em|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|u|var)\b")
PIECE = re.compile(
    rf"(?P<picture><(?:img|input)\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>)|(?P<tag>{TAG})|(?P<text>[^<]+|<)"
)


def marked(old: Markup, new: Markup, budget: Budget) -> Markup | None:
    """The newer with `<ins>` and `<del>`; None where comparing their words costs more than `budget` has."""
    gone, come = _Tokens(old), _Tokens(new)
    if pairs_of(gone.words, come.words) > budget.left:
        return None
    same = word_runs(gone.words, come.words, budget)
    kept = {other + n for _, other, length in same for n in range(length)}
    return Markup("".join(_written(come, kept, _struck(gone, come, same))))


class _Tokens:
    """HTML as pieces in order, each a tag, blanks or a word; `words` are the last, without the others."""

    def __init__(self, html: str) -> None:
        self.pieces = list(_pieces(html))
        self.places = [place for place, (kind, _) in enumerate(self.pieces) if kind == "word"]
        self.words = [self.pieces[place][1] for place in self.places]

    def said(self, start: int, end: int) -> str:
        """The words from one to another with the blanks between them; where a paragraph ends there is one."""
        if start == end:
            return ""
        said: list[str] = []
        for kind, piece in self.pieces[self.places[start] : self.places[end - 1] + 1]:
            said.append(piece if kind != "tag" else "" if INLINE.match(piece) else " ")
        return re.sub(" +", " ", "".join(said))


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    for found in PIECE.finditer(html):
        if found["tag"]:
            yield "tag", found["tag"]
        elif found["picture"]:
            yield "word", found["picture"]
        else:
            yield from _words(found["text"])


def _words(text: str) -> Iterator[tuple[str, str]]:
    behind = 0
    for found in TOKEN.finditer(text):
        if found.start() > behind:
            yield "blank", text[behind : found.start()]
        yield "word", found.group()
        behind = found.end()
    if behind < len(text):
        yield "blank", text[behind:]


def _struck(gone: _Tokens, come: _Tokens, same: Sequence[tuple[int, int, int]]) -> dict[int, str]:
    """By the number of the newer word before which they stand, the words that went."""
    found, at, its = dict[int, str](), 0, 0
    for start, other, length in [*same, (len(gone.words), len(come.words), 0)]:
        if text := gone.said(at, start):
            found[its] = text
        at, its = start + length, other + length
    return found


def _written(come: _Tokens, kept: set[int], struck: dict[int, str]) -> Iterator[str]:
    number, is_open = 0, False
    if not come.words:
        yield from (piece for _, piece in come.pieces)
        yield f"<p><del>{struck[0]}</del></p>" if 0 in struck else ""
        return
    for place, (kind, piece) in enumerate(come.pieces):
        is_new = kind == "word" and number not in kept
        if is_open and (kind == "tag" or (kind == "word" and not is_new) or _ends(come, place, kept, number)):
            yield "</ins>"
            is_open = False
        if kind == "word":
            if number in struck and number == 0:
                yield f"<del>{struck[0]}</del> "
            if is_new and not is_open:
                yield "<ins>"
                is_open = True
            yield piece
            number += 1
            if number in struck:
                yield "</ins>" if is_open else ""
                is_open = False
                yield f" <del>{struck[number]}</del>"
        else:
            yield piece
    yield "</ins>" if is_open else ""


def _ends(come: _Tokens, place: int, kept: set[int], number: int) -> bool:
    """Whether blanks here are followed by anything but another new word."""
    if come.pieces[place][0] != "blank":
        return False
    follows = come.pieces[place + 1][0] if place + 1 < len(come.pieces) else ""
    return follows != "word" or number in kept
