"""Rewrites a block's own lines in the notation in which they were written.

Nothing here knows a notation by name. What a block said is found in its lines; what stands before and behind
that on a line (a marker, an indent, a cell's bar) stays. Whoever calls reads the result again: what does not
come back as it was meant is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from postmortems.document.model import Block, Category, Entry, Item, Prose
from postmortems.document.source_edit import item_lines
from postmortems.document.text import is_blank

TOKEN = re.compile(r"\w+|[^\w\s]")


def rewritings(own: Sequence[str], old: Block, new: Block) -> Iterator[list[str]]:
    """The lines that may say `new` where these say `old`, the most faithful first."""
    if isinstance(old, Entry) and isinstance(new, Entry):
        heads = said(own, old.written, new.written)
        heads = [lines for head in heads for lines in _titled(head, old, new)]
        for head in heads:
            for lines in _texts(head, old.text, new.text):
                yield from _kinds(lines, old.kind, new.kind)
    elif isinstance(old, Item) and isinstance(new, Item):
        for lines in _texts(own, old.text, new.text):
            yield from item_lines.about(lines, old, new)
    elif isinstance(old, Prose) and isinstance(new, Prose):
        yield from _texts(own, old.text, new.text)
    elif isinstance(old, Category) and isinstance(new, Category):
        yield from said(own, old.heading, new.heading)


def said(own: Sequence[str], old: str, new: str) -> list[list[str]]:
    """The lines with words changed that stand on one of them: a heading, a title."""
    own = list(own)
    if old == new:
        return [own]
    found = []
    for at, line in enumerate(own):
        if old and old in line:
            found.append([*own[:at], line.replace(old, new, 1), *own[at + 1 :]])
            break
    for at, line in enumerate(own):
        for worded in _by_tokens(line, old, new):
            found.append([*own[:at], worded, *own[at + 1 :]])
    return found


def _titled(own: list[str], old: Entry, new: Entry) -> list[list[str]]:
    if old.title:
        if new.title:
            return said(own, old.title, new.title)
        return [[re.sub(r"\s*[-–—:]\s*" + re.escape(old.title), "", line, count=1) for line in own]]
    if new.title and own:
        return [[f"{own[0]} - {new.title}", *own[1:]]]
    return [own]


def _by_tokens(line: str, old: str, new: str) -> Iterator[str]:
    """The line with the words of `old` changed to those of `new`, whatever markup stands between them."""
    before, after = list(TOKEN.finditer(old)), list(TOKEN.finditer(new))
    places = _tokens_on(line, [token.group() for token in before])
    if not places or not after:
        return
    words = [token.group() for token in before], [token.group() for token in after]
    out, done = [], 0
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        is_first = tag == "insert" and not i1
        start = places[i1 - 1][1] if tag == "insert" and i1 else places[i1][0]
        end = places[i2 - 1][1] if i2 > i1 else start
        text = new[after[j1].start() : after[j2 - 1].end()] if j2 > j1 else ""
        if tag == "insert":
            text = f"{text} " if is_first else f" {text}"
        out += [line[done:start], text]
        done = end
    yield "".join([*out, line[done:]])
    # Other words altogether: with them goes the emphasis that stood among the old ones.
    start, end = places[0][0], places[-1][1]
    yield line[:start].rstrip("*_`") + new + line[end:].lstrip("*_`")


def _tokens_on(line: str, words: list[str]) -> list[tuple[int, int]]:
    """From where to where each of the words stands on a line, in order; none where one is missing."""
    at, places = 0, []
    for word in words:
        found = re.compile(_whole(word)).search(line, at)
        if found is None:
            return []
        places.append(found.span())
        at = found.end()
    return places


def _whole(token: str) -> str:
    return rf"(?<!\w){re.escape(token)}(?!\w)" if token[0].isalnum() else re.escape(token)


def _texts(own: Sequence[str], old: str, new: str) -> Iterator[list[str]]:
    """The lines with one text for another: line by line, else word by word."""
    own = list(own)
    if old == new:
        yield own
        return
    if not old:
        yield [*own, "", *new.split("\n")]
        if own and "\n" not in new:
            yield [*own[:-1], f"{own[-1].rstrip()} {new}"]
            yield [re.sub(r"\|\s*\|\s*$", f"| {new} |", line) for line in own]
        return
    lined = _by_lines(own, old.split("\n"), new.split("\n") if new else [])
    if lined is not None:
        yield lined
    if "\n" not in old and "\n" not in new:
        yield from said(own, old, new)


def _places(own: Sequence[str], old: Sequence[str]) -> list[tuple[int, int, int]] | None:
    """Where each line of a text stands: its line, and from where to where on it; None if one does not."""
    found: list[tuple[int, int, int]] = []
    at = 0
    for text in old:
        if is_blank(text):
            is_there = found and at < len(own) and is_blank(own[at])
            found.append((at, 0, len(own[at])) if is_there else (at - 1, -1, -1))
            at += bool(is_there)
            continue
        place = next(
            (
                (line, start, start + len(words))
                for line in range(at, len(own))
                for words in (text, text.strip())
                if (start := own[line].find(words)) >= 0
            ),
            None,
        )
        if place is None:
            return None
        found.append(place)
        at = place[0] + 1
    return found


def _by_lines(own: Sequence[str], old: Sequence[str], new: Sequence[str]) -> list[str] | None:
    places = _places(own, old)
    if places is None:
        return None
    deeper = _continued(own, places)
    out: list[str] = []
    done = 0
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            end = places[i2 - 1][0] + 1
            out += own[done:end]
        else:
            end = places[i2 - 1][0] + 1 if i2 > i1 else done
            first = places[i1][0] if i2 > i1 else done
            out += own[done:first]
            out += _fitted(own, places[i1:i2], new[j1:j2], deeper)
        done = max(done, end)
    return [*out, *own[done:]]


def _continued(own: Sequence[str], places: Sequence[tuple[int, int, int]]) -> str:
    """What a further line of this text begins with."""
    for line, start, _ in places[1:]:
        if start >= 0 and own[line] and is_blank(own[line][:start]):
            return own[line][:start]
    line, start, _ = places[0]
    before = own[line][:start]
    return before if is_blank(before) else item_lines.content_indent(own[line])


def _fitted(
    own: Sequence[str], places: Sequence[tuple[int, int, int]], new: Sequence[str], deeper: str
) -> Iterator[str]:
    """New lines in the place of old ones, each between what stood around the old."""
    known = [place for place in places if place[1] >= 0]
    for at, text in enumerate(new):
        line, start, end = known[at] if at < len(known) else (-1, 0, 0)
        before = own[line][:start] if line >= 0 else deeper
        behind = own[line][end:] if line >= 0 else ""
        yield f"{before}{text}{behind}" if text else (before + behind).rstrip()
    for line, start, end in known[len(new) :]:
        rest = own[line][:start].rstrip() + own[line][end:]
        if rest.strip():
            yield rest


def _kinds(own: list[str], old: str, new: str) -> Iterator[list[str]]:
    """The lines with an entry's kind, which has one notation."""
    if old == new:
        yield own
        return
    bare = [line for line in own if not old or line.strip() != f"- Kind: {old}"]
    while old and bare and is_blank(bare[-1]):
        bare.pop()
    yield [*bare, "", f"- Kind: {new}"] if new else bare
