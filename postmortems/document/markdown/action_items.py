"""Reads action items in Markdown: lists under headings, under bold labels, or under neither."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document import model as value
from postmortems.document import vocabulary
from postmortems.document.markdown import prose_markers, section_roles, severities
from postmortems.document.markdown.items import (
    item_fields,
    item_groups,
    item_names,
    item_states,
    item_tables,
    item_words,
)
from postmortems.document.markdown.prose_markers import merged
from postmortems.document.markdown.tokens import Block, blocks, dedented
from postmortems.document.model import Category, Prose
from postmortems.document.text import is_blank, joined, one_line, paragraphs
from postmortems.document.times import prefix

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
BULLET = re.compile(r"\s*[-*+]\s")
BOX = re.compile(r"^(?:\[[ xX]?\](?!\()|[☐☒☑]\ufe0f?)[ \t]+")
BOXED = re.compile(BOX.pattern + r"\S")
BOXED_BELOW = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]?\]|[☐☒☑])")
CHECKLIST = re.compile(r"(?<!\w)" + vocabulary.one_of(item_tables.WORDS["checklists"]), re.IGNORECASE)
# `P0: at once`, `**done** – merged`: what the marks of a table stand for.
LEGEND = re.compile(r"^\W*(?P<term>[^:=–—\n]{1,40}?)\W{0,4}(?:\s*[:：=]|\s+[–—-])\s*\S")


def boxed(lines: Sequence[str], found: Sequence[Block]) -> tuple[value.Block, ...]:
    """The items of a section of something else: whatever has a box; none without one.

    An author's check list has boxes too, and so has a choice: `[x] SEV2`, `[ ] yes`.
    """
    read: list[value.Block] = []
    for group in _groups(lines, found):
        kept = (
            []
            if _is_checklist(lines, group)
            else [at for at, block in enumerate(group) if _has_box(lines, block)]
        )
        for at, block in enumerate(group):
            if at in kept:
                read += _ticked(lines, block)
            elif kept and block.kind == "heading" and at == 0:
                read.append(Category(one_line(block.text)))
            else:
                read.append(Prose(joined(lines[block.start : block.end])))
    return merged(read) if any(isinstance(block, value.Item) for block in read) else ()


def tabled(lines: Sequence[str], found: Sequence[Block]) -> tuple[value.Block, ...]:
    """The items of a section of something else: the rows of a table that is one of items for sure."""
    if not any(map(item_tables.is_surely_of_items, found)):
        return ()
    read: list[value.Block] = []
    for block in found:
        if item_tables.is_surely_of_items(block):
            read.append(Prose(joined(lines[block.start : block.start + 2])))
            read += item_tables.items(block)
        else:
            read.append(Prose(joined(lines[block.start : block.end])))
    return merged(read)


def boxes_behind(lines: Sequence[str], found: Sequence[Block]) -> int:
    """The line where a section ends in headings over boxes, which are no times; beyond the last for none."""
    start = len(lines)
    for group in reversed(list(_groups(lines, found))[1:]):
        first = group[0]
        is_boxed = any(_has_box(lines, block) for block in group) and not _is_checklist(lines, group)
        if first.kind != "heading" or prefix.of_heading(first.text) or not is_boxed:
            break
        start = first.start
    return start


def _is_checklist(lines: Sequence[str], group: Sequence[Block]) -> bool:
    """Whether what stands above the boxes says that the author ticks them for the report itself."""
    above = [block.text or joined(lines[block.start : block.end]) for block in group if block.kind != "list"]
    return any(CHECKLIST.search(text) for text in above)


def _has_box(lines: Sequence[str], block: Block) -> bool:
    bodies = [_body(lines, part) for part in block.parts if block.kind == "list"]
    with_box = [body for body in bodies if BOXED.match(body[0])]
    is_choice = all(_is_choice(BOX.sub("", body[0], count=1)) for body in with_box)
    return (bool(with_box) and not is_choice) or any(
        _nested_boxes(body) for body in bodies if body not in with_box
    )


def _body(lines: Sequence[str], part: Block) -> list[str]:
    """The content of an item of a list."""
    return item_fields.with_words(dedented(lines[part.start : part.end]))


def _is_choice(text: str) -> bool:
    return bool(severities.level(text)) or text.strip(" *_`.").lower() in item_states.ANSWERS


def _nested_boxes(body: list[str]) -> Block | None:
    """The list with boxes that is the end of an item without one."""
    last = blocks(body)[-1] if any(BOXED_BELOW.match(line) for line in body[1:]) else None
    is_list = last and last.kind == "list" and last.start
    return last if last and is_list and _has_box(body, last) else None


def _ticked(lines: Sequence[str], block: Block) -> Iterator[value.Block]:
    """The items of a list whose boxes are items; what has none stays as it stands."""
    for part in block.parts:
        own = list(lines[part.start : part.end])
        body = _body(lines, part)
        item = item_words.read(body) if BOXED.match(body[0]) else None
        nested = None if item else _nested_boxes(body)
        if item:
            yield item
        elif nested:
            name = label(joined(body[: nested.start]))
            yield Category(name) if name else Prose(joined(own[: nested.start]))
            yield from _ticked(body, nested)
        else:
            yield Prose(joined(own))


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
    return section_roles.named(group[0].text) if group[0].kind == "heading" else ""


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
        if block.kind == "html" and lines[block.start] in (prose_markers.PROSE, prose_markers.PROSE_END):
            is_prose = lines[block.start] == prose_markers.PROSE
        group.append(block)
    if group:
        yield group


def _has_items(group: Sequence[Block]) -> bool:
    return any(block.kind == "list" or item_tables.is_table_of_items(block) for block in group)


def _group(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    first, rest = group[0], group[1:]
    if first.kind != "heading":
        turned = item_groups.of_lines(lines, group)
        if turned:
            yield from turned
        else:
            yield from (_paragraphs if _are_items(lines, group) else _lists)(lines, group)
    elif _is_an_item(lines, group):
        yield from _numbered(lines, group)
    else:
        yield Category(one_line(first.text))
        is_prose = _has_items(rest) or _prose_marks(lines, rest)
        yield from (_lists if is_prose else _paragraphs)(lines, rest)


def _are_items(lines: Sequence[str], group: Sequence[Block]) -> bool:
    """Whether short paragraphs, and nothing else, stand where items are expected: each is one."""
    return len(group) > 1 and all(
        block.kind == "paragraph"
        and len(lines[block.start]) <= LONGEST_ITEM
        and (block.end == block.start + 1 or item_words.are_keys(lines[block.start + 1 : block.end]))
        for block in group
    )


def _is_an_item(lines: Sequence[str], group: Sequence[Block]) -> bool:
    """Whether a heading says what is to be done, and does not name what stands below it."""
    if COUNTED.match(group[0].text) or _is_told_of(lines, group[1:]):
        return True
    if item_names.SURE.match(group[0].text) and not _has_items(group[1:]):
        own = [line for block in group[1:] for line in lines[block.start : block.end]]
        return any(map(item_words.is_key, own))
    return bool(NUMBERED.match(group[0].text)) and not _is_a_category(group)


def _is_a_category(group: Sequence[Block]) -> bool:
    """A numbered heading over nothing but a list or table of items counts its categories."""
    return len(group) > 1 and all(block.kind in ("list", "table") for block in group[1:])


def _is_told_of(lines: Sequence[str], below: Sequence[Block]) -> bool:
    """Whether all that stands below a heading is whose it is, by when and how far: the heading is an item."""
    own = [line for block in below for line in lines[block.start : block.end] if not is_blank(line)]
    is_listed = all(block.kind in ("list", "paragraph") for block in below)
    return is_listed and len(own) > 1 and item_words.are_keys(own)


def _numbered(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    """`#### 1) Do this`, with what stands under it: a heading that is an item."""
    first = group[0]
    own = [(block, joined(lines[block.start : block.end])) for block in group[1:]]
    # What is said about an item is read at its end.
    keys = [text for block, text in own if block.kind == "list" and item_words.are_keys(text.split("\n"))]
    is_apart = len(keys) == 1 and own[-1][1] not in keys
    told = [text for _, text in own if text not in keys] + keys
    body = "\n\n".join(told) if is_apart else joined(lines[first.end : group[-1].end])
    item = item_words.read(paragraphs(NUMBERED.sub("", first.text), body).split("\n"))
    if item:
        yield item


def _paragraphs(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    """A category without a list: each paragraph is an item, unless it says that there are none."""
    for block in group:
        own = lines[block.start : block.end]
        text = joined(own)
        item = item_words.read(own) if block.kind == "paragraph" else None
        is_lead = text.endswith((":", "?")) or label(text) or section_roles.is_closing(text)
        yield Prose(text) if item is None or is_lead or NOTHING.fullmatch(text) else item


def _lists(lines: Sequence[str], group: Sequence[Block]) -> Iterator[value.Block]:
    is_prose = False
    is_counted = any(block.kind == "list" and not BULLET.match(lines[block.start]) for block in group)
    bodies: list[list[str]] = []
    for at, block in enumerate(group):
        above = joined(lines[group[at - 1].start : group[at - 1].end]) if at else ""
        mark = lines[block.start] if block.kind == "html" and block.end == block.start + 1 else ""
        own = joined(lines[block.start : block.end])
        following = group[at + 1].kind if at + 1 < len(group) else ""
        is_beside = REFERENCES.fullmatch(above) or (block.kind == "list" and _is_legend(lines, group, at))
        if not is_prose and block.kind == "list" and not is_beside:
            for part in block.parts:
                is_bullet = BULLET.match(lines[part.start]) is not None
                _add(bodies, _body(lines, part), may_tell=is_bullet)
            continue
        if not is_prose and bodies and block.kind == "paragraph" and item_words.says_more(bodies[-1], own):
            _add(bodies, own.split("\n"), may_tell=True)
            continue
        yield from _items(bodies, is_counted=is_counted)
        bodies = []
        if mark in (prose_markers.PROSE, prose_markers.PROSE_END):
            is_prose = mark == prose_markers.PROSE
        elif not is_prose and item_tables.is_table_of_items(block):
            yield Prose(joined(lines[block.start : block.start + 2]))
            yield from item_tables.items(block)
        elif not is_prose and block.kind == "paragraph" and following == "list" and label(own):
            yield Category(label(own))
        else:
            yield Prose(own)
    yield from _items(bodies, is_counted=is_counted)


def _is_legend(lines: Sequence[str], group: Sequence[Block], at: int) -> bool:
    """Whether a list tells what the words of a table of items mean: above it all do that have no box."""
    if not any(item_tables.is_table_of_items(block) for block in group):
        return False
    first = [_body(lines, part)[0] for part in group[at].parts]
    if any(item_tables.is_table_of_items(block) for block in group[at + 1 :]):
        return not any(map(BOXED.match, first))
    terms = [match["term"] if match else "" for match in map(LEGEND.match, first)]
    return all(
        _is_mark(term) or _is_mark(text.partition(" ")[0]) for term, text in zip(terms, first, strict=True)
    )


def _is_mark(term: str) -> bool:
    """Whether a term is a state, a priority or the name of a column."""
    known = item_states.said(term) or item_tables.column(term) or item_tables.urgency(term)
    return bool(known or severities.level(term))


def _prose_marks(lines: Sequence[str], group: Sequence[Block]) -> bool:
    return any(lines[block.start] == prose_markers.PROSE for block in group)


def label(text: str) -> str:
    """The words of a line in bold that names the list below it."""
    match = LABEL.match(text) if len(text) <= LONGEST_LABEL else None
    return one_line(match["inside"]) if match else ""


def _add(bodies: list[list[str]], body: list[str], *, may_tell: bool) -> None:
    """Add an item's content, or what it tells of the item before: `- Owner: @kai` in a list of its own.

    Below `10. Item` it stands so for Markdown unless it is four blanks in.
    """
    if may_tell and bodies and item_words.says_more(bodies[-1], joined(body)):
        bodies[-1] = [*bodies[-1], "", *(f"- {line.strip()}" for line in body if not is_blank(line))]
    else:
        bodies.append(body)


def _items(bodies: Sequence[list[str]], *, is_counted: bool) -> Iterator[value.Block]:
    """The items of a list; `- **Process**` over a nested list is a category with its items."""
    read = [_labelled(body) for body in bodies]
    if bodies and not any(name for name, _ in read):
        read = _named(bodies) or read
    are_errands = item_names.are_errands([each for each in read if each[0]], is_counted=is_counted)
    for body, (name, nested) in zip(bodies, read, strict=True):
        # Labels over labels stay text: they would be taken apart again each time they are read.
        if name and not are_errands and not any(_labelled(each)[0] for each in nested):
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
    return name, [_body(body, part) for part in inside[1].parts]


def _named(bodies: Sequence[list[str]]) -> list[tuple[str, list[list[str]]]]:
    """The same where all names are plain, over lists that are all of their entries: "Ada", "Detection:"."""
    read: list[tuple[str, list[list[str]]]] = []
    for body in bodies:
        inside = blocks(body) if len(body) > 1 else []
        if len(inside) != 2 or inside[1].kind != "list" or inside[0].end != 1 or _is_keys(body, inside[1]):
            return []
        read.append((one_line(body[0].strip()), [_body(body, part) for part in inside[1].parts]))
    return read if item_groups.are_names([name for name, _ in read], [below for _, below in read]) else []


def _is_keys(lines: Sequence[str], block: Block) -> bool:
    """Whether a nested list says something about its item, and is no list of items."""
    own = lines[block.start : block.end]
    return item_words.is_keys(own) or all(item_fields.LINE.match(line) for line in own if not is_blank(line))
