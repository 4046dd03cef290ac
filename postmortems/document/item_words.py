"""What an author says about an item in their own words: labelled bullets, brackets, labels behind the text.

`- **Owner:** Ops` below it, `(owner: Ada, due 2024-04-01)` or `Owner: Ada.` at its end. A field that is set
already stays. The words go from the text only where the item's keys say them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from postmortems.document import fields, itemtables
from postmortems.document.model import Item
from postmortems.document.text import is_blank, joined
from postmortems.document.tokens import blocks

READ = ("owner", "team", "due", "priority", "status", "tickets")
MARKS = r"(?:\*\*|__|[*_])?"
LABELLED = re.compile(
    rf"^[-*+][ \t]+{MARKS}(?P<name>[^\W\d_][^:：*_\n]{{0,30}}?)[ ]?{MARKS}[:：]{MARKS}[ \t]*(?P<said>\S.*)$"
)
BRACKET = re.compile(
    r"[ \t]{0,4}[(（\[](?P<said>(?:[^()（）\[\]]|\[[^\[\]]*\]\([^()]*\)){3,200})[)）\]](?P<end>\.?)$"
)
PART = re.compile(r"[,;，；、|·]\s*|\s[–—-]\s")
SAID = re.compile(rf"{MARKS}(?P<name>[^\W\d_][^:：=*_]{{0,30}}?)[ ]?{MARKS}\s*[:：=]{MARKS}\s*(?P<said>\S.*)")
BARE = re.compile(
    r"(?P<name>due|due by|due on|by|owner|priority|assigned to|assignee)\s+(?P<said>\S.*)", re.IGNORECASE
)
NAME = re.compile(r"(?:@|[^\W\d_a-z])\S*(?:\s+\S+){0,3}")
BEHIND = re.compile(
    r"(?:(?<=[.;,|–—!?])|(?<=\s-)|(?=[ \t]{1,4}(?:\*\*|__)))[ \t]{1,4}"
    rf"(?P<mark>{MARKS})(?P<name>[A-ZÀ-ÞА-Я][^\W\d_]{{1,15}}(?: [a-z]{{1,10}})?)"
    r"(?::(?P=mark)|(?P=mark):)[ \t]+"
)
MOST_WORDS = 5


def read(lines: Sequence[str]) -> Item | None:
    """An item from the content of its list item, with all that is said about it."""
    item = fields.read(lines)
    if item is None or not item.text:
        return item
    for reading in (_bullets, _brackets, _behind):
        item = reading(item)
    return item


def is_keys(lines: Sequence[str]) -> bool:
    """Whether a nested list says something about the item above it: who, by when, or what it is, once."""
    found = [itemtables.column(match["name"]) for match in map(LABELLED.match, lines) if match]
    return any(field in READ for field in found) or found.count("text") == 1


def _field(name: str) -> str:
    field = itemtables.column(name)
    return field if field in READ else ""


def _taken(item: Item, field: str, said: str) -> Item | None:
    """The item with a field that it had not, or None."""
    if not field or getattr(item, field) or (field in ("owner", "team") and len(said.split()) > MOST_WORDS):
        return None
    return itemtables.taken(item, field, said)


def _bullets(item: Item) -> Item:
    """The item with what the bullets of its last list say."""
    lines = item.text.split("\n")
    last = blocks(lines)[-1] if any(LABELLED.match(line) for line in lines) else None
    if last is None or last.kind != "list" or not last.start:
        return item
    kept = lines[: last.start]
    for part in last.parts:
        own = lines[part.start : part.end]
        match = LABELLED.match(own[0]) if len([line for line in own if not is_blank(line)]) == 1 else None
        more = _taken(item, _field(match["name"]), match["said"].strip()) if match else None
        item = more or item
        if more is None or not itemtables.is_said(own[0], more):
            kept += own
    return _with_text(item, joined(kept))


def _brackets(item: Item) -> Item:
    """The item with what the brackets behind its first line say."""
    first, *rest = item.text.split("\n")
    while match := BRACKET.search(first):
        more = _listed(item, match["said"])
        before = first[: match.start()].rstrip()
        if more is None or not before:
            break
        item = more
        if not itemtables.is_said(match["said"], item):
            break
        first = f"{before}{match['end']}"
    return _with_text(item, "\n".join([first, *rest]))


def _listed(item: Item, said: str) -> Item | None:
    """The item with the parts of a list, of which one at least has a label."""
    more, is_labelled = item, False
    parts = [part.strip() for part in PART.split(said) if part.strip()]
    for part in sorted(parts, key=lambda part: not SAID.fullmatch(part)):
        match = SAID.fullmatch(part) or _bare(part)
        readings = [(_field(match["name"]), match["said"])] if match else []
        readings += [(field, part) for field in ("due", "priority", "tickets") if is_labelled and not match]
        taken = next(filter(None, (_taken(more, *each) for each in readings)), None)
        is_labelled = is_labelled or bool(match and taken)
        more = taken or more
    return more if is_labelled else None


def _bare(part: str) -> re.Match[str] | None:
    match = BARE.fullmatch(part)
    is_owner = match and _field(match["name"]) == "owner"
    return match if match and (not is_owner or NAME.fullmatch(match["said"])) else None


def _behind(item: Item) -> Item:
    """The item with the labels at the end of its first line: `… Owner: Ada. Due: 2024-04-01`."""
    first, *rest = item.text.split("\n")
    found = [match for match in BEHIND.finditer(first) if _field(match["name"])]
    more = item
    for match, said in _segments(first, found):
        taken = _taken(more, _field(match["name"]), said)
        if taken is None:
            return item
        more = taken
    if not found or not first[: found[0].start()].strip():
        return item
    if itemtables.is_said(first[found[0].start() :], more):
        first = first[: found[0].start()].rstrip(" \t–—|,;-")
    return _with_text(more, "\n".join([first, *rest]))


def _segments(line: str, found: Sequence[re.Match[str]]) -> Iterator[tuple[re.Match[str], str]]:
    ends = [*(match.start() for match in found[1:]), len(line)]
    for match, end in zip(found, ends, strict=False):
        yield match, line[match.end() : end].strip(" \t.,;|–—-")


def _with_text(item: Item, text: str) -> Item:
    return item if text == item.text else replace(item, text=text)
