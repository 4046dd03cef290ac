"""The year in small: some days of a few people leave sums, chain and queues right, and figures of it all."""

from __future__ import annotations

from tests.bench.year import figures
from tests.bench.year.days import Mix
from tests.bench.year.simulation import simulate


def test_some_days_of_a_few_people_leave_everything_right(any_database: str) -> None:
    mix = Mix(people=40, scale=1.0, incidents=60, decisions=400, attested=125, pings=125, probes=125)

    found, faults = simulate(any_database, mix, days=9, keep_days=1)

    assert faults == []
    assert found.rows[-1]["decisions"] > 0
    assert {"a decision", "a save", "an edit", "an incident page", "a round of the worker"} <= found.months[
        0
    ].keys()
    assert "| a decision |" in figures.told(found)
