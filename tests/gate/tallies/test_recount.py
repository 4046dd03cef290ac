"""What is kept for reports is what a recount gives, whatever people do; and a recount mends what is not."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Item
from postmortems.gate.tallies import recount
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.tallies.people import People

STEPS, SEEDS = 30, range(2)


def differences() -> list[str]:
    with db.reading(at_one_moment=True):
        return list(recount.differences())


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_people_do_a_recount_gives_what_is_kept(any_database: str, clock: Clock, seed: int) -> None:
    founding.tell(clock.now())
    people, done = People(seed, clock), []
    for _ in range(STEPS):
        done.append(people.act())

        assert differences() == [], done


def test_what_is_taken_back_was_not_counted(any_database: str, clock: Clock) -> None:
    founding.tell(clock.now())
    with suppress(ZeroDivisionError), db.transaction():
        founding.add_incident(title="Another")
        db.catch_up()
        raise ZeroDivisionError

    assert differences() == []


def test_an_incident_that_is_restricted_no_longer_is_counted_again(any_database: str, clock: Clock) -> None:
    people = People(0, clock)
    with db.transaction():
        founding.add_services()
        founding.add_incident(Item("Watch it."))
    for _ in range(2):
        people.restrict()

        assert differences() == []


WRONG = [
    ("DELETE FROM tallies", "the tally of incident 1 is missing"),
    ("UPDATE tallies SET coverage = 'thin'", "the tally of incident 1 differs in coverage"),
    ("DELETE FROM incidents", "the tally of incident 1 is kept, and there is no such incident"),
    (
        "UPDATE tally_sums SET count = count + 1 WHERE what = 'undated'",
        "the sum undated is kept as 4, and 3 are counted",
    ),
    ("DELETE FROM tally_sums WHERE what = 'undated'", "the sum undated is kept as 0, and 3 are counted"),
    ("UPDATE tally_targets SET coverage = 'thin'", "the marks of targets of incident 1 differ"),
    ("DELETE FROM tally_guards WHERE slug = 'lab-hours'", "the marks of guards of incident 1 differ"),
    (
        "UPDATE action_items SET owner = 'x', owner_key = 'x'",
        "the tally of incident 1 differs in counted, sliced",
    ),
    (
        "UPDATE incidents SET severity = 'SEV1'",
        "the tally of incident 1 differs in counted, sliced, severity",
    ),
    (
        "UPDATE affected SET target = 'elsewhere'",
        "the tally of incident 1 differs in targets, counted, sliced, places",
    ),
    ("DELETE FROM affected", "the tally of incident 1 differs in counted, sliced, places"),
    ("UPDATE tally_places SET severity = 'SEV4'", "the marks of services and teams of incident 1 differ"),
    (
        "UPDATE tally_places SET could_recur = NOT could_recur",
        "the marks of services and teams of incident 1 differ",
    ),
    ("UPDATE tally_places SET report = 'reopened'", "the marks of services and teams of incident 1 differ"),
    ("DELETE FROM tally_places", "the marks of services and teams of incident 1 differ"),
    (
        "DELETE FROM tally_sums WHERE what = 'age.'",
        "the sum age. data8/prod 2026-03-02 is kept as 0, and 3 are counted",
    ),
]  # fmt: skip


@pytest.mark.parametrize("statement, told", WRONG)
def test_what_is_wrong_is_named_and_mended(
    any_database: str, clock: Clock, statement: str, told: str
) -> None:
    founding.tell(clock.now())
    with db.transaction():
        session().connection().execute(text(statement))
    assert told in differences()

    recount.mend()

    assert differences() == []


def test_a_recount_after_a_filling_that_was_ended_goes_on(any_database: str, clock: Clock) -> None:
    founding.tell(clock.now())
    with db.transaction():
        for table in ("tallies", "tally_sums", "tally_targets", "tally_guards"):
            session().connection().execute(text(f"DELETE FROM {table}"))
    seen: list[tuple[int, int]] = []
    with db.transaction():
        recount.fill(lambda done, count: seen.append((done, count)))

    assert seen == [(1, 1)]
    assert differences() == []


def test_an_item_that_was_due_tomorrow_is_overdue_without_anybody_writing(
    any_database: str, clock: Clock
) -> None:
    with db.transaction():
        founding.add_services()
        founding.add_incident(Item("Soon.", due=(clock.now() + timedelta(days=1)).date()))
    clock.advance(days=3)

    assert differences() == []
