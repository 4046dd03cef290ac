"""Plain values: the same content has the same line, from whichever database it comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import types
from sqlalchemy.dialects import postgresql, sqlite

from postmortems.db.copies import values
from postmortems.db.copies.values import Checksum, Column

JSON = [Column("data", values.JSON)]
# Too long to be kept once it was put in order.
LONG = f'"{"x" * (values.SHORT + 1)}"'


def sum_of(columns: list[Column], *rows: list[Any]) -> str:
    checksum = Checksum(columns)
    assert list(checksum.following(rows)) == list(rows)
    return checksum.sha256


@pytest.mark.parametrize(
    "one, other",
    [
        ('{"a":1,"b":2}', '{"b": 2, "a": 1}'),
        (f'{{"a":1,"b":{LONG}}}', f'{{"b":{LONG},"a":1}}'),
        ('"\\u00e4"', '"ä"'),
        ("1e+22", "10000000000000000000000"),
        ("[1e-07]", "[0.0000001]"),
        ("-0.0", "0.0"),
        ('{"a":1,"a":2}', '{"a":2}'),
    ],
)
def test_json_that_a_database_writes_otherwise_is_the_same(one: str, other: str) -> None:
    assert sum_of(JSON, [one]) == sum_of(JSON, [other])


@pytest.mark.parametrize(
    "one, other",
    [("null", None), ("1", '"1"'), ("1", "true"), ("[1,2]", "[2,1]"), ("{}", "[]"), ('""', "null")],
)
def test_json_that_differs_is_told_apart(one: str | None, other: str | None) -> None:
    assert sum_of(JSON, [one]) != sum_of(JSON, [other])


@pytest.mark.parametrize("one, other", [(["a", "b"], ["ab", ""]), ([None, "a"], ["", "a"]), (["1"], [1])])
def test_other_values_are_told_apart(one: list[Any], other: list[Any]) -> None:
    columns = [Column(str(place), values.TEXT) for place in range(len(one))]

    assert sum_of(columns, one) != sum_of(columns, other)


def test_an_instant_is_the_same_with_any_zone_and_without_one() -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 1, UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=5, minutes=30)))

    given = [[one] for one in (moment, elsewhere, moment.replace(tzinfo=None))]

    told = list(values.plain_rows([values.INSTANT], given))

    assert told == [["2026-03-29T01:30:00.000001+00:00"]] * 3


@pytest.mark.parametrize(
    "plain, stored",
    [
        ("2026-03-29T01:30:00.000001+00:00", "2026-03-29 01:30:00.000001"),
        ("2026-03-29T01:30:00+00:00", "2026-03-29 01:30:00.000000"),
        ("2026-03-29T07:00:00+05:30", "2026-03-29 01:30:00.000000"),
        ("0998-03-29T01:30:00+00:00", "0998-03-29 01:30:00.000000"),
    ],
)
def test_an_instant_is_stored_in_sqlite_as_sqlalchemy_writes_and_finds_it(plain: str, stored: str) -> None:
    assert list(values.stored_rows([values.INSTANT], [[plain]], on_sqlite=True)) == [[stored]]
    written = sqlite.DATETIME().bind_processor(sqlite.dialect())
    assert written is not None
    assert written(datetime.fromisoformat(plain).astimezone(UTC)) == stored


def test_what_is_none_stays_none_of_every_kind() -> None:
    kinds = [kind for _, kind in values.KINDS]
    empty = [[None] * len(kinds)]

    assert list(values.plain_rows(kinds, empty)) == empty
    for on_sqlite in (False, True):
        assert list(values.stored_rows(kinds, empty, on_sqlite=on_sqlite)) == empty


def test_lines_without_json_have_the_sum_of_their_rows() -> None:
    columns, rows = [Column("said", values.TEXT), Column("count", values.WHOLE)], [["ä\n", 1], [None, 2]]
    read, by_lines = Checksum(columns), Checksum(columns)
    read.add(rows)

    text = b"".join(map(values.line, rows))
    for start in range(0, len(text), 3):
        by_lines.add_lines(text[start : start + 3])

    assert by_lines.is_of_lines
    assert (by_lines.rows, by_lines.sha256) == (read.rows, read.sha256)
    assert not Checksum(JSON).is_of_lines


@pytest.mark.parametrize(
    "kind, value",
    [(values.BYTES, "no base64!"), (values.INSTANT, "yesterday"), (values.DAY, "2026-02-30")],
)
def test_a_value_of_another_kind_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(values.stored_rows([kind], [[value]], on_sqlite=True))


@pytest.mark.parametrize(
    "column_type, kind",
    [
        (sqlite.JSON(), values.JSON),
        (postgresql.JSONB(), values.JSON),
        (postgresql.BYTEA(), values.BYTES),
        (postgresql.TIMESTAMP(timezone=True), values.INSTANT),
        (sqlite.DATE(), values.DAY),
        (types.BOOLEAN(), values.FLAG),
        (types.BIGINT(), values.WHOLE),
        (postgresql.DOUBLE_PRECISION(), values.NUMBER),
        (types.VARCHAR(20), values.TEXT),
        (postgresql.TSVECTOR(), ""),
        (postgresql.INET(), ""),
    ],
)
def test_the_kind_of_a_column_is_known_by_its_type(column_type: Any, kind: str) -> None:
    assert values.kind_of(column_type) == kind
