"""Pages of lists of items in the order asked for: by due date, by the words of a column, by a value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from postmortems.followup import due_order, key_order, sorts
from postmortems.followup.filters import Filters, words
from postmortems.followup.sorts import DUE, WORDS, Sort
from postmortems.incidents import page_keys


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of a page by their keys, in order; `after` asks for the next one, "" on the last."""

    ids: list[int]
    after: str


def page(filters: Filters, after: str, limit: int, today: date) -> Shown:
    """A page of `limit` items. Raises `Invalid` at `/after`, and at `/sort` (see `sorts`)."""
    sort = sorts.read(filters.sort)
    if sort.name == DUE:
        behind = due_order.place(after) if after else None
        found = due_order.first(filters, behind, limit + 1, today, is_descending=sort.is_descending)
        placed = [(row.id, _due(row)) for row in found]
    elif sort.name in WORDS:
        placed = _by_words(filters, sort, after, limit + 1, today)
    else:
        placed = [(row.id, row.place) for row in key_order.first(filters, sort, after, limit + 1, today)]
    shown = placed[:limit]
    return Shown([id for id, _ in shown], shown[-1][1] if len(placed) > limit else "")


def _due(row: due_order.Placed) -> str:
    return page_keys.key(row.due or "", row.number)


def _by_words(filters: Filters, sort: Sort, after: str, limit: int, today: date) -> list[tuple[int, str]]:
    """Word after word of a column, each with its items by due date, until there are enough."""
    begun, behind = "", None
    if after:
        begun, _, rest = after.partition("~")
        if begun not in sort.words:
            raise due_order.no_place()
        behind = due_order.place(rest)
    chosen = set(words(getattr(filters, sort.name)))
    found: list[tuple[int, str]] = []
    for word in sort.words[sort.words.index(begun) if begun else 0 :]:
        if chosen and word not in chosen:
            continue
        said: dict[str, Any] = {sort.name: word}
        rows = due_order.first(replace(filters, **said), behind, limit - len(found), today)
        found += [(row.id, page_keys.key(word, _due(row))) for row in rows]
        if len(found) >= limit:
            break
        behind = None
    return found
