"""Three-way merge of documents by part: front matter and items by field, else by line.

So an item's status that is set elsewhere does not collide with its words, nor a title with the date below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from postmortems.document import three_way_merge
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item
from postmortems.document.three_way_merge import Lean

# What stands between theirs and mine in a field of one line that holds both.
BOTH = {
    "title": " / ",
    "heading": " / ",
    "owner": ", ",
    "team": ", ",
    "text": " ",
    "done_when": "; ",
    "outcome": "; ",
    "reason": "; ",
}


@dataclass(frozen=True)
class Choice:
    """A field of one value that both edits changed: one of them stands there, so people are asked.

    `item` is the item's id, "" for a field of the document; what was taken out is "".
    """

    item: str
    field: str
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
    text = three_way_merge.merged(*texts, leans=leans)
    return None if text is None else parser.parse(text)


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
        lines = three_way_merge.merged_lines(base, mine, theirs, leans=leans)
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
