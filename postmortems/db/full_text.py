"""Full text: one index of tokens on both databases, SQLite's FTS5 and PostgreSQL's tsvector.

Both are given tokens that are cut already and told to part nothing themselves, so they find the same.
SQLite's index is the table `search_index` beside `search_entries`, which triggers keep in step; PostgreSQL's
is an index over the column `words`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Select,
    Text,
    TypeDecorator,
    and_,
    cast,
    column,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    table,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import InstrumentedAttribute

from postmortems.db import driver
from postmortems.db import session as db
from postmortems.db.engines import TERMS
from postmortems.db.session import engine

# PostgreSQL keeps no place beyond this one, and of one token no more places than these
# (https://www.postgresql.org/docs/current/textsearch-limitations.html).
LAST_PLACE, MOST_PLACES = 16_383, 255

VECTOR = Text().with_variant(TSVECTOR(), "postgresql")
TABLE = "search_index"
ADDED = (
    "CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN "
    f"INSERT INTO {TABLE} (rowid, words) VALUES (new.id, new.words); END"
)
# All signs that a token may have beside letters and digits; FTS5 takes what is not ASCII for letters.
SQLITE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, content='search_entries', content_rowid='id', "
    "tokenize=\"ascii tokenchars '+#^=/:-.@_|'\", prefix='2 3')",
    ADDED,
    "CREATE TRIGGER search_entries_gone AFTER DELETE ON search_entries BEGIN "
    f"INSERT INTO {TABLE} ({TABLE}, rowid, words) VALUES ('delete', old.id, old.words); END",
)
POSTGRESQL = ("CREATE INDEX ix_search_entries_words ON search_entries USING gin (words)",)
# What lets entries be put without the index, and makes it of all of them.
WITHOUT = {
    "sqlite": (
        ("DROP TRIGGER search_entries_added",),
        (ADDED, f"INSERT INTO {TABLE} ({TABLE}) VALUES ('rebuild')"),
    ),
    "postgresql": (("DROP INDEX ix_search_entries_words",), POSTGRESQL),
}
INDEX = table(TABLE, column("rowid"), column(TABLE))
# Of so many letters the index has beginnings by themselves.
KEPT_BEGINNINGS = (2, 3)
# Tokens with each of some beginnings, each by a look of its own: all of its instances are passed over.
BEGUN = f"""
WITH RECURSIVE begun(beginning, term, place) AS (
    SELECT value, (SELECT term FROM {TERMS} WHERE term >= value LIMIT 1), 1 FROM json_each(?1)
    UNION ALL
    SELECT beginning, (SELECT term FROM {TERMS} WHERE term >= begun.term || char(1) LIMIT 1), place + 1
    FROM begun WHERE substr(begun.term, 1, length(beginning)) = beginning AND place <= ?2
)
SELECT beginning, term FROM begun WHERE substr(term, 1, length(beginning)) = beginning
"""
# More than so many are not named one by one, of a beginning, and of more beginnings none.
MOST_BEGUN, MOST_BEGINNINGS = 10, 4
# PostgreSQL first looks among so many of the newest entries for each that is wanted, and so many at most, for
# enough of them; then it gathers all that its index has.
LOOKED_THROUGH, MOST_LOOKED_THROUGH = 50, 10_000


def statements(dialect: str) -> tuple[str, ...]:
    """What makes the index over the table `search_entries`, which is there."""
    return SQLITE if dialect == "sqlite" else POSTGRESQL


def is_index(name: str | None, kind: str) -> bool:
    """Whether a table or index of the database is part of the full text, and so of no model."""
    return (kind == "table" and str(name).startswith(TABLE)) or name == "ix_search_entries_words"


@contextmanager
def made_afterwards(connection: Connection) -> Iterator[None]:
    """Make the index of all entries at once when the block has put them: one by one takes twice as long."""
    before, afterwards = WITHOUT[connection.dialect.name]
    for statement in before:
        connection.exec_driver_sql(statement)
    yield
    for statement in afterwards:
        connection.exec_driver_sql(statement)


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
    is_long = len(tokens) > LAST_PLACE or max(map(len, places.values()), default=0) > MOST_PLACES
    words = " ".join(f"'{token}':{_told(known)}" for token, known in places.items())
    return {"words": words, "overflow": f" {' '.join(tokens)} " if is_long else ""}


def _told(places: Sequence[int]) -> str:
    if len(places) <= MOST_PLACES and places[-1] <= LAST_PLACE:
        return ",".join(map(str, places))
    within = [place for place in places[:MOST_PLACES] if place <= LAST_PLACE]
    return ",".join(map(str, within or [LAST_PLACE]))


def narrowed(
    query: Select[*tuple[Any, ...]],
    clauses: Sequence[Clause],
    id: InstrumentedAttribute[int],
    words: InstrumentedAttribute[str],
    overflow: InstrumentedAttribute[str],
    but: Sequence[Clause] = (),
    *,
    one_by_one: bool = False,
) -> tuple[Select[*tuple[Any, ...]], ColumnElement[int]]:
    """The query, which selects from the entries, narrowed to those that satisfy all clauses, but not all of
    `but`, and the number that it can be ordered by, and bounded, without a sort. One clause is wanted.

    `one_by_one`: PostgreSQL asks each row that is read, and not its index.
    """
    if engine().dialect.name == "sqlite":
        place = INDEX.c.rowid
        return query.join(INDEX, place == id).where(_sqlite(clauses, but)), place
    matches = _postgresql(clauses, words, overflow)
    found = query.where(func.coalesce(matches, false()) if one_by_one else matches)
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


def reads_in_order() -> bool:
    """Whether the index gives what it finds in the order of its numbers, as SQLite's does.

    PostgreSQL either reads the rows in that order until there are enough, or gathers what its index has and
    sorts it. It takes each word that it knows nothing of for one that a row in two hundred has: left to
    itself it would read all rows for a word that hardly any has.
    """
    return engine().dialect.name == "sqlite"


def newest(place: ColumnElement[int], most: int, below: int | None) -> ColumnElement[int]:
    """The number from which on enough entries are looked through for so many, those below a number."""
    assert isinstance(place, Column)
    number = place.table.alias().c[place.name]
    last = select(number).order_by(number.desc()).limit(1)
    last = last.offset(min(LOOKED_THROUGH * most, MOST_LOOKED_THROUGH) - 1)
    return func.coalesce((last if below is None else last.where(number < below)).scalar_subquery(), 0)


def said(
    clauses: Sequence[Clause], words: InstrumentedAttribute[str], overflow: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """That an entry satisfies all clauses, told by itself without the index: for a few that are known."""
    if engine().dialect.name != "sqlite":
        return _postgresql(clauses, words, overflow)
    whole = literal_column("' '").op("||")(type_coerce(words, Text())).op("||")(literal_column("' '"))
    return and_(*(_beside(clause, whole, func.instr) for clause in clauses))


def _sqlite(clauses: Sequence[Clause], but: Sequence[Clause] = ()) -> ColumnElement[bool]:
    begun = _begun(
        {phrase[-1] for clause in (*clauses, *but) for phrase in clause.phrases if clause.is_prefix}
    )
    expression = sqlite_expression(
        [_named(clause, begun) for clause in clauses], [_named(clause, begun) for clause in but]
    )
    return INDEX.c[TABLE].op("MATCH", return_type=Boolean())(expression)


def _begun(beginnings: Collection[str]) -> dict[str, list[str]]:
    """By each of a few beginnings, the tokens of SQLite's index that begin so, where they are few.

    Asked for a beginning, FTS5 first gathers all entries of each of its tokens, however few are wanted.
    """
    asked = [beginning for beginning in sorted(beginnings) if len(beginning) not in KEPT_BEGINNINGS]
    if not asked or len(asked) > MOST_BEGINNINGS:
        return {}
    begun: dict[str, list[str]] = {beginning: [] for beginning in asked}
    for beginning, token in driver.run(db.connection(), BEGUN, (json.dumps(asked), MOST_BEGUN)):
        begun[beginning].append(token)
    # Where nothing begins so, it is asked for as it is, and not found.
    return {beginning: found or [beginning] for beginning, found in begun.items() if len(found) <= MOST_BEGUN}


def _named(clause: Clause, begun: Mapping[str, Sequence[str]]) -> Clause:
    """The clause with what begins as it says by name, where all of it is known."""
    if not clause.is_prefix or any(phrase[-1] not in begun for phrase in clause.phrases):
        return clause
    phrases = ((*phrase[:-1], token) for phrase in clause.phrases for token in begun[phrase[-1]])
    return Clause(tuple(phrases), False, clause.is_wanted)


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
    beside = [_beside(clause, overflow.expression, func.strpos) for clause in clauses]
    is_long = and_(overflow != "", holds(postgresql_expression(clauses, apart=True)), *beside)
    return or_(and_(overflow == "", as_vector), is_long)


def _beside(clause: Clause, tokens: ColumnElement[str], place: Callable[..., Any]) -> ColumnElement[bool]:
    ends = "" if clause.is_prefix else " "
    # Not LIKE: a token may have its signs.
    found = or_(*(place(tokens, f" {' '.join(phrase)}{ends}") > 0 for phrase in clause.phrases))
    return found if clause.is_wanted else not_(found)
