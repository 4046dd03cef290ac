"""Context of action items: what a document says elsewhere that the words of its items rely on.

`(Ola)` behind an item is its owner where the report names Ola among its people; `due 04/05/2026` is a day
where other days show the order; `by June 19` is the one that follows the incident.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from postmortems.document import vocabulary
from postmortems.document.markdown import item_words
from postmortems.document.markdown.item_tables import Known
from postmortems.document.model import Document, Item, Prose
from postmortems.document.times import dates
from postmortems.document.times.dates import Order

# Without brackets, days or words behind a dash nothing about an item depends on what stands elsewhere.
SUSPECT = re.compile(r"[(（\[【\]]|\d|[–—-]\s")
KEYS = vocabulary.one_of(vocabulary.table("headings")["people"])
STATED = re.compile(
    rf"^[ \t|>*+_`-]{{0,12}}{KEYS}[ \t]?[*_`]{{0,3}}[ \t]?[:：|?][ \t*_`|]{{0,8}}"
    r"(?P<names>\S[^\n]{0,400})$",
    re.IGNORECASE | re.MULTILINE,
)
NAME = re.compile(r"@?[^\W\d_a-z][\w.'’-]*(?:[ \t]+[^\W\d_a-z][\w.'’-]*){0,3}")
APART = re.compile(r"[,;</&|、，·]|\s(?:and|und|et|y|e|en|og|och|и)\s|\(|\)")
MOST_PEOPLE = 100


def settled(document: Document) -> Document:
    """The document with what its items say to whoever has read all of it."""
    if not any(_is_open(item) for item in document.items):
        return document
    known = Known(frozenset(_people(document)), dates.incident_date(document), _order(document))
    return document.with_items(lambda item: item_words.in_context(item, known) if _is_open(item) else item)


def _is_open(item: Item) -> bool:
    return not (item.owner and item.due) and SUSPECT.search(item.text) is not None


def _order(document: Document) -> Order:
    """The order of all its days, else of those in its items."""
    found = dates.order_of(document)
    return found if found.is_certain else dates.order_in([item.text for item in document.items]) or found


def _people(document: Document) -> Iterator[str]:
    """Each name that the report says is somebody's, and the first word of it."""
    for name in [*_stated(document), *(item.owner for item in document.items)][:MOST_PEOPLE]:
        bare = name.strip().lstrip("@").casefold()
        yield bare
        yield bare.partition(" ")[0]


def _stated(document: Document) -> Iterator[str]:
    lines = [f"{key.replace('_', ' ')}: {raw}" for key, raw in document.extra]
    for section in document.sections:
        lines += [block.text for block in section.blocks if isinstance(block, Prose)]
    for line in lines:
        for match in STATED.finditer(line):
            for part in APART.split(match["names"]):
                if found := NAME.fullmatch(part.strip(" \t\"'[]*_`.<>")):
                    yield found.group()
