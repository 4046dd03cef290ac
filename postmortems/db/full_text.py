"""Full text: one index of tokens on both databases, SQLite's FTS5 and PostgreSQL's tsvector.

Both are given tokens that are cut already and told to part nothing themselves, so they find the same.
SQLite's index is the table `search_index` beside `search_entries`, which triggers keep in step; PostgreSQL's
is an index over the column `words`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Text,
    TypeDecorator,
    and_,
    cast,
    column,
    func,
    not_,
    or_,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import InstrumentedAttribute

from postmortems.db.session import engine

# PostgreSQL keeps no place beyond this one, and of one token no more places than these
# (https://www.postgresql.org/docs/current/textsearch-limitations.html).
LAST_PLACE, MOST_PLACES = 16_383, 255

VECTOR = Text().with_variant(TSVECTOR(), "postgresql")
TABLE = "search_index"
# All signs that a token may have beside letters and digits; FTS5 takes what is not ASCII for letters.
SQLITE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, content='search_entries', content_rowid='id', "
    "tokenize=\"ascii tokenchars '+#^=/:-.@_|'\", prefix='2 3')",
    "CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN "
    f"INSERT INTO {TABLE} (rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER search_entries_gone AFTER DELETE ON search_entries BEGIN "
    f"INSERT INTO {TABLE} ({TABLE}, rowid, words) VALUES ('delete', old.id, old.words); END",
)
POSTGRESQL = ("CREATE INDEX ix_search_entries_words ON search_entries USING gin (words)",)
INDEX = table(TABLE, column("rowid"), column(TABLE))


def statements(dialect: str) -> tuple[str, ...]:
    """What makes the index over the table `search_entries`, which is there."""
    return SQLITE if dialect == "sqlite" else POSTGRESQL


def is_index(name: str | None, kind: str) -> bool:
    """Whether a table or index of the database is part of the full text, and so of no model."""
    return (kind == "table" and str(name).startswith(TABLE)) or name == "ix_search_entries_words"


class Words(TypeDecorator[str]):
    """Tokens as the database at hand keeps them: written by `kept`, never read."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def bind_expression(self, bindvalue: Any) -> ColumnElement[Any]:
        return cast(bindvalue, VECTOR)


@dataclass(frozen=True, slots=True)
class Clause:
    """That one of some phrases stands there, or that none does; the last token of each may be a beginning."""

    phrases: tuple[tuple[str, ...], ...]
    is_prefix: bool = False
    is_wanted: bool = True


def kept(tokens: Sequence[str], dialect: str) -> dict[str, str]:
    """The columns `words` and `overflow` of an entry with these tokens."""
    if dialect == "sqlite":
        return {"words": " ".join(tokens), "overflow": ""}
    return vector(tokens)


def vector(tokens: Sequence[str]) -> dict[str, str]:
    """The same for PostgreSQL: `overflow` has all tokens where it could not know where each stands."""
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, 1):
        places.setdefault(token, []).append(place)
    is_long = len(tokens) > LAST_PLACE or max(Counter(tokens).values(), default=0) > MOST_PLACES
    words = " ".join(f"'{token}':{_told(known)}" for token, known in places.items())
    return {"words": words, "overflow": f" {' '.join(tokens)} " if is_long else ""}


def _told(places: Sequence[int]) -> str:
    within = [place for place in places[:MOST_PLACES] if place <= LAST_PLACE]
    return ",".join(map(str, within or [LAST_PLACE]))


def narrowed(
    query: Select[*tuple[Any, ...]],
    clauses: Sequence[Clause],
    id: InstrumentedAttribute[int],
    words: InstrumentedAttribute[str],
    overflow: InstrumentedAttribute[str],
    but: Sequence[Clause] = (),
) -> tuple[Select[*tuple[Any, ...]], ColumnElement[int]]:
    """The query, which selects from the entries, narrowed to those that satisfy all clauses, but not all of
    `but`, and the number that it can be ordered by, and bounded, without a sort. One clause is wanted.
    """
    if engine().dialect.name == "sqlite":
        place = INDEX.c.rowid
        return query.join(INDEX, place == id).where(_sqlite(clauses, but)), place
    found = query.where(_postgresql(clauses, words, overflow))
    if but:
        found = found.where(
            not_(words.op("@@", return_type=Boolean())(cast(postgresql_expression(but), TSQUERY)))
        )
    return found, id.expression


def numbers(
    clauses: Sequence[Clause],
    id: InstrumentedAttribute[int],
    words: InstrumentedAttribute[str],
    overflow: InstrumentedAttribute[str],
) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    """The number of each entry that satisfies all clauses, and that it does: SQLite reads its index alone."""
    if engine().dialect.name == "sqlite":
        return INDEX.c.rowid, _sqlite(clauses)
    return id.expression, _postgresql(clauses, words, overflow)


def _sqlite(clauses: Sequence[Clause], but: Sequence[Clause] = ()) -> ColumnElement[bool]:
    return INDEX.c[TABLE].op("MATCH", return_type=Boolean())(sqlite_expression(clauses, but))


def sqlite_expression(clauses: Sequence[Clause], but: Sequence[Clause] = ()) -> str:
    """The clauses in the language of FTS5 (https://sqlite.org/fts5.html#full_text_query_syntax)."""

    def said(clause: Clause) -> str:
        ends = " *" if clause.is_prefix else ""
        return "(" + " OR ".join(f'"{" ".join(phrase)}"{ends}' for phrase in clause.phrases) + ")"

    wanted = " AND ".join(said(clause) for clause in clauses if clause.is_wanted)
    excluded = [said(clause) for clause in clauses if not clause.is_wanted]
    if but:
        excluded.append("(" + " AND ".join(map(said, but)) + ")")
    unwanted = " OR ".join(excluded)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def postgresql_expression(clauses: Sequence[Clause], *, apart: bool = False) -> str:
    """The clauses as a tsquery. `apart`: wherever a phrase's tokens stand, and nothing that is not wanted."""

    def said(clause: Clause) -> str:
        ends = ":*" if clause.is_prefix else ""
        link = " & " if apart else " <-> "
        phrases = (link.join(f"'{token}'" for token in phrase) + ends for phrase in clause.phrases)
        return ("" if clause.is_wanted else "!") + "(" + " | ".join(f"({phrase})" for phrase in phrases) + ")"

    return " & ".join(said(clause) for clause in clauses if clause.is_wanted or not apart)


def _postgresql(
    clauses: Sequence[Clause], words: InstrumentedAttribute[str], overflow: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    def holds(expression: str) -> ColumnElement[bool]:
        return words.op("@@", return_type=Boolean())(cast(expression, TSQUERY))

    as_vector = holds(postgresql_expression(clauses))
    if all(len(phrase) == 1 for clause in clauses for phrase in clause.phrases):
        return as_vector
    # Where the vector knows not all places, the few long texts that have all the words are read.
    beside = [_beside(clause, overflow) for clause in clauses]
    is_long = and_(overflow != "", holds(postgresql_expression(clauses, apart=True)), *beside)
    return or_(and_(overflow == "", as_vector), is_long)


def _beside(clause: Clause, overflow: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    ends = "" if clause.is_prefix else " "
    # Not LIKE: a token may have its signs.
    found = or_(*(func.strpos(overflow, f" {' '.join(phrase)}{ends}") > 0 for phrase in clause.phrases))
    return found if clause.is_wanted else not_(found)
