"""What a unit of work stored first is new to each step once, and never to the next unit."""

from __future__ import annotations

import pytest

from postmortems.db import session as db
from postmortems.guards.models import Guard, Service
from postmortems.incidents.parts import fresh_rows

ASKED = [
    ("noted", [1, 2], True),
    ("one of them was there before", [1, 3], False),
    ("none was noted", [3], False),
    ("nothing is asked about", [], True),
]


@pytest.mark.parametrize("keys, is_new", [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_rows_are_new_where_all_of_them_were_noted(database: str, keys: list[int], is_new: bool) -> None:
    with db.transaction():
        fresh_rows.note(Service, [1, 2])

        assert fresh_rows.are_new(Service, keys, "search") is is_new


def test_they_are_new_to_each_step_once(database: str) -> None:
    with db.transaction():
        fresh_rows.note(Service, [1, 2])

        assert [fresh_rows.are_new(Service, [1], step) for step in ("search", "search", "sums")] == [1, 0, 1]
        assert not fresh_rows.are_new(Service, [1, 2], "search")
        assert not fresh_rows.are_new(Service, [2], "search"), "told of it when it was asked about both"


def test_a_key_that_is_given_again_is_new_again(database: str) -> None:
    with db.transaction():
        fresh_rows.note(Service, [1])
        fresh_rows.are_new(Service, [1], "search")
        fresh_rows.note(Service, [1])

        assert fresh_rows.are_new(Service, [1], "search")


def test_another_table_and_another_unit_know_nothing_of_them(database: str) -> None:
    with db.transaction():
        fresh_rows.note(Service, [1])
        assert not fresh_rows.are_new(Guard, [1], "search")
    with db.transaction():
        assert not fresh_rows.are_new(Service, [1], "search")
