"""The items of a section of action items: lists under headings, under bold labels, or under nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document import fields, item_words, itemtables, marks, roles, vocabulary
from postmortems.document import model as value
from postmortems.document.model import Category, Prose
from postmortems.document.text import is_blank, joined, one_line, paragraphs
from postmortems.document.timeline import merged
from postmortems.document.tokens import Block, blocks, dedented

NUMBERED = re.compile(r"^(?:#?\d{1,3}[.):]|\(\d{1,3}\))\s+(?=\S)")
# A heading that counts is an item too, and its number a part of its words: "AI-1: Add an alert".
COUNTED = re.compile(
    r"^(?:AI|action(?: item| point)?|item|task|fix|recommendation)[ -]?#?\d{1,3}\s*[.):–—-]\s*\S", re.I
)
LABEL = re.compile(r"^(\*\*|__)(?!\s)(?P<inside>(?:(?!\1).)+?):?\s*\1\s*(?P<behind>:?)\s*$")
LONGEST_LABEL = 80
LONGEST_ITEM = 240
NOTHING = re.compile(
    r"\W*(?:none|n/?a|nothing|tbd|to ?do|no (?:further )?action(?: items?)?)\b.{0,40}",
    re.IGNORECASE | re.DOTALL,
)


# A line over a list of what can be read elsewhere.
REFERENCES = re.compile(
    r"[*_]*" + vocabulary.one_of(vocabulary.table("headings")["references"]) + r"[*_]*[:：]?[*_]*",
    re.IGNORECASE,
)
# A box that somebody can tick; a sign before a remark ("✅ paging worked") is none.
BOXED = re.compile(r"^(?:\[[ xX]?\](?!\()|[☐☒☑]\ufe0f?)[ \t]+\S")


def boxed(lines: Sequence[str], found: Sequence[Block]) -> tuple[value.Block, ...]:
    """The items of a section of something else: the lists whose every item has a box; none without one."""
    if not any(_is_boxed(lines, block) for block in found):
        return ()
    read: list[value.Block] = []
    for group in _groups(lines, found):
        if any(_is_boxed(lines, block) for block in group):
            read += _boxed_group(lines, group)
        else:
            read.append(Prose(joined(lines[group[0].start : group[-1].end])))
    return merged(read)


def _boxed_group(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    for block in group:
        if _is_boxed(lines, block):
            yield from _items(lines, block)
        elif block.kind == "heading" and block is group[0]:
            yield Category(one_line(block.text))
        else:
            yield Prose(joined(lines[block.start : block.end]))


def _is_boxed(lines: Sequence[str], block: Block) -> bool:
    return block.kind == "list" and all(
        BOXED.match(dedented(lines[part.start : part.end])[0]) for part in block.parts
    )


def read(lines: Sequence[str], found: Sequence[Block]) -> tuple[value.Block, ...]:
    """Categories and items of a section, and the prose around them."""
    groups = list(_groups(lines, found))
    is_mixed = any(_role(group) == "action_items" for group in groups)
    return merged(
        [
            block
            for group in groups
            for block in (_kept(lines, group) if is_mixed and _is_else(group) else _group(lines, group))
        ]
    )


def _role(group: Sequence[Block]) -> str:
    return roles.named(group[0].text) if group[0].kind == "heading" else ""


def _is_else(group: Sequence[Block]) -> bool:
    """Whether a heading beside one of action items names a part of another kind: "What went well"."""
    return _role(group) not in ("", "other", "action_items")


def _kept(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    yield Prose(joined(lines[group[0].start : group[-1].end]))


def _groups(lines: Sequence[str], found: Sequence[Block]) -> Iterator[list[Block]]:
    """The blocks, cut before each heading that is not marked as prose."""
    group: list[Block] = []
    is_prose = False
    for block in found:
        if block.kind == "heading" and group and not is_prose:
            yield group
            group = []
        if block.kind == "html" and lines[block.start] in (marks.PROSE, marks.PROSE_END):
            is_prose = lines[block.start] == marks.PROSE
        group.append(block)
    if group:
        yield group


def _has_items(group: Sequence[Block]) -> bool:
    return any(block.kind == "list" or itemtables.is_table_of_items(block) for block in group)


def _group(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    first, rest = group[0], group[1:]
    if first.kind != "heading":
        yield from (_paragraphs if _are_items(lines, group) else _lists)(lines, group)
    elif COUNTED.match(first.text) or (NUMBERED.match(first.text) and not _is_a_category(group)):
        yield from _numbered(lines, group)
    else:
        yield Category(one_line(first.text))
        is_prose = _has_items(rest) or _prose_marks(lines, rest)
        yield from (_lists if is_prose else _paragraphs)(lines, rest)


def _are_items(lines: Sequence[str], group: Sequence[Block]) -> bool:
    """Whether short paragraphs, and nothing else, stand where items are expected: each is one."""
    return len(group) > 1 and all(
        block.kind == "paragraph" and block.end == block.start + 1 and len(lines[block.start]) <= LONGEST_ITEM
        for block in group
    )


def _is_a_category(group: Sequence[Block]) -> bool:
    """A numbered heading over nothing but a list or table of items counts its categories."""
    return len(group) > 1 and all(block.kind in ("list", "table") for block in group[1:])


def _numbered(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    """`#### 1) Do this`, with what stands under it: a heading that is an item."""
    first = group[0]
    body = joined(lines[first.end : group[-1].end])
    item = item_words.read(paragraphs(NUMBERED.sub("", first.text), body).split("\n"))
    if item:
        yield item


def _paragraphs(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    """A category without a list: each paragraph is an item, unless it says that there are none."""
    for block in group:
        own = lines[block.start : block.end]
        text = joined(own)
        item = item_words.read(own) if block.kind == "paragraph" else None
        is_prose = item is None or NOTHING.fullmatch(text) or text.endswith((":", "?")) or label(text)
        yield Prose(text) if is_prose or item is None else item


def _lists(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    is_prose = False
    for at, block in enumerate(group):
        # Lists above a table of items say what its words mean.
        has_table = any(map(itemtables.is_table_of_items, group[at + 1 :]))
        above = joined(lines[group[at - 1].start : group[at - 1].end]) if at else ""
        mark = lines[block.start] if block.kind == "html" and block.end == block.start + 1 else ""
        own = joined(lines[block.start : block.end])
        following = group[at + 1].kind if at + 1 < len(group) else ""
        if mark in (marks.PROSE, marks.PROSE_END):
            is_prose = mark == marks.PROSE
        elif block.kind == "list" and not is_prose and not has_table and not REFERENCES.fullmatch(above):
            yield from _items(lines, block)
        elif not is_prose and itemtables.is_table_of_items(block):
            yield Prose(joined(lines[block.start : block.start + 2]))
            yield from itemtables.items(block)
        elif not is_prose and block.kind == "paragraph" and following == "list" and label(own):
            yield Category(label(own))
        else:
            yield Prose(own)


def _prose_marks(lines: Sequence[str], group: Sequence[Block]) -> bool:
    return any(lines[block.start] == marks.PROSE for block in group)


def label(text: str) -> str:
    """The words of a line in bold that names the list below it."""
    match = LABEL.match(text) if len(text) <= LONGEST_LABEL else None
    return one_line(match["inside"]) if match else ""


def _items(lines: Sequence[str], block: Block) -> Iterator[value.Block]:
    """The items of a list; `- **Process**` over a nested list is a category with its items."""
    for part in block.parts:
        body = dedented(lines[part.start : part.end])
        name, nested = _labelled(body)
        # Labels over labels stay text: they would be taken apart again each time they are read.
        if name and not any(_labelled(each)[0] for each in nested):
            yield Category(name)
        else:
            nested = [body]
        yield from filter(None, map(item_words.read, nested))


def _labelled(body: list[str]) -> tuple[str, list[list[str]]]:
    """The bold label that is all of an item, and the items of the list under it."""
    name = label(body[0].strip()) if len(body) > 1 else ""
    inside = blocks(body) if name else []
    if len(inside) != 2 or inside[1].kind != "list" or inside[0].end != 1 or _is_keys(body, inside[1]):
        return "", []
    return name, [dedented(body[part.start : part.end]) for part in inside[1].parts]


def _is_keys(lines: Sequence[str], block: Block) -> bool:
    """Whether a nested list says something about its item, and is no list of items."""
    own = lines[block.start : block.end]
    return item_words.is_keys(own) or all(fields.LINE.match(line) for line in own if not is_blank(line))
