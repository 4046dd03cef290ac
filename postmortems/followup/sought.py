"""What is sought in items: words and tags, as the index of search is asked for them.

Entries say much of what lists are narrowed to besides. Where many items have a word and many are of a kind,
the index finds the few that are both; the rows would all have to be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from postmortems.accounts.teams import queries as teams
from postmortems.document.model import ITEM_STATUSES
from postmortems.followup import rules
from postmortems.followup.filters import NO_SERVICE, NO_SEVERITY, Filters, words
from postmortems.search import queries as search
from postmortems.search.query import Facet, Query, of_service

# Of so many rows the entries are read by one statement.
READ_AT_ONCE = 500


def by_words(filters: Filters) -> Query:
    """What is sought, whatever else the list asks. Raises `Invalid`."""
    return search.asked(filters.q, tags=words(filters.tag))


def asked(filters: Filters) -> Query:
    """The same, asked of no entry that the other filters leave out by what it says too. Raises `Invalid`.

    What else the list asks of a row it has to ask itself.
    """
    query = by_words(filters)
    if not query.asks:
        return query
    return search.among(query, [*_facets(filters)], [filters.opened_from], [filters.opened_before])


def having(filters: Filters, rows: Sequence[Any], limit: int) -> list[Any]:
    """The first of these rows, each with an `id` and its entry's `day`, that have what is sought."""
    found, query = list[Any](), by_words(filters)
    for start in range(0, len(rows), READ_AT_ONCE):
        some = rows[start : start + READ_AT_ONCE]
        told = search.those_of("item", {row.id: row.day.date() for row in some}, query)
        found += [row for row in some if row.id in told]
        if len(found) >= limit:
            break
    return found[:limit]


def statuses(filters: Filters) -> list[str]:
    """The statuses that the filters let through."""
    named = set(words(filters.status)) if filters.status else set(ITEM_STATUSES)
    if filters.overdue or filters.unowned or filters.reopened:
        named &= set(rules.OPEN)
    if filters.unproven or filters.done:
        named &= {"done"}
    return [status for status in ITEM_STATUSES if status in named]


def _facets(filters: Filters) -> Iterator[Facet]:
    its = statuses(filters)
    if its and len(its) < len(ITEM_STATUSES):
        yield search.stating("status", its)
    if filters.kind:
        yield search.stating("kind", words(filters.kind))
    if filters.owner and (key := teams.owner_key(filters.owner)):
        yield search.stating("owner", [key])
    # No entry says that it has no service or severity.
    if filters.service not in {"", NO_SERVICE}:
        yield of_service(filters.service)
    if filters.severity and NO_SEVERITY not in words(filters.severity):
        yield search.stating("severity", words(filters.severity))
