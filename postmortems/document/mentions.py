"""Mentions: `@name` of an account and `#slug` of an incident in a Markdown text. Pure.

What is text in the sense of CommonMark can mention somebody; a code span, a link with its words, an address,
an HTML tag and a heading cannot. What is escaped stays what it is. Whether there is such an account or
incident is not known here: a mention has the names that may be meant, the longest first.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass

from postmortems.document.markdown import tokens
from postmortems.document.markdown.references import LINK
from postmortems.document.text import SLUG, one_line

LONGEST_PERSON, LONGEST_SLUG = 100, 200
# A name ends in none of these: they end the sentence, or the emphasis.
BEHIND = "._@+-"
PERSON = re.compile(rf"@(\w[\w.@+-]{{0,{2 * LONGEST_PERSON}}})")
# Vowels and accents of their own are no letters to Python, but belong to the letter before.
MARKS = "".join(chr(code) for code in range(0x300, 0xFB00) if unicodedata.category(chr(code))[0] == "M")
INCIDENT = re.compile(rf"#(\w[\w{MARKS}-]{{0,{LONGEST_SLUG}}})")
# Issue numbers of a code host, and our action items.
NO_SLUG = re.compile(r"\d+|ai-\d+", re.IGNORECASE)
# Before the sign: the rest of an address, a path, an entity, or a sign that was escaped.
JOINED = "@#/&%=\0"
# An at or number sign that does not begin a mention.
NEVER = "\0"


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody or something that a text speaks of. `sign` is `@` or `#`, `names` what may be meant.

    `start` and `end` are where the sign and the longest name stand in the words they were found in.
    """

    sign: str
    names: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Said:
    """A person that a text mentions, by the names that may be meant, and the line that does."""

    names: tuple[str, ...]
    line: str


def in_words(words: str) -> Iterator[Mention]:
    """The mentions in words that are text and nothing else; a `NEVER` in them stands for an escaped sign."""
    for sign, pattern in (("@", PERSON), ("#", INCIDENT)):
        at, last = words.find(sign), -1
        while at >= 0:
            found = pattern.match(words, at)
            # `@sam/@kim` are two people, and `docs/@sam` is a path.
            is_beside = last == at - 1 and words[last] == "/"
            if found and (is_beside or _begins(words, at)) and (names := _names(sign, found, words)):
                last = at + 1 + len(names[0])
                yield Mention(sign, names, at, last)
            at = words.find(sign, max(found.end() if found else 0, at + 1))


def candidates(sign: str, run: str) -> tuple[str, ...]:
    """The names that may be meant by a run of letters behind a sign, the longest first; none for a number."""
    if sign == "#":
        slug = run.rstrip("-_")
        return (slug,) if SLUG.fullmatch(slug) and not NO_SLUG.fullmatch(slug) else ()
    names = [run]
    while names[-1] and names[-1][-1] in BEHIND:
        names.append(names[-1][:-1])
    return tuple(name for name in names if name and len(name) <= LONGEST_PERSON)


def people(text: str, defined: Set[str] = frozenset()) -> list[Said]:
    """The people that a text in Markdown may mention, in order; `defined` are labels of links elsewhere."""
    if "@" not in text:
        return []
    found = []
    for paragraph in tokens.inlines(text):
        if "@" in paragraph:
            for line in words_of(paragraph, defined).split("\n"):
                here = dict.fromkeys(each.names for each in in_words(line) if each.sign == "@")
                found += [Said(names, one_line(line)) for names in here]
    return found


def words_of(paragraph: str, defined: Set[str] = frozenset()) -> str:
    """A paragraph's own words; a blank stands for a code span, a link and a tag."""
    return _Words(_without_definitions(paragraph), defined).read()


def unescaped(sign: str) -> str:
    """A character that was escaped or written as an entity, as `in_words` takes it."""
    return NEVER if sign in {"@", "#"} else sign


def _begins(words: str, at: int) -> bool:
    before = at - 1
    # The local part of an address may end in these, and so may what opens emphasis.
    while before >= 0 and words[before] in "_.+-":
        before -= 1
    return before < 0 or not (_is_of_a_word(words[before]) or words[before] in JOINED)


def _names(sign: str, found: re.Match[str], words: str) -> tuple[str, ...]:
    behind = words[found.end() : found.end() + 2]
    if behind and (_is_of_a_word(behind[0]) or behind[0] == NEVER):
        return ()
    # `@types/node` is a package.
    if len(behind) == 2 and behind[0] == "/" and _is_of_a_word(behind[1]):
        return ()
    names = candidates(sign, found[1])
    # `.@kim.example` is an address to GitHub, which makes a link of it.
    is_address = names and "." in names[-1] and words[found.start() - 1 : found.start()] in {*"_.+-"}
    return () if is_address else names


def _is_of_a_word(character: str) -> bool:
    return character.isalnum() or character in "_\u200c\u200d" or unicodedata.category(character)[0] == "M"


def _without_definitions(paragraph: str) -> str:
    at = 0
    while (match := LINK.match(paragraph, at)) and match[1].strip() and match[1][0] != "^":
        at = match.end()
    return paragraph[at:]


ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
ENTITY = re.compile(r"&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
TICKS = re.compile(r"`+")
# CommonMark §6.5 and §6.6; what is longer than anybody writes is text.
VALUE = r"""(?:[^\s"'=<>`]{1,2000}|"[^"]{0,2000}"|'[^']{0,2000}')"""
TAG = re.compile(
    rf"<(?:/[A-Za-z][A-Za-z0-9-]*\s*"
    rf"|[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w.:-]{{0,200}}(?:\s*=\s*{VALUE})?){{0,50}}\s*/?"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s]{0,2000}"
    r"|\?.{0,500}?\?|![A-Za-z][^>]{0,500}|!\[CDATA\[.{0,500}?\]\]"
    r"|[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255})>",
    re.DOTALL,
)
ANCHOR = re.compile(r"<(/?)a[\s/>]", re.IGNORECASE)
COMMENT, COMMENT_END = "<!--", "-->"
ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<]*|www\.[^\s<]*", re.IGNORECASE)
# GFM §6.9.
BEFORE_ADDRESS = " \t\r\n*_~("
TITLE = r"""(?:"[^"]{0,1000}"|'[^']{0,1000}'|\([^()]{0,1000}\))"""
TARGET = re.compile(
    rf"\(\s*(?:<[^<>\n]{{0,2000}}>|[^\s()<>]{{0,2000}}(?:\([^\s()]{{0,500}}\)[^\s()]{{0,500}}){{0,20}})?"
    rf"(?:\s+{TITLE})?\s*\)"
)
LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){0,300})\]")
STOPS = re.compile(r"[\\&`<\[\]]|(?:https?|ftp)://|www\.", re.IGNORECASE)


class _Words:
    """Reads a paragraph from left to right, each sign once."""

    def __init__(self, text: str, defined: Set[str]) -> None:
        self.text, self.defined = text, defined
        self.said: list[str] = []
        # Where in `said`, and in the text, each bracket that may begin a link stands.
        self.brackets: list[tuple[int, int]] = []
        self.is_in_anchor = False
        # By their number, where ticks stand that may end a code span, the last first.
        self.ticks: dict[int, list[int]] = {}
        for found in TICKS.finditer(text):
            self.ticks.setdefault(len(found[0]), []).insert(0, found.start())

    def read(self) -> str:
        at = 0
        while stop := STOPS.search(self.text, at):
            self._say(self.text[at : stop.start()])
            at = self._step(stop.start(), stop[0])
        self._say(self.text[at:])
        return "".join(self.said)

    def _say(self, words: str) -> None:
        self.said.append(" " if self.is_in_anchor and words else words)

    def _step(self, at: int, stop: str) -> int:
        """Read what begins here; returns where it ends."""
        if stop in READS:
            return READS[stop](self, at)
        begins = at == 0 or self.text[at - 1] in BEFORE_ADDRESS
        found = ADDRESS.match(self.text, at) if begins else None
        self._say(" " if found else stop)
        return found.end() if found else at + len(stop)

    def _escape(self, at: int) -> int:
        is_escape = ESCAPED.match(self.text, at)
        self._say(unescaped(self.text[at + 1]) if is_escape else "\\")
        return at + 2 if is_escape else at + 1

    def _entity(self, at: int) -> int:
        found = ENTITY.match(self.text, at)
        self._say(unescaped(html.unescape(found[0])) if found else "&")
        return found.end() if found else at + 1

    def _code(self, at: int) -> int:
        found = TICKS.match(self.text, at)
        assert found
        # Of a run whose first tick is escaped the rest may be of a length that no other has.
        ends = self.ticks.get(len(found[0]), [])
        while ends and ends[-1] <= at:
            ends.pop()
        self._say(" " if ends else found[0])
        return ends[-1] + len(found[0]) if ends else found.end()

    def _tag(self, at: int) -> int:
        if self.text.startswith(COMMENT, at) and (end := self.text.find(COMMENT_END, at)) >= 0:
            return end + len(COMMENT_END)
        found = TAG.match(self.text, at)
        if found is None:
            self._say("<")
            return at + 1
        if anchor := ANCHOR.match(found[0]):
            self.is_in_anchor = not anchor[1]
        self._say(" ")
        return found.end()

    def _open(self, at: int) -> int:
        self.brackets.append((len(self.said), at))
        self._say("[")
        return at + 1

    def _close(self, at: int) -> int:
        end = self._link_end(at)
        if end is None:
            if self.brackets:
                self.brackets.pop()
            self._say("]")
            return at + 1
        place, _ = self.brackets.pop()
        del self.said[place:]
        self._say(" ")
        return end

    def _link_end(self, at: int) -> int | None:
        """Where the link ends whose words end here; None where they are no link's."""
        if not self.brackets:
            return None
        if found := TARGET.match(self.text, at + 1):
            return found.end()
        if not self.defined:
            return None
        own = one_line(self.text[self.brackets[-1][1] + 1 : at][:400]).casefold()
        if (found := LABEL.match(self.text, at + 1)) and (
            one_line(found[1]).casefold() or own
        ) in self.defined:
            return found.end()
        return at + 1 if own in self.defined else None


READS = {
    "\\": _Words._escape,
    "&": _Words._entity,
    "`": _Words._code,
    "<": _Words._tag,
    "[": _Words._open,
    "]": _Words._close,
}
