"""Emptied fields: an item's owner, team or day that somebody took away though its words still name one.

Words are read where they are new. Those that stood there before were read then: whoever empties a field since
means it, and it stays empty until the words are others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from postmortems.document.model import Document, Item
from postmortems.document.text import tidy

EMPTY: dict[str, Any] = {"owner": "", "team": "", "due": None}


def kept(read: Document, sent: Document, before: Document) -> Document:
    """What was `read` of what was `sent`, with the fields of items that `before` had in the same words.

    Those that were sent empty stay empty, and the words that were taken for them stay words.
    """
    then = {item.id: item.text for item in before.items if item.id}
    given = {item.id: item for item in sent.items if item.id in then and tidy(item.text) == then[item.id]}
    emptied = {
        item.id: {name: EMPTY[name] for name in filled} | {"text": then[item.id]}
        for item in read.items
        if item.id in given and (filled := _filled(item, given[item.id]))
    }
    if not emptied:
        return read
    return read.with_items(lambda item: replace(item, **emptied.get(item.id, {})))


def _filled(read: Item, sent: Item) -> list[str]:
    return [name for name in EMPTY if getattr(read, name) and not getattr(sent, name)]


def merged(found: Document, base: Document, mine: Document, theirs: Document) -> Document:
    """What was `found` of two edits of `base`, which is known as text, with the fields that one emptied.

    Of all, items are known by their ids.
    """
    known = [{item.id: item for item in each.items if item.id} for each in (base, mine, theirs)]

    def emptied(item: Item) -> Item:
        three = [each[item.id] for each in known if item.id in each]
        if len(three) < len(known) or len({each.text for each in three}) > 1:
            return item
        emptied = {name: none for name, none in EMPTY.items() if _is_emptied(name, *three)}
        # What was read of words that are the same as before is no reason to take them away.
        is_read = any(getattr(item, name) for name in emptied)
        return replace(item, **emptied, text=three[0].text) if is_read else item

    return found.with_items(emptied)


def _is_emptied(name: str, was: Item, *now: Item) -> bool:
    """Whether one left the field empty, and the other did so too or left it as it was."""
    values = [getattr(each, name) for each in now]
    return not all(values) and all(not value or value == getattr(was, name) for value in values)
