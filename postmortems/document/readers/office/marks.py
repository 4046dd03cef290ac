"""Marks that travel with a paragraph through a library: bookmarks whose names say what the paragraph is.

A mark is `office-` and what it is: `title`, `h2`, `quote`, or `item-o-1-3-on`: an item of an ordered list, at
the second level, the third of its list, ticked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = "office-"
ROLES = frozenset(
    {"title", "subtitle", "large", "quote", "code", "more", "front", *(f"h{level}" for level in range(1, 7))}
)
# What a table of front matter is called in its properties, by our own export.
FRONT_MATTER = "front matter"
MORE = re.compile(r"more-\d")
ITEM = re.compile(r"item-([ou])-(\d{1,2})-(\d{1,7})-(on|off|none)")


@dataclass(frozen=True, slots=True)
class Item:
    """What stands before an item. `number` is its own in an ordered list; `box` is `on`, `off` or ""."""

    level: int
    is_ordered: bool
    number: int = 1
    box: str = ""


def of_item(item: Item) -> str:
    """The name of an item's mark."""
    kind = "o" if item.is_ordered else "u"
    return f"{PREFIX}item-{kind}-{item.level}-{item.number}-{item.box or 'none'}"


def of_role(role: str) -> str:
    """The name of the mark of a paragraph that is no item."""
    return f"{PREFIX}{role}"


def has_own_look(mark: str) -> bool:
    """Whether such a paragraph is bold or italic by its style alone, as headings and quotations are."""
    return bool(re.fullmatch(f"{PREFIX}(?:title|h[1-6]|quote)", mark))


def role_in(name: str) -> str:
    """The role that a mark says; "" of what is none."""
    bare = name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""
    return bare if bare in ROLES or MORE.fullmatch(bare) else ""


def item_in(name: str) -> Item | None:
    """The item that a mark says; None of what is none."""
    match = ITEM.fullmatch(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
    if match is None:
        return None
    return Item(int(match[2]), match[1] == "o", int(match[3]), "" if match[4] == "none" else match[4])
