"""Common passwords: those guessed first, whatever digits and signs are added to them, are refused.

The words are ours, in many languages (`data/words/passwords.txt`), and those that zxcvbn has counted in
passwords that came out, in names, and in English text.

NIST SP 800-63B §5.1.1.2 asks that what is commonly used, repeated or in sequence is refused. Here it has a
price, in pieces that somebody would try one after the other; what costs little is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

WORDS = Path(__file__).resolve().parents[2] / "data" / "words" / "passwords.txt"
# Two words, or one and eight figures: what costs no more is guessed.
CHEAP = 3.0
WORD, SIGN, RUN, LETTER = 1.0, 0.25, 0.5, 1.0
LONGEST_WORD = 24
# Of the words that were counted, not written down: of shorter ones too much can be put together by chance.
SHORTEST_COUNTED, SHORTEST_USED = 6, 4
# A password that is longer than this is no dressed-up word, whatever it begins with.
LONGEST_CHEAP = 200
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()",
    "йцукенгшщзхъфывапролджэячсмитьбю",
)
SHORTEST_RUN = 3
UNLEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
REPEATED = re.compile(r"(.{1,40}?)\1+", re.DOTALL)
SAME = re.compile(r"(.)\1\1+", re.DOTALL)


def is_guessable(password: str, about: Iterable[str] = ()) -> bool:
    """Whether it is guessed early; `about` is what the guesser knows of whose it is, such as their name."""
    if len(password) > LONGEST_CHEAP:
        return REPEATED.fullmatch(password) is not None
    text = unicodedata.normalize("NFKC", password).casefold()
    if (whole := REPEATED.fullmatch(text)) and len(whole[1]) < 12:
        # Said again and again, it is no longer than said once, and a sign.
        text = whole[1] + "!"
    known = {part for one in about for part in re.split(r"[^\w]+|_", one.casefold()) if len(part) > 2}
    texts = {text, text.translate(UNLEET), text.translate(UNLEET).replace("!", "i")}
    every = known | words() if known else words()
    return any(_price(text, one, every) <= CHEAP for one in texts)


@cache
def words() -> frozenset[str]:
    """All that are known, and what they are without their accents."""
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    found = {word for line in lines if not line.startswith("#") for word in line.split() if len(word) > 2}
    return frozenset(found | {_plain(word) for word in found} | _counted())


def _counted() -> set[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # Takes a moment, and is seldom asked.

    used = {word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST_USED}
    return used.union(
        word for words in FREQUENCY_LISTS.values() for word in words if len(word) >= SHORTEST_COUNTED
    )


def _plain(word: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one))


def _price(text: str, read: str, known: frozenset[str] | set[str]) -> float:
    """The least price of `text` in pieces; `read` is the same with its figures read as letters."""
    if len(read) != len(text):
        read = text
    least = [0.0] + [float("inf")] * len(text)
    for end in range(1, len(text) + 1):
        one = text[end - 1]
        least[end] = least[end - 1] + (LETTER if one.isalpha() else SIGN)
        for start in range(max(0, end - LONGEST_WORD), end - 2):
            if least[start] + RUN < least[end] and _is_run(text[start:end]):
                least[end] = least[start] + RUN
            elif least[start] + WORD < least[end] and read[start:end] in known:
                least[end] = least[start] + WORD
    return least[-1]


def _is_run(piece: str) -> bool:
    """Whether the keys lie or the letters follow one another, either way, or are all the same."""
    if SAME.fullmatch(piece):
        return True
    if len(piece) < SHORTEST_RUN:
        return False
    return any(piece in row or piece in row[::-1] for row in ROWS)
