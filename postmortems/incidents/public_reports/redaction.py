"""Redaction of a public report: names, internal links and their like are taken out, and listed. Pure.

Alt texts, titles of links, code and HTML are text like any other here, so nothing hides in them. What was
taken out stands as `‹name›`, a sign that means nothing in Markdown.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from string import ascii_letters, digits
from urllib.parse import quote

from postmortems.incidents.public_reports import links, name_patterns, private_hosts, secret_patterns

# What stands in the text for each kind, and why it was taken out.
KINDS = {
    "name": "a person's name or account",
    "mail": "a mail address",
    "mention": "somebody mentioned with @",
    "link": "an address that is on none of the public hosts",
    "host": "an internal host or network address",
    "ticket": "a ticket of a tracker",
    "item": "an action item's id",
    "incident": "an incident's name, a tag or a channel",
    "secret": "what looks like a password, key or token",
    "phone": "a telephone number",
    "picture": "a picture that was not chosen",
}
MARK = re.compile(rf"‹({'|'.join(KINDS)})›")
# Characters that nobody sees, and by which a name would be no name to us.
UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
                    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]")  # fmt: skip
# A joiner means something between the letters of some scripts and between emoji; in ours it means nothing.
JOINED = re.compile(
    "(?<=[\u0600-\u0dff\u2190-\U0001faff])[\u200c\u200d\ufe0f](?=[\u0600-\u0dff\u2190-\U0001faff])"
    "|(?<=[\u00a9-\u3299\U0001f000-\U0001faff])\ufe0f"
)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Letters, digits and @ as wide as Chinese signs are letters like others.
WIDE = {0xFEE0 + sign: sign for sign in map(ord, ascii_letters + digits + "@")}
# What was looked at already: its number, in signs that mean nothing to anybody.
ASIDE = re.compile("\ue000([\ue010-\ue019]*)\ue001|[\ue000-\ue019]")
BEHIND_HOST = re.compile(f"\ue000([\ue010-\ue019]*)\ue001({private_hosts.BEHIND})")
DIGITS = {ord(digit): 0xE010 + int(digit) for digit in "0123456789"}
# Marks of emphasis and escapes, without which a browser shows the words behind them as one.
MARKUP = re.compile(r"\\(?=[!-/:-@\[-`{-~])|[*`~]|</?[A-Za-z][^<>]*>|(?<!\w)_+|_+(?!\w)")


@dataclass(frozen=True, slots=True)
class Known:
    """What is internal here, beyond what looks so anywhere.

    `people` are names as written, `hosts` internal ones, `public_hosts` those that may be linked to (`*.`
    stands for any name below), `tickets` as the incident's items name them, `pictures` the links of those
    that were chosen.
    """

    people: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    public_hosts: frozenset[str] = frozenset()
    tickets: frozenset[str] = frozenset()
    pictures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that was taken out, or that its author put back: `kind` of `KINDS`, and where it stood."""

    kind: str
    text: str
    where: str
    line: int
    is_kept: bool = False

    @property
    def why(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without what is internal, and what that was. `hidden` names what marks still spell out."""

    text: str
    removals: tuple[Removal, ...] = ()
    hidden: tuple[Removal, ...] = ()


def redacted(text: str, known: Known, kept: Collection[str] = (), where: str = "") -> Redacted:
    """The text as it may be shown; `kept` are texts of removals that stay in deliberately."""
    scan = _Scan(frozenset(map(_key, kept)), where)
    shown = scan.over(_seen(text), known)
    again = _Scan(scan.kept, where)
    # What is no name as it is written may be one as it is shown: `a**d**a`. Nobody is shown an address.
    words = links.PICTURE.sub(partial(_without_address, known), shown)
    words = links.INLINE.sub(lambda link: link["words"], words)
    again.over(MARKUP.sub("", words), known)
    hidden = tuple(each for each in again.found if not each.is_kept)
    return Redacted(shown, tuple(scan.found), hidden)


def _without_address(known: Known, picture: re.Match[str]) -> str:
    """The words of a picture that was chosen; its address is made up of letters that may look like marks."""
    is_chosen = links.attached(picture["target"] or "") in known.pictures
    return picture["alt"] or "" if is_chosen else picture[0]


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().strip()


def _seen(text: str) -> str:
    """The text as a reader would see it: composed, without comments, unseen signs and coded letters."""
    text = COMMENT.sub("", text).translate(WIDE)
    text = REFERENCE.sub(_decoded, text)
    joined = {match.start() for match in JOINED.finditer(text)}
    text = UNSEEN.sub(lambda match: match[0] if match.start() in joined else "", text)
    return links.inlined(ASIDE.sub("", unicodedata.normalize("NFC", text))).strip()


def _decoded(reference: re.Match[str]) -> str:
    """A letter or a sign of addresses for what stands for one; what Markdown would read stays coded."""
    letter = html.unescape(reference[0])
    is_plain = len(letter) == 1 and (letter.isalnum() or letter in "@.:/-_+%\u00a0")
    return letter if is_plain else "" if UNSEEN.fullmatch(letter) else reference[0]


class _Scan:
    """One look at a text, kind by kind; what each takes out is no longer there for the next."""

    def __init__(self, kept: frozenset[str], where: str) -> None:
        self.kept, self.where = kept, where
        self.found: list[Removal] = []
        # Addresses that may stay, set aside so that no other rule looks into them.
        self.aside: list[str] = []

    def over(self, text: str, known: Known) -> str:
        text = MARK.sub(lambda mark: self._aside(mark[0]), text)
        for pattern in secret_patterns.ALL:
            text = pattern.sub(partial(self._taken, "secret", None), text)
        text = self._links(text, known)
        for kind, pattern, is_one in _patterns(known, text):
            text = pattern.sub(partial(self._taken, kind, is_one), text)
            if pattern is private_hosts.NAME:
                text = BEHIND_HOST.sub(self._without_path, text)
        return ASIDE.sub(lambda at: self.aside[_number(at[1])], text)

    def _links(self, text: str, known: Known) -> str:
        for pattern, seen in (
            (links.PICTURE, self._picture),
            (links.TAG_LINK, self._tag),
            (links.INLINE, self._link),
            (links.URL, self._bare),
        ):
            text = pattern.sub(partial(seen, known), text)
        return text

    def _aside(self, text: str) -> str:
        """What stands for this text until all is looked at."""
        self.aside.append(text)
        return f"\ue000{str(len(self.aside) - 1).translate(DIGITS)}\ue001"

    def _picture(self, known: Known, match: re.Match[str]) -> str:
        target = match["target"] or match["source"] or ""
        if (key := links.attached(target)) and key in known.pictures:
            return f"![{match['alt'] or ''}]({self._aside(quote(key))})"
        self._note("picture", match["alt"] or target or "HTML", match)
        return self._aside("‹picture›")

    def _tag(self, known: Known, match: re.Match[str]) -> str:
        return self._linked(match["words"], match["target"], known, match)

    def _link(self, known: Known, match: re.Match[str]) -> str:
        # A title says little, and shows itself to nobody on a phone.
        return self._linked(match["words"], (match["angled"] or match["bare"] or "").strip(), known, match)

    def _linked(self, words: str, target: str, known: Known, match: re.Match[str]) -> str:
        if ASIDE.fullmatch(target) and not MARK.fullmatch(self.aside[_number(target[1:-1])]):
            return match[0]
        return f"[{words}]({self._aside(target)})" if self._may_link(target, known, match) else words

    def _bare(self, known: Known, match: re.Match[str]) -> str:
        address = links.without_trail(match[0])
        trail = match[0][len(address) :]
        return self._aside(address if self._may_link(address, known, match) else "‹link›") + trail

    def _may_link(self, target: str, known: Known, match: re.Match[str]) -> bool:
        if links.is_public(target, known.public_hosts, known.hosts) and not _tells(target, known):
            return True
        if _key(target) in self.kept and links.is_web(target):
            self._note("link", target, match, is_kept=True)
            return True
        if not ASIDE.fullmatch(target):
            self._note("link", target, match)
        return False

    def _taken(self, kind: str, is_one: Callable[[str], bool] | None, match: re.Match[str]) -> str:
        text = match[0]
        if is_one is not None and not is_one(text):
            return text
        is_kept = _key(text) in self.kept
        self._note(kind, text, match, is_kept=is_kept)
        return self._aside(text if is_kept else f"‹{kind}›")

    def _without_path(self, match: re.Match[str]) -> str:
        """A host that was taken out, without the port and path that stand behind it."""
        if self.aside[_number(match[1])] != "‹host›" or not match[2]:
            return match[0]
        self._note("host", match[2], match)
        return match[0][: -len(match[2])]

    def _note(self, kind: str, text: str, match: re.Match[str], *, is_kept: bool = False) -> None:
        line = match.string.count("\n", 0, match.start()) + 1
        self.found.append(Removal(kind, text, self.where, line, is_kept))


def _number(signs: str) -> int:
    return int("".join(chr(ord(each) - 0xE010 + ord("0")) for each in signs))


Rule = tuple[str, re.Pattern[str], Callable[[str], bool] | None]


def _patterns(known: Known, text: str) -> Iterator[Rule]:
    """What is looked for, in this order: a mail address is no mention, and a host in one no host."""
    yield "mail", name_patterns.MAIL, None
    yield "host", private_hosts.NAME, lambda text: private_hosts.is_internal(text, known.hosts)
    yield "host", private_hosts.V4, private_hosts.is_private
    yield "host", private_hosts.V6, private_hosts.is_private
    yield "item", name_patterns.ITEM, None
    yield "incident", name_patterns.INCIDENT, None
    if known.tickets:
        yield "ticket", name_patterns.exact(known.tickets), None
    yield "ticket", name_patterns.TICKET, name_patterns.is_ticket
    yield "incident", name_patterns.TAG, None
    yield "mention", name_patterns.MENTION, None
    yield "phone", name_patterns.PHONE, None
    if pattern := name_patterns.people(known.people, text):
        yield "name", pattern, None


def _tells(address: str, known: Known) -> bool:
    """Whether an address on a public host has a name, a secret or their like in it."""
    words = re.sub(r"[/?&=#_.+]|%20", " ", links.decoded(address))
    people = name_patterns.people(known.people, words)
    patterns = [*secret_patterns.ALL, name_patterns.MAIL, *([people] if people else [])]
    return any(pattern.search(text) for pattern in patterns for text in (links.decoded(address), words))


def merged(parts: Iterable[Redacted]) -> tuple[tuple[Removal, ...], tuple[Removal, ...]]:
    """What all parts of a report have that was taken out, and what marks still spell out."""
    told = list(parts)
    return (
        tuple(removal for part in told for removal in part.removals),
        tuple(removal for part in told for removal in part.hidden),
    )
