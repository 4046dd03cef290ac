"""Search words: how a query is parsed, and how texts are folded for matching. Pure.

Texts are kept folded beside what was written, and a query is folded alike: SQLite knows the capitals of
English alone and PostgreSQL those of its locale, so neither of them is asked. What is looked for is a part of
a folded text, which an index of trigrams could answer.
"""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

LONGEST_NAME = 200
RULE = 'all the words, and each "phrase in quotes"; capitals and accents do not count'
# Latin letters that no accent makes, and signs that people write and keyboards give in several ways.
ALIKE = {
    **{"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ħ": "h", "ı": "i"},
    **dict.fromkeys("‘’‛ʼ", "'"),
    **dict.fromkeys("‐‒–—―−", "-"),
}
# What is not seen: soft hyphens, joiners and spaces of no width, choices of how a sign is drawn.
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
# Accents of Latin, Greek and Cyrillic. Marks of other scripts are vowels and voicing: they stay.
ACCENT = re.compile(r"[\u0300-\u036f]")
# Japanese in half width, whose voicing marks stand alone.
HALF_WIDTH = re.compile(r"[\uff66-\uff9f]+")
PHRASE_OR_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂〝〞〟", '"'))


class _Folds(dict[int, str]):
    """What stands for a character in folded text, worked out when it is met first."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if UNSEEN.match(character):
            folded = ""
        elif character.isspace():
            folded = " "
        else:
            bare = ACCENT.sub("", unicodedata.normalize("NFKD", character.casefold()))
            folded = unicodedata.normalize("NFKC", "".join(ALIKE.get(one, one) for one in bare)).casefold()
        self[code] = folded
        return folded


FOLDS = _Folds()


def composed(text: str) -> str:
    """The text with each accent in its letter, so that it can be folded one character at a time."""
    if text.isascii():
        return text
    widened = HALF_WIDTH.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return unicodedata.normalize("NFC", widened)


def folded_each(text: str) -> str:
    """A composed text with each of its characters folded, blanks as many as there were."""
    return text.translate(FOLDS)


def fold(text: str) -> str:
    """The text without capitals and accents, as compatible signs (Unicode's NFKC), one blank between words.

    `ß` and `SS` are alike, and so are `İ`, `ı` and `i`, `ς` and `σ`, `ﬁ` and `fi`, `Ａ` and `a`, `’` and `'`.
    Folding twice changes nothing.
    """
    return " ".join(folded_each(composed(text)).split())


def read(query: str) -> tuple[str, ...]:
    """The words and the phrases, each folded, that all have to be found; a phrase stands in quotes.

    Quotes of any language will do, and one that stays open is passed over. Signs are searched for like words.
    """
    parts = PHRASE_OR_WORD.findall(query.translate(QUOTES))
    return tuple(dict.fromkeys(part for phrase, word in parts if (part := fold(phrase or word))))


def conditions(text: InstrumentedAttribute[str], query: str) -> list[ColumnElement[bool]]:
    """That the text, kept folded, contains all that the query asks for."""
    return [text.contains(part, autoescape=True) for part in read(query)]


def person(name: str) -> str:
    """A person's name as it is compared: `@Jörg` is `jorg`. Cut, as folding may lengthen a name."""
    return fold(name.strip().removeprefix("@"))[:LONGEST_NAME].rstrip()
