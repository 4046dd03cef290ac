"""Three-way merge of documents by part: front matter and items by field, else by line.

So an item's status that is set elsewhere does not collide with its words, nor a title with the date below it;
and of two who add a row, or a section, at the same place both are right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from postmortems.document import three_way_merge
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item
from postmortems.document.text import is_blank
from postmortems.document.three_way_merge import Lean, Region

# What stands between theirs and mine in a field of one line that holds both.
BOTH = {
    "title": " / ",
    "heading": " / ",
    "owner": ", ",
    "team": ", ",
    "text": " ",
    "done_when": "; ",
    "outcome": "; ",
    "evidence": "; ",
    "reason": "; ",
}

# Fields that are lists.
SEVERAL = {"services", "tags", "restricted", "extra", "tickets", "guards"}


@dataclass(frozen=True)
class Choice:
    """A field of one value that both edits changed: one of them stands there, so people are asked.

    `item` is the item's id, "" for a field of the document; what was taken out is "".
    """

    item: str
    field: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Clash:
    """A part that both edits changed to different ones, as it was and as each has it.

    `kind` is `field` of the document, `item` with its id in `part`, or `section` with its heading there (""
    for what stands above the first); `field` names the field, "" where they are lines of a section.
    """

    kind: str
    part: str
    field: str
    base: str
    mine: str
    theirs: str


class _Clash(Exception):
    """Both edits changed one field, to different values."""


def merged(base: Document, mine: Document, theirs: Document, *, leans: Lean = "") -> Document | None:
    """The document with both edits of `base`; None where they changed the same part to different ones.

    `leans` says what stands there then, as in `three_way_merge`.
    """
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    edits = (base, mine, theirs)
    try:
        front = _fields(edits, {"sections"}, leans)
        items = {ref: Item(**_fields(each, set(), leans)) for ref, each in _shared(edits).items()}
    except _Clash:
        return None
    texts = [parser.write(_with(each, front, items)) for each in edits]
    text = three_way_merge.merged(*texts, leans=leans, joins=_both_added)
    return None if text is None else parser.parse(text)


def clashes(base: Document, mine: Document, theirs: Document) -> list[Clash]:
    """Each part that keeps the two edits from being merged; none where they can be."""
    edits = (base, mine, theirs)
    if mine in (base, theirs) or theirs == base:
        return []
    found = [Clash("field", "", name, *told) for name, told in _clashing(edits, {"sections"})]
    for ref, each in _shared(edits).items():
        found += [Clash("item", ref, name, *told) for name, told in _clashing(each, set())]
    front = _fields(edits, {"sections"}, "theirs")
    items = {ref: Item(**_fields(each, set(), "theirs")) for ref, each in _shared(edits).items()}
    texts = [parser.write(_with(each, front, items)) for each in edits]
    lines = texts[0].split("\n")
    for region in three_way_merge.clashes(*texts, joins=_both_added):
        told = ["\n".join(each).strip("\n") for each in (region.base, region.mine, region.theirs)]
        found.append(Clash("section", _heading_over(lines, region), "", *told))
    return found


def chosen(base: Document, mine: Document, theirs: Document, leans: Sequence[Lean]) -> Document | None:
    """The document with both edits, each of its `clashes` as the lean at its place says.

    None where there are not as many clashes: then they are others than those that were chosen about.
    """
    edits, found = (base, mine, theirs), clashes(base, mine, theirs)
    if len(found) != len(leans):
        return None
    ways = {
        (one.part, one.field): lean for one, lean in zip(found, leans, strict=True) if one.kind != "section"
    }
    front = _chosen_fields(edits, {"sections"}, "", ways)
    items = {ref: Item(**_chosen_fields(each, set(), ref, ways)) for ref, each in _shared(edits).items()}
    first, second, third = (parser.write(_with(each, front, items)) for each in edits)
    return parser.parse(three_way_merge.chosen(first, second, third, leans[len(ways) :], _both_added))


def _chosen_fields(
    edits: Edits, but: set[str], ref: str, ways: Mapping[tuple[str, str], Lean]
) -> dict[str, Any]:
    names = [field.name for field in fields(edits[0]) if field.name not in but]
    return {
        name: _value(name, [getattr(each, name) for each in edits], ways.get((ref, name), "theirs"))
        for name in names
    }


def can_hold_both(clash: Clash) -> bool:
    """Whether what both wrote can stand there: not in a date, or in a word out of a list of ours."""
    is_filled = bool(clash.mine and clash.theirs)
    lines = any("\n" in text for text in (clash.base, clash.mine, clash.theirs))
    return clash.kind == "section" or clash.field in SEVERAL or (is_filled and (clash.field in BOTH or lines))


def _clashing(edits: Edits, but: set[str]) -> Iterator[tuple[str, list[str]]]:
    """By name, the fields that both changed to different values, as the three have them."""
    for name in [field.name for field in fields(edits[0]) if field.name not in but]:
        values = [getattr(each, name) for each in edits]
        try:
            _value(name, values, "")
        except _Clash:
            yield name, [_said(value) for value in values]


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return "\n".join(": ".join(each) if isinstance(each, tuple) else str(each) for each in value)
    return str(value or "")


SECTION = re.compile(r"## (.*?)(?: \{\.[a-z-]+\})?$")
ROW = re.compile(r"### |\d+\. ")


def _heading_over(base: Sequence[str], region: Region[str]) -> str:
    """The heading of the section in which the lines stand; their own, where they begin with one."""
    for line in [*region.base[:1], *reversed(base[: region.at[0]])]:
        if found := SECTION.match(line):
            return found[1]
    return ""


def _both_added(region: Region[str]) -> list[str] | None:
    """Rows or sections that the two added at the same place: all of them, rows before sections."""
    mine, theirs = _added(region.mine), _added(region.theirs)
    if not all(map(is_blank, region.base)) or not mine or not theirs:
        return None
    headings = [set(filter(SECTION.match, lines)) for lines in (region.mine, region.theirs)]
    if headings[0] & headings[1]:
        return None
    pair = (
        (region.mine, region.theirs) if (mine, theirs) == ("row", "section") else (region.theirs, region.mine)
    )
    return ["", *pair[0], "", *pair[1], ""]


def _added(lines: Sequence[str]) -> str:
    """What lines that were put in are: rows or sections, whole; "" where they are neither."""
    first = next((line for line in lines if not is_blank(line)), "")
    if SECTION.match(first):
        return "section"
    is_row = ROW.match(first) and not any(map(SECTION.match, lines))
    return "row" if is_row else ""


def choices(base: Document, mine: Document, theirs: Document) -> list[Choice]:
    """The fields of which a merge that leans to both can keep only one value."""
    edits = (base, mine, theirs)
    return [choice for item, each in {"": edits, **_shared(edits)}.items() for choice in _choices(item, each)]


Edits = tuple[Any, Any, Any]


def _choices(item: str, edits: Edits) -> list[Choice]:
    found = []
    for name in [field.name for field in fields(edits[0])]:
        base, mine, theirs = (getattr(each, name) for each in edits)
        is_of_one = mine in (base, theirs) or theirs == base
        holds_both = (
            isinstance(base, tuple) or _has_lines(base, mine, theirs) or (name in BOTH and mine and theirs)
        )
        if not is_of_one and not holds_both:
            found.append(Choice(item, name, str(mine or ""), str(theirs or "")))
    return found


def _has_lines(*values: Any) -> bool:
    return isinstance(values[0], str) and any("\n" in value for value in values)


def _fields(edits: Edits, but: set[str], leans: Lean) -> dict[str, Any]:
    """By name, each field of the dataclass that the three are."""
    names = [field.name for field in fields(edits[0]) if field.name not in but]
    return {name: _value(name, [getattr(each, name) for each in edits], leans) for name in names}


def _value(name: str, values: Sequence[Any], leans: Lean) -> Any:
    base, mine, theirs = values
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    found: Any = None
    if isinstance(base, tuple):
        lines = three_way_merge.merged_lines(base, mine, theirs, leans=leans, joins=_both_named)
        found = None if lines is None else tuple(dict.fromkeys(lines))
    elif _has_lines(base, mine, theirs):
        found = three_way_merge.merged(base, mine, theirs, leans=leans)
    elif leans == "both" and name in BOTH and mine and theirs:
        found = BOTH[name].join((theirs, mine))
    elif leans == "both":
        # A day, or a word out of a list of ours, cannot be both; and what one took out is kept.
        return mine or theirs
    elif leans:
        return theirs if leans == "theirs" else mine
    if found is None:
        raise _Clash
    return found


def _both_named(region: Region[Any]) -> list[Any] | None:
    """What the two added to a list at the same place; a key of the front matter has one value."""
    keys = [{each[0] for each in more if isinstance(each, tuple)} for more in (region.mine, region.theirs)]
    return None if region.base or keys[0] & keys[1] else [*region.theirs, *region.mine]


def _shared(edits: Edits) -> dict[str, Edits]:
    """By id, the items that all three have, as each has them."""
    base, mine, theirs = (_by_id(each) for each in edits)
    return {ref: (base[ref], mine[ref], theirs[ref]) for ref in base if ref in mine and ref in theirs}


def _by_id(document: Document) -> dict[str, Item]:
    # Whoever writes an id twice means we do not know which: such items are merged as lines.
    times = Counter(item.id for item in document.items)
    return {item.id: item for item in document.items if item.id and times[item.id] == 1}


def _with(document: Document, front: Mapping[str, Any], items: Mapping[str, Item]) -> Document:
    return replace(document.with_items(lambda item: items.get(item.id, item)), **front)
