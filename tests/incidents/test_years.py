"""Years with incidents, as the filter of the list offers them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from postmortems import visibility
from postmortems.db import session as db
from postmortems.document.model import Document
from postmortems.incidents import queries
from tests.incidents.documents import save
from tests.world import World


def test_a_year_of_restricted_incidents_is_known_to_those_they_name(any_database: str, world: World) -> None:
    save(Document("Long ago", date=date(1949, 2, 1)))
    save(Document("Once", date=date(1953, 1, 1)))
    save(Document("Hush", date=date(1990, 12, 31), restricted=("ada",)), actor=world.ben)
    with db.reading():
        assert queries.years() == [1953, 1949]
        with visibility.seen_by(visibility.Viewer("ada")):
            assert queries.years() == [1990, 1953, 1949]


def test_the_last_year_that_a_date_can_say_is_one(any_database: str) -> None:
    save(Document("Far off", date=date(9999, 12, 31)))
    save(Document("Too long ago to be offered beside it", date=date(9949, 12, 31)))
    with db.reading():
        assert queries.years() == [9999]


def test_ten_years_take_as_many_statements_as_two(count_queries: Callable[..., Any], world: World) -> None:
    def asked() -> int:
        with db.reading(), count_queries() as statements:
            queries.years()
        return len(statements)

    counts = []
    for years in ((2001, 2002), range(2003, 2011)):
        for year in years:
            save(Document(f"Of {year}", date=date(year, 2, 1)))
        counts.append(asked())
    assert counts[0] == counts[1]
