"""Search results: hits of the index as they are shown, with the words marked in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from postmortems.search import queries
from postmortems.search.models import SearchEntry
from postmortems.search.query import Query
from postmortems.search.snippets import Parts, around, marked, pattern

LARGEST = 50
ADDRESSES = {
    "incident": "/incidents/{}",
    "item": "/action-items/{}",
    "guard": "/guards/{}",
    "decision": "/gate/{}",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: its kind, its name, its title, and a piece of its text, hits marked.

    `incident_id` is the incident whose text it is, where it is one's.
    """

    kind: str
    ref: str
    title: Parts
    said: Parts
    incident_id: int | None = None

    @property
    def url(self) -> str:
        return ADDRESSES[self.kind].format(self.ref)

    @property
    def titled(self) -> str:
        """The title in one."""
        return "".join(text for _, text in self.title)


def of(query: Query, after: str, limit: int) -> tuple[list[Hit], str]:
    """A page of hits, best first, and the place to go on from. Raises `Invalid` at `/after`."""
    entry = select(
        *(SearchEntry.id, SearchEntry.kind, SearchEntry.ref, SearchEntry.title, SearchEntry.shown),
        SearchEntry.incident_id,
    )
    rows, place = queries.best(entry, query, (), after, max(1, min(limit, LARGEST)))
    words = pattern(query)
    hits = [
        Hit(
            *(row.kind, row.ref, marked(row.title, words) or [(False, row.ref)], around(row.shown, words)),
            incident_id=row.incident_id,
        )
        for row in rows
    ]
    return hits, place


def incidents(hits: Iterable[Hit]) -> set[int]:
    """The incidents of whose text these hits show something."""
    return {hit.incident_id for hit in hits if hit.incident_id is not None}


def count(query: Query) -> int:
    """How many there are, up to `queries.MOST_COUNTED` + 1."""
    return queries.count(select(SearchEntry.id), query)
