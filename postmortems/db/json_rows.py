"""JSON in statements: rows as one text of it, and the members of a list in it.

For an INSERT of many PostgreSQL's driver goes through each value of each row by itself, which takes longer
than all the rest of a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ColumnElement, Dialect, Integer, String, Table, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from postmortems.db.session import Json, UtcDateTime

ROWS = "jsonb_array_elements(CAST(%(rows)s AS JSONB)) WITH ORDINALITY AS given (one, place)"


@dataclass(frozen=True, slots=True)
class JsonRows:
    """A statement with the parameter `rows`, a list of rows, and what makes JSON of each column's values."""

    text: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]


def into(table: Table, names: Iterable[str], dialect: Dialect) -> JsonRows:
    """The statement for these columns. Raises `TypeError` where one is of a kind that JSON does not have."""
    kinds = {name: table.c[name].type.dialect_impl(dialect) for name in names}
    quoted = dialect.identifier_preparer
    named = ", ".join(quoted.format_column(table.c[name]) for name in kinds)
    read = ", ".join(_read(place, kind, dialect) for place, kind in enumerate(kinds.values()))
    text = f"INSERT INTO {quoted.format_table(table)} ({named}) SELECT {read} FROM {ROWS} ORDER BY place"
    converts = {name: _instant if isinstance(kind, UtcDateTime) else None for name, kind in kinds.items()}
    return JsonRows(text, tuple(converts.items()))


def _read(place: int, kind: TypeEngine[Any], dialect: Dialect) -> str:
    if isinstance(kind, JSON):
        return f"one -> {place}"
    if isinstance(kind, String):
        # Not cast to its length: that would cut off what is too long, which is refused so.
        return f"one ->> {place}"
    if isinstance(kind, Integer | Boolean | UtcDateTime):
        return f"CAST(one ->> {place} AS {kind.compile(dialect)})"
    raise TypeError(f"no value of {kind} can be told as JSON")


def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no zone; instants are stored aware")
    return value.isoformat()


class _HasMember(FunctionElement[bool]):
    """By its arguments: a JSON column, its list's path and name, a key, and the value there."""

    inherit_cache = True
    type = Boolean()


def has_member(document: ColumnElement[Any], name: str, key: str, value: str) -> ColumnElement[bool]:
    """Whether the list of that name in a JSON object has an object with that text as `key`."""
    return _HasMember(
        document, *(literal(one, String) for one in (f"$.{name}", name, f"$.{key}", key, value))
    )


@compiles(_HasMember, "sqlite")
def _of_sqlite(element: _HasMember, compiler: Any, **options: Any) -> str:
    document, path, _, key_path, _, value = (compiler.process(one, **options) for one in element.clauses)
    return f"EXISTS (SELECT 1 {_members(document, path, key_path, value)})"


def _members(document: str, path: str, key_path: str, value: str) -> str:
    # What is no object is no JSON by itself either, which SQLite refuses to look into.
    own = f"CASE member.type WHEN 'object' THEN json_extract(member.value, {key_path}) END"
    return f"FROM json_each({document}, {path}) AS member WHERE {own} = {value}"


@compiles(_HasMember, "postgresql")
def _of_postgresql(element: _HasMember, compiler: Any, **options: Any) -> str:
    document, _, name, _, key, value = (compiler.process(one, **options) for one in element.clauses)
    return f"({document} -> {name} @> jsonb_build_array(jsonb_build_object({key}::TEXT, {value}::TEXT)))"


class _MemberOf(FunctionElement[Any]):
    """By its arguments: a JSON column, its list's path, a key's path, one to both at once, and the value."""

    inherit_cache = True
    type = Json


def member_of(document: ColumnElement[Any], name: str, key: str, value: str) -> ColumnElement[Any]:
    """The object with that text as `key` in the list of that name; None where there is none."""
    both = f"$.{name}[*] ? (@.{key} == $value)"
    return _MemberOf(document, *(literal(one, String) for one in (f"$.{name}", f"$.{key}", both, value)))


@compiles(_MemberOf, "sqlite")
def _member_of_sqlite(element: _MemberOf, compiler: Any, **options: Any) -> str:
    document, path, key_path, _, value = (compiler.process(one, **options) for one in element.clauses)
    return f"(SELECT member.value {_members(document, path, key_path, value)} LIMIT 1)"


@compiles(_MemberOf, "postgresql")
def _member_of_postgresql(element: _MemberOf, compiler: Any, **options: Any) -> str:
    document, _, _, both, value = (compiler.process(one, **options) for one in element.clauses)
    given = f"jsonb_build_object('value', {value}::TEXT)"
    return f"jsonb_path_query_first({document}, {both}::JSONPATH, {given})"
