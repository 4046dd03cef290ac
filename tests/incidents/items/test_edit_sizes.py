"""How many items one unit of work edits, by the size of their incidents."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Entry, Item, Section
from postmortems.incidents.items import edit_sizes
from postmortems.incidents.models import ActionItem
from tests.incidents.documents import save
from tests.statements import counted

# Items and entries of each incident.
SIZES = ((2, 0), (1, 4), (3, 7))


@pytest.fixture
def keys(any_database: str) -> list[int]:
    """Of all items, incident by incident: of 2, 5 and 10 parts."""
    for items, entries in SIZES:
        went = tuple(Entry(f"10:{minute:02}", "It went on.") for minute in range(entries))
        done = tuple(Item(f"Do {number}") for number in range(items))
        save(Document(title="Down", sections=(Section("Timeline", went), Section("Action items", done))))
    with db.reading():
        return list(session().scalars(select(ActionItem.id).order_by(ActionItem.number)))


@pytest.mark.parametrize("most, fitting", [(1, 2), (2, 2), (6, 2), (7, 3), (16, 3), (17, 6), (1_000, 6)])
def test_an_incident_is_edited_whole_or_later(keys: list[int], most: int, fitting: int) -> None:
    with db.reading():
        assert edit_sizes.fitting(keys, most) == fitting


def test_the_first_item_is_edited_however_long_its_incident_is(keys: list[int]) -> None:
    with db.reading():
        assert edit_sizes.fitting(keys[3:], 5) == 3
        assert edit_sizes.fitting(keys[3:4], 5) == 1


def test_what_is_gone_has_no_size(keys: list[int]) -> None:
    with db.reading():
        assert edit_sizes.fitting([*keys[:2], 9_999], 2) == 3
        assert edit_sizes.fitting([], 2) == 0


def test_sizes_of_many_take_as_many_statements_as_of_one(keys: list[int]) -> None:
    taken = []
    for some in (keys[:1], keys):
        with db.reading(), counted() as statements:
            edit_sizes.fitting(some, 1_000)
        taken.append(len(statements))

    assert taken[0] == taken[1]
