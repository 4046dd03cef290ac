"""Labels in the words of an item: `owner: Ada`, `due 2024-04-01`, `by Ada`, `@ada`, `P1`; how names look."""

from __future__ import annotations

import re

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.markdown.items import item_handles, item_owners, item_states, item_tables
from postmortems.document.markdown.items.item_tables import NOTHING_KNOWN, Known
from postmortems.document.model import Item
from postmortems.document.times.notations import WORDS

READ = ("owner", "team", "due", "priority", "status", "tickets")
MARKS = r"(?:\*\*|__|[*_])?"
# Where a mention would call somebody, authors write it as code.
QUOTED_HANDLE = patterns.of(r"^`(@[\w.-]+)`$")
SAID = patterns.of(
    rf"{MARKS}(?P<name>[^\W\d_][^:：=*_]{{0,30}}?)[ ]?{MARKS}\s*[:：=]{MARKS}\s*(?P<said>(?![*_]+\s*$)\S.*)"
)
NAMED = [name for name, field in item_tables.COLUMNS.items() if field in ("owner", "due", "priority")]
DEADLINES = [
    *item_tables.WORDS["deadlines"],
    *WORDS["weekdays"],
    *(name for month in WORDS["months"]["english"] for name in month),
]
BARE = re.compile(rf"(?P<name>{vocabulary.one_of(NAMED)})\s+(?P<said>\S.*)", re.IGNORECASE)
DEADLINE = patterns.of(rf"{vocabulary.one_of(DEADLINES)}\b", re.IGNORECASE)
NAME = patterns.of(r"(?:@|[^\W\d_a-z])\S*(?:\s+\S+){0,3}")
# "Ada, due 2024-04-01" is more than names.
DATED = patterns.of(r"\d{4}-\d\d|^(?:due|eta|by|deadline)\s", re.IGNORECASE)
URGENT = patterns.of(r"[Pp][0-3]")


def field_of(name: str) -> str:
    """The field of an item that a label names, if it is one that is read in words."""
    found = item_tables.column(name)
    return found if found in READ else ""


def with_field(item: Item, field: str, said: str, known: Known = NOTHING_KNOWN) -> Item | None:
    """The item with a field that it had not, or None."""
    if not field or getattr(item, field) or (field in ("owner", "team") and not _are_names(said)):
        return None
    return item_tables.taken(item, field, said, known)


def _are_names(said: str) -> bool:
    names = item_owners.JOINED.split(said[: item_owners.LONGEST_NAMES + 1])
    return (
        len(said) <= item_owners.LONGEST_NAMES
        and len(names) <= item_owners.MOST_OWNERS
        and all(len(name.split()) <= item_owners.MOST_WORDS and not DATED.search(name) for name in names)
    )


def unlinked(name: str) -> str:
    """A name without the address that a person's chip leads to."""
    link = item_tables.LINK.fullmatch(name)
    return link["name"] if link else name


def with_state(item: Item, said: str) -> Item | None:
    return with_field(item, "status", said) if item_states.said(said, in_words=True) else None


def names_somebody(said: str) -> bool:
    return bool(NAME.fullmatch(said)) and not DEADLINE.match(said)


def is_name(part: str) -> bool:
    if not NAME.fullmatch(part) or label_of(part) or item_states.said(part, in_words=True):
        return False
    return not any(with_field(Item(""), field, part) for field in ("due", "priority", "tickets"))


def _without_article(said: str) -> str:
    return said[4:] if said[:4].lower() == "the " else said


def label_of(part: str) -> tuple[str, str] | None:
    """The field that a part names, and its value: `owner: Ada`, `due 2024-04-01`, `@ada`, `P1`."""
    part = QUOTED_HANDLE.sub(r"\1", part)
    if item_handles.HANDLES.fullmatch(part):
        return "owner", part
    if URGENT.fullmatch(part):
        return "priority", part
    match = SAID.fullmatch(part) or BARE.fullmatch(part)
    found = field_of(match["name"]) if match else ""
    if (
        match
        and found == "owner"
        and match.re is BARE
        and not names_somebody(_without_article(match["said"]))
    ):
        # "by Ada" names who does it, "by 2024-04-01" when.
        found = "due"
    return (found, match["said"]) if match and found else None
