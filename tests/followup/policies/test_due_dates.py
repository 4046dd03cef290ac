"""Which policy fits an item, and the dates that it gives: the rows are `dates.txt`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from postmortems.followup.policies import due_dates
from postmortems.followup.policies.due_dates import DuePolicy, ItemFacts
from tests.followup.policies import calendars

LINES = (Path(__file__).parent / "dates.txt").read_text(encoding="utf-8").splitlines()
ROWS = [line for line in LINES if line and not line.startswith("#")]
OCCURRED = date(2018, 1, 25)


def test_there_are_enough_cases() -> None:
    assert len(ROWS) >= 80
    assert len({row.partition(" => ")[0] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_the_due_date_is_the_one_of_the_table(row: str) -> None:
    given, wanted = row.split(" => ")
    instant, zone, days, calendar = given.split(" | ")
    policy = DuePolicy(
        1,
        complete_days=int(days.removesuffix("b")),
        counting="business" if days.endswith("b") else "calendar",
        zone=zone,
        calendar=calendars.named(calendar),
    )

    found = due_dates.deadlines(policy, datetime.fromisoformat(instant), OCCURRED)

    assert found.due == date.fromisoformat(wanted.split(" | ")[0])


def test_days_to_assign_are_counted_as_those_to_complete() -> None:
    policy = DuePolicy(1, assign_days=1, complete_days=5, counting="business")

    found = due_dates.deadlines(policy, datetime.fromisoformat("2026-03-06T12:00Z"), OCCURRED)

    assert (found.begun_on, found.assign_by, found.due) == (
        date(2026, 3, 6),
        date(2026, 3, 9),
        date(2026, 3, 13),
    )


def test_a_policy_may_count_from_the_day_of_the_incident() -> None:
    policy = DuePolicy(1, complete_days=14, begins="incident", zone="Pacific/Kiritimati")

    found = due_dates.deadlines(policy, datetime.fromisoformat("2026-03-06T12:00Z"), OCCURRED)

    assert (found.begun_on, found.assign_by, found.due) == (OCCURRED, None, date(2018, 2, 8))


# (policies that there are, as their conditions; the item; which one holds)
SEV1, PROCESS, P0 = {"severity": "SEV1"}, {"kind": "process"}, {"priority": "P0"}
PLATFORM = {"team": "platform"}
CHOICES = [
    ([], SEV1, None),
    ([{}], SEV1, {}),
    ([{}, SEV1], SEV1, SEV1),
    ([{}, SEV1], {"severity": "SEV2"}, {}),
    ([SEV1], {"severity": ""}, None),
    ([SEV1, PROCESS], SEV1 | PROCESS, SEV1),
    ([PROCESS, P0], PROCESS | P0, P0),
    ([PROCESS, PLATFORM], PROCESS | PLATFORM, PROCESS),
    ([PLATFORM, {}], PLATFORM, PLATFORM),
    ([SEV1, PROCESS | PLATFORM], SEV1 | PROCESS | PLATFORM, PROCESS | PLATFORM),
    ([SEV1 | PROCESS, SEV1 | P0], SEV1 | PROCESS | P0, SEV1 | P0),
    ([P0 | PROCESS | PLATFORM, SEV1 | PROCESS], SEV1 | PROCESS | P0, SEV1 | PROCESS),
    ([SEV1 | PLATFORM], SEV1 | {"team": "other"}, None),
    ([SEV1 | PLATFORM, SEV1], SEV1 | {"team": "other"}, SEV1),
]


@pytest.mark.parametrize("there, item, wanted", CHOICES)
def test_the_most_specific_policy_holds(
    there: list[dict[str, str]], item: dict[str, str], wanted: dict[str, str] | None
) -> None:
    policies = [DuePolicy(number, **conditions) for number, conditions in enumerate(there)]  # type: ignore[arg-type]

    for order in (policies, policies[::-1]):
        found = due_dates.fitting(order, ItemFacts(**item))

        assert found == (None if wanted is None else policies[there.index(wanted)])


def test_a_zone_that_is_gone_from_the_tables_counts_as_utc() -> None:
    assert due_dates.day_in("Mars/Olympus", datetime.fromisoformat("2026-03-02T23:30-02:00")) == date(
        2026, 3, 3
    )
