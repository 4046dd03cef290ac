"""Text rules that readers and the writer share.

Only spaces and tabs make a blank line, and only `\\n` ends one: Python's own `strip` and `splitlines` know
more characters than Markdown does, and text cut by their rules would not be put together again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

WORD = re.compile(r"[^\W\d_]{2,}|\d{3,}")
# Our own marks, and the tags that lists, tables and broken lines of a timeline are made of, are no words of
# anybody's; where a link leads and what a picture shows are.
MARK = re.compile(
    r"<!--[ \t]+/?[ \t]?(?:prose|verbatim)[ \t]+-->|\{\.(?:entry|timeline|action-items)\}"
    r"|</?(?:br|[uo]l|li|table|t(?:head|body|foot|[rdh])|p|div|span|strong|em|code|center|font|[biu])"
    r"(?:\s[^<>]{0,200})?/?>|</?(?:a|img)\b|\b(?:href|src|alt|title)=(?=[\"'])",
    re.IGNORECASE,
)
# A tag may go on in the next line; nothing else that is a word or a mark does.
ACROSS_LINES = re.compile(r"<[^<>\n]*(?:\n|\Z)")
# An incident's name in addresses and file names: small letters and digits, and the letters of other scripts.
# The ranges are those of JSON Schema's patterns too, which know no word character of all scripts.
SLUG_LETTER = "a-z0-9\u00aa-\u1fff\u3005-\u3007\u3021-\ud7ff\uf900-\ufaff"
SLUG = re.compile(f"[{SLUG_LETTER}][{SLUG_LETTER}-]{{0,199}}")
URL = re.compile(r"https?://[^\s<>\"`|\\^{}]+", re.IGNORECASE)
REFERENCE = re.compile(r"\[([^\[\]\n]+)\](?:\[([^\[\]\n]*)\])?")
# Tags that GitHub shows as text: a browser would run them, or take all that follows for their content.
SHOWN_AS_TEXT = re.compile(
    r"<(?=/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)(?:[\s/>]|$))", re.IGNORECASE
)
# Signs that turn the direction of what follows (UAX #9 §2), and those that are not seen.
UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def lines_of(text: str) -> list[str]:
    """The lines of a text, whatever ended them."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def is_blank(line: str) -> bool:
    return not line.strip(" \t")


def joined(lines: Sequence[str]) -> str:
    """Lines as the model keeps text: without blank lines at either end."""
    start, end = 0, len(lines)
    while start < end and is_blank(lines[start]):
        start += 1
    while end > start and is_blank(lines[end - 1]):
        end -= 1
    return "\n".join(lines[start:end]).rstrip(" \t")


def tidy(text: str) -> str:
    """Text from anywhere, as the model keeps it."""
    return joined(lines_of(text))


def one_line(text: str) -> str:
    """What stands in a heading or behind a key has no line ends."""
    return " ".join(text.split())


def paragraphs(*texts: str) -> str:
    """The texts that are not empty, a blank line between them."""
    return "\n\n".join(text for text in texts if text)


def words(text: str) -> Counter[str]:
    """What must never be lost: each word and each number of three digits or more, with its count."""
    has_marks = "<" in text or "=" in text or "{." in text
    return Counter(WORD.findall((MARK.sub(" ", text) if has_marks else text).lower()))


def is_all_there(source: str, written: str) -> bool:
    """Whether every word of the source is still in what was written."""
    if ACROSS_LINES.search(source) or ACROSS_LINES.search(written):
        return not words(source) - words(written)
    # Most lines are the same, and what these say is in both.
    before, after = Counter(source.split("\n")), Counter(written.split("\n"))
    rest = words("\n".join((before - after).elements()))
    return not rest or not rest - words("\n".join((after - before).elements()))


def links(text: str, targets: dict[str, str]) -> tuple[str, ...]:
    """The addresses that a text mentions in any form, each once, in order."""
    found = [(match.start(), _without_tail(match.group())) for match in URL.finditer(text)]
    for match in REFERENCE.finditer(text):
        target = targets.get(one_line(match.group(2) or match.group(1)).casefold())
        if target:
            found.append((match.start(), target))
    return tuple(dict.fromkeys(url for _, url in sorted(found)))


def _without_tail(url: str) -> str:
    """A URL in running text, without the punctuation and brackets that belong to the sentence."""
    while url:
        bare = url.rstrip(".,;:!?'*_")
        if bare.endswith(")") and bare.count(")") > bare.count("("):
            bare = bare[:-1]
        if bare.endswith("]") and bare.count("]") > bare.count("["):
            bare = bare[:-1]
        if bare == url:
            return url
        url = bare
    return url


def printable(text: str) -> str:
    """The text without the characters that no calendar and no XML can carry: controls and half surrogates."""
    return CONTROL.sub("", text)


def title_line(text: str) -> str:
    """One line that a program of others shows beside its own words: nothing in it turns or hides these."""
    return one_line(UNSEEN.sub("", printable(text)))
