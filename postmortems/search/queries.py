"""Queries of the index: what is found, best first, a page at a time, and how much there is, up to a bound.

What has the words in its title stands first, then all else; in both, the newest first. Which restricted
incidents the viewer may not see is part of every query, as of all that read `SearchEntry`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, false, func, literal_column, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from postmortems import clock
from postmortems.accounts.teams import queries as teams
from postmortems.db import full_text
from postmortems.db.full_text import Clause
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.search import tokens
from postmortems.search.models import KIND_MASK, KINDS, ROW_BITS, SearchEntry, entry_id, first_id
from postmortems.search.query import Facet, Query, of_service, read
from postmortems.search.snippets import Parts, around, pattern

# A count goes no further: "more than 1,000".
MOST_COUNTED = 1_000
# As filters have it, of incidents that state none.
NONE_STATED = "-"
IS_OPEN = Clause(((tokens.facet("is", "open"),),))
PLACE = re.compile(r"([01])~([0-9]{1,18})")


def asked(text: str, where: str = "/q", tags: Sequence[str] = ()) -> Query:
    """The query as it is understood, with one of the tags besides. Raises `Invalid` where it is wrong."""
    query = read(text)
    if query.problems:
        raise Invalid("; ".join(query.problems), where)
    if tags:
        tagged = Facet(tuple(tokens.facet("tag", tag.removeprefix("#")) for tag in tags))
        query = replace(query, facets=(*query.facets, tagged))
    return _as_meant(query)


def _as_meant(query: Query) -> Query:
    """The query with owners by whom their names mean."""
    if not any(facet.owner for facet in query.facets):
        return query
    keys = teams.owner_keys(facet.owner for facet in query.facets)
    facets = tuple(
        replace(facet, tokens=(tokens.facet("owner", keys[facet.owner]),)) if facet.owner else facet
        for facet in query.facets
    )
    return replace(query, facets=facets)


class Lists(Protocol):
    """What a list of incidents asks for beside words that entries say too. `year` is one that there is."""

    @property
    def status(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def year(self) -> int | None: ...
    @property
    def occurred_from(self) -> date | None: ...
    @property
    def occurred_before(self) -> date | None: ...


def within(query: Query, filters: Lists) -> Query:
    """The query, asked of the entries alone that a list lets through anyway: the index leaves out the others.

    What else the list asks of a row it has to ask itself; no entry says that it has no service or severity.
    """
    year = filters.year
    facets = list[Facet]()
    if filters.service not in {"", NONE_STATED}:
        facets.append(of_service(filters.service))
    if filters.severity not in {"", NONE_STATED}:
        facets.append(stating("severity", [filters.severity]))
    if filters.status:
        facets.append(stating("status", [filters.status]))
    starts = [filters.occurred_from, date(year, 1, 1) if year else None]
    ends = [filters.occurred_before, date(year + 1, 1, 1) if year and year < date.max.year else None]
    return among(query, facets, starts, ends)


def stating(name: str, values: Iterable[str]) -> Facet:
    """That an entry says one of these values of a property."""
    return Facet(tuple(tokens.facet(name, value) for value in values))


def among(
    query: Query, facets: Sequence[Facet], starts: Iterable[date | None], ends: Iterable[date | None]
) -> Query:
    """The query, asked of what has all of these facets, and lies in the days from each start to each end."""
    return replace(
        query,
        facets=(*query.facets, *facets),
        since=max((day for day in (query.since, *starts) if day), default=None),
        until=min((day for day in (query.until, *ends) if day), default=None),
    )


def clauses(query: Query, *, titled: bool = False) -> list[Clause]:
    """What the index is asked for; `titled`: that all words which have to be there stand in the title."""
    rest = [Clause((term.tokens,), term.is_prefix, False) for term in query.terms if not term.is_wanted]
    facets = [
        Clause(tuple((token,) for token in facet.tokens), False, facet.is_wanted) for facet in query.facets
    ]
    # What is overdue is open: the index need not be asked for all else.
    due = [IS_OPEN] if query.overdue else []
    found = [*(in_title(query) if titled else in_text(query)), *rest, *facets, *due]
    return found if any(clause.is_wanted for clause in found) else [Clause(((tokens.ANY,),)), *found]


def in_text(query: Query) -> list[Clause]:
    """The words that have to be there, wherever."""
    return [Clause((term.tokens,), term.is_prefix) for term in query.wanted]


def in_title(query: Query) -> list[Clause]:
    """The words that have to be there, in the title."""
    return [
        Clause((tuple(tokens.TITLE + token for token in term.tokens),), term.is_prefix)
        for term in query.wanted
    ]


def narrowed(
    selected: Select[*tuple[Any, ...]],
    query: Query,
    kinds: Sequence[str] = (),
    *,
    titled: bool | None = None,
    one_by_one: bool = False,
) -> tuple[Select[*tuple[Any, ...]], ColumnElement[int]]:
    """A query that reads `SearchEntry`, narrowed to what is asked for, and what it can be ordered by.

    With `titled`, to what has the words in its title, or to what has not. `one_by_one` as in `full_text`.
    """
    wanted = clauses(query, titled=bool(titled))
    but = in_title(query) if titled is False else ()
    found, place = full_text.narrowed(
        selected, wanted, SearchEntry.id, SearchEntry.words, SearchEntry.overflow, but, one_by_one=one_by_one
    )
    return found.where(*_beside_words(query, kinds, place)), place


def _beside_words(
    query: Query, kinds: Sequence[str], place: ColumnElement[int]
) -> Iterator[ColumnElement[bool]]:
    """What is asked of an entry that the index of words does not know, by its number."""
    if kinds:
        # Of what kind an entry is stands in its number: asking the index would read what all of a kind have.
        kind = place.op(">>")(literal_column(str(ROW_BITS))).op("&")(literal_column(str(KIND_MASK)))
        yield kind.in_([KINDS.index(kind) for kind in kinds])
    if query.among is not None:
        yield place.in_(query.among)
    if query.since:
        yield place >= first_id(query.since)
    if query.until:
        yield place < first_id(query.until)
    if query.overdue is not None:
        is_overdue = func.coalesce(SearchEntry.due < clock.now().date(), false())
        yield is_overdue if query.overdue else not_(is_overdue)


def conditions(id: InstrumentedAttribute[int], kind: str, query: Query) -> list[ColumnElement[bool]]:
    """That the row with this id is found by a query."""
    if not query.asks:
        return [] if query.is_empty else [false()]
    if query.overdue is not None:
        return [id.in_(narrowed(select(SearchEntry.row_id), query, (kind,))[0])]
    # By numbers alone, in which the rows stand: what is found in them is what the viewer may see anyway.
    row_id, matches = _numbers(query, kind)
    return [id.in_(select(row_id).where(*matches))]


def _numbers(query: Query, kind: str) -> tuple[ColumnElement[int], list[ColumnElement[bool]]]:
    """The row's id of each entry of a kind that a query finds, and that it does: by numbers alone."""
    place, matches = full_text.numbers(
        clauses(query), SearchEntry.id, SearchEntry.words, SearchEntry.overflow
    )
    is_table = place is SearchEntry.id.expression
    # Where the table is read anyway, a planner knows its column better.
    row_id = (
        SearchEntry.row_id.expression if is_table else place.op("&")(literal_column(str((1 << ROW_BITS) - 1)))
    )
    return row_id, [matches, *_beside_words(query, (kind,), place)]


def are_many(kind: str, query: Query, most: int) -> bool:
    """Whether a query finds more than so many rows of a kind, whoever may see them: told by numbers alone."""
    if not query.asks or query.overdue is not None:
        return False
    row_id, matches = _numbers(query, kind)
    some = select(row_id).where(*matches).limit(most + 1).subquery()
    return (session().scalar(select(func.count()).select_from(some)) or 0) > most


def joined(selected: Select[Any], id: InstrumentedAttribute[int], kind: str, query: Query) -> Select[Any]:
    """The query of rows, read as the index finds them: to stop when there are enough."""
    if not query.asks:
        return selected.where(*([] if query.is_empty else [false()]))
    if query.overdue is not None:
        return narrowed(selected.join(SearchEntry, SearchEntry.row_id == id), query, (kind,))[0]
    row_id, matches = _numbers(query, kind)
    return selected.where(row_id == id, *matches)


def those_of(kind: str, rows: Mapping[int, date], query: Query) -> set[int]:
    """Which of a few rows, each with its entry's day, are found by a query.

    Their entries are read, not the index: for what is looked through in another order until there is enough.
    """
    if not query.asks:
        return set(rows) if query.is_empty else set()
    numbers = [entry_id(day, kind, row) for row, day in rows.items()]
    told = full_text.said(clauses(query), SearchEntry.words, SearchEntry.overflow)
    found = select(SearchEntry.row_id).where(
        SearchEntry.id.in_(numbers), told, *_beside_words(query, (), SearchEntry.id.expression)
    )
    return set(session().scalars(found))


def best(
    selected: Select[*tuple[Any, ...]], query: Query, kinds: Sequence[str], after: str, limit: int
) -> tuple[list[Any], str]:
    """Rows of a query that reads `SearchEntry`, its id first, best first; and the place to go on from, "" at
    the end. Two statements at most, on PostgreSQL four. Raises `Invalid` at `/after`.
    """
    first, below = _place(after)
    tiers = (True, False) if query.wanted else (None,)
    rows: list[tuple[int, Any]] = []
    for tier, titled in list(enumerate(tiers))[first:]:
        page = _in_order(selected, query, kinds, limit + 1 - len(rows), titled=titled, below=below)
        rows += [(tier, row) for row in session().execute(page)]
        if len(rows) > limit:
            break
        below = None
    if len(rows) <= limit:
        return [row for _, row in rows], ""
    tier, last = rows[limit - 1]
    return [row for _, row in rows[:limit]], f"{tier}~{last[0]}"


def _in_order(
    selected: Select[*tuple[Any, ...]],
    query: Query,
    kinds: Sequence[str],
    most: int,
    *,
    titled: bool | None = None,
    below: int | None = None,
) -> Select[*tuple[Any, ...]]:
    """So many of the rows that the query finds below a number, the highest numbers first."""
    found, place = narrowed(selected, query, kinds, titled=titled)
    if below is not None:
        found = found.where(place < below)
    if full_text.reads_in_order():
        return found.order_by(place.desc()).limit(most)
    newest = _among_newest(selected, query, kinds, most, titled=titled, below=below)
    if _counted(newest) >= most:
        return newest
    # No index is in this order: all that is found is gathered.
    return found.order_by((place + literal_column("0")).desc()).limit(most)


def _among_newest(
    selected: Select[*tuple[Any, ...]],
    query: Query,
    kinds: Sequence[str],
    most: int,
    *,
    titled: bool | None = None,
    below: int | None = None,
) -> Select[*tuple[Any, ...]]:
    """The same, of the newest entries below a number alone, each asked by itself."""
    ends = [below, first_id(query.until) if query.until else None]
    end = min((end for end in ends if end is not None), default=None)
    passed, place = narrowed(selected, query, kinds, titled=titled, one_by_one=True)
    if end is not None:
        passed = passed.where(place < end)
    passed = passed.where(place >= full_text.newest(place, most, end))
    return passed.order_by(place.desc()).limit(most)


def count(selected: Select[*tuple[Any, ...]], query: Query, kinds: Sequence[str] = ()) -> int:
    """How many rows a query that reads `SearchEntry` finds, `MOST_COUNTED` + 1 where there are more."""
    most = MOST_COUNTED + 1
    if not full_text.reads_in_order() and _counted(_among_newest(selected, query, kinds, most)) >= most:
        return most
    return _counted(narrowed(selected, query, kinds)[0].limit(most))


def _counted(some: Select[*tuple[Any, ...]]) -> int:
    return session().scalar(select(func.count()).select_from(some.subquery())) or 0


def hits(incident_ids: Sequence[int], text: str) -> dict[int, Parts]:
    """By incident, the piece of its text in which the words were found; left out where that was elsewhere."""
    if not incident_ids or (wanted := pattern(read(text))) is None:
        return {}
    its = select(SearchEntry.row_id, SearchEntry.shown).where(
        SearchEntry.kind == "incident", SearchEntry.incident_id.in_(incident_ids)
    )
    found = {row.row_id: around(row.shown, wanted) for row in session().execute(its)}
    return {row_id: parts for row_id, parts in found.items() if any(is_hit for is_hit, _ in parts)}


def _place(after: str) -> tuple[int, int | None]:
    """The tier and the number that a page goes on behind."""
    if not after:
        return 0, None
    if not (parts := PLACE.fullmatch(after)):
        raise Invalid("is no place in this list; take it from the page before", "/after")
    return int(parts[1]), int(parts[2])
