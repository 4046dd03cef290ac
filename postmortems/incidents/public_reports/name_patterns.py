"""Names of people and of things in house, as they stand in text: accounts, mentions, tickets, items. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

MAIL = re.compile(r"(?:mailto:)?(?<![\w.+%-])[\w.+%'-]+\\?@(?:[\w-]+\.)*[\w-]*\w(?::[\w./~-]+)?")
# `<@U024BE7LH|ada>` as Slack writes it; `@babel/core` is a package and no person.
MENTION = re.compile(r"<[@!][^<>\s]{1,80}>|(?<![\w@/.`])@[^\W\d_][\w.'-]{0,98}(?<![.'-])(?![\w/])")
ITEM = re.compile(r"#?\bAI-\d{1,9}\b")
# Dated as incidents are; a date alone is none.
INCIDENT = re.compile(r"#?(?<![\w/-])\d{4}-\d{2}-\d{2}-(?=[\w-]*[^\W\d_])\w[\w-]*")
TAG = re.compile(r"(?<![\w&/#])#[^\W\d_][\w-]*")
TICKET = re.compile(
    r"(?<![\w-])[A-Z][A-Z0-9_]{1,14}-\d{1,7}(?![\w-]|\.\d)|(?<![\w/.-])[\w.-]+/[\w.-]+[#!]\d{1,7}\b"
)
# What looks like a ticket and is known to everybody.
NO_PROJECTS = frozenset(
    {"ADR", "AES", "ASCII", "BLAKE", "CAT", "COM", "COVID", "CP", "CPU", "CRC", "CVE", "CWE", "DDR", "DIN"}
    | {"EC", "ECDSA", "ED", "EN", "ES", "EU", "FIPS", "GMT", "GPT", "GPU", "HS", "HTTP", "HTTPS", "IEEE"}
    | {"IPV", "ISO", "LATIN", "MD", "P", "PCI", "PEP", "PS", "RFC", "RS", "RSA", "SEV", "SHA", "SOC", "SSL"}
    | {"TCP", "TLS", "UDP", "US", "USB", "UTC", "UTF", "WINDOWS"}
)
PHONE = re.compile(r"(?<![\w+.])(?:\+|00)[1-9]\d{0,2}(?:[ ().\u00a0/-]{0,3}\d){6,14}(?!\w|[.:]\d)")
SHORTEST = 2
PIECE = re.compile(r"[^\W_]+")
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# A name in a script that puts no blanks between words has no border to look for.
UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
BETWEEN = r"(?:\\?[ ._\u00a0-]|\s+)?"


def is_ticket(text: str) -> bool:
    project = text.partition("-")[0]
    return "#" in text or "!" in text or project not in NO_PROJECTS


def exact(texts: Collection[str]) -> re.Pattern[str]:
    """These texts, where they are no part of a longer word."""
    longest_first = sorted(filter(None, texts), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def people(names: Collection[str], text: str) -> re.Pattern[str] | None:
    """Those of these people whom the text may name, however their names are joined, and by each word.

    A single word of a longer name counts where it is written with a capital: `ada.lovelace` is Ada, and
    Lovelace. None where there is nobody: of thousands of accounts a text names few, and only they cost time.
    """
    said = {word.casefold() for each in {text, _plain(text)} for word in PIECE.findall(each)}
    forms = {form for name in names if UNSPACED.search(name) or said & _pieces(name) for form in _forms(name)}
    if not forms:
        return None
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(longest_first))


def _pieces(name: str) -> set[str]:
    """The words of a name, and all of them as one, with their accents and without."""
    words = [PIECE.findall(each.casefold()) for each in (_composed(name), _plain(name))]
    return {piece for each in words for piece in (*each, "".join(each))}


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _plain(text: str) -> str:
    """The text without accents, and without what is no Latin letter."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _forms(name: str) -> Iterator[str]:
    name = _composed(name).strip().removeprefix("@").strip().partition("@")[0]
    for written in {name, _plain(name)}:
        is_short = len(written) < SHORTEST and not UNSPACED.search(written)
        if is_short or not re.search(r"[^\W_]", written):
            continue
        words = WORD.findall(written)
        yield _bordered(rf"(?i:{BETWEEN.join(map(re.escape, words))})", written)
        if len(words) > 1 and not re.search(r"[-\d]", written):
            yield from (_bordered(re.escape(form), form) for word in words for form in _capitals(word))


def _capitals(word: str) -> set[str]:
    return {word[:1].upper() + word[1:], word.upper()} if len(word) > 2 else set()


def _bordered(pattern: str, name: str) -> str:
    return pattern if UNSPACED.search(name) else rf"(?<![^\W_]){pattern}(?![^\W_])"
