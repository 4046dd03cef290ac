"""How long, how late and which percentile: the rules behind figures, case by case."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from postmortems.followup import rules
from postmortems.incidents import timeline_chart
from postmortems.reports.catalog import ages, closure, response_times
from postmortems.reports.catalog.response_times import Read

DUE = date(2026, 3, 31)
CLOSED = {
    datetime(2026, 3, 31, 23, 59, tzinfo=UTC): "in_time",
    datetime(2026, 4, 1, tzinfo=UTC): "late",
    # The day is that of UTC, whatever the clock that wrote it.
    datetime(2026, 4, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))): "in_time",
    datetime(2026, 3, 31, 22, 30, tzinfo=timezone(timedelta(hours=-5))): "late",
}
# Minutes since the start, by kind of entry, and what is told of them.
TIMELINES: dict[str, tuple[tuple[tuple[str, int], ...], dict[str, float]]] = {
    "all of it": (
        (("trigger", 0), ("detection", 7), ("mitigation", 20), ("recovery", 40), ("recovery", 65)),
        {"detected": 7, "mitigated": 20, "resolved": 65},
    ),
    "a change where no trigger is": ((("change", 0), ("escalation", 5)), {"detected": 5}),
    "seen before it began": ((("detection", -5), ("trigger", 0), ("recovery", 30)), {"resolved": 30}),
    "mitigated before it was seen": (
        (("trigger", 0), ("mitigation", 3), ("detection", 9), ("recovery", 30)),
        {"detected": 9, "resolved": 30},
    ),
    "at once": ((("trigger", 0), ("detection", 0)), {"detected": 0}),
}
PERCENTILES = {
    (): {50: None, 90: None},
    (4,): {50: 4, 90: 4, 100: 4},
    (1, 2, 3, 4): {25: 1, 50: 2, 75: 3, 90: 4},
    tuple(range(1, 101)): {50: 50, 90: 90, 95: 95, 100: 100},
}


@pytest.mark.parametrize("closed_at, wanted", CLOSED.items())
def test_done_on_the_due_day_is_in_time(closed_at: datetime, wanted: str) -> None:
    assert rules.how_done(DUE, closed_at) == wanted
    assert rules.how_done(None, closed_at) == "undated"


# From a day to before another: which months and days are looked into.
SPANS = {
    ("2026-01-01", None): [("done_in", "2026-01", "")],
    ("2026-01-01", "2026-03-01"): [("done_in", "2026-01", "2026-03")],
    ("2026-01-02", "2026-03-01"): [
        ("done_on", "2026-01-02", "2026-02-01"),
        ("done_in", "2026-02", "2026-03"),
    ],
    ("2025-12-31", None): [("done_on", "2025-12-31", "2026-01-01"), ("done_in", "2026-01", "")],
    ("2026-01-01", "2026-01-20"): [("done_on", "2026-01-01", "2026-01-20")],
    ("2026-01-10", "2026-02-05"): [("done_on", "2026-01-10", "2026-02-05")],
    ("2026-01-10", "2026-03-05"): [
        ("done_on", "2026-01-10", "2026-02-01"),
        ("done_in", "2026-02", "2026-03"),
        ("done_on", "2026-03-01", "2026-03-05"),
    ],
}


@pytest.mark.parametrize("days", SPANS, ids=str)
def test_days_are_whole_months_and_what_lies_beside_them(days: tuple[str, str | None]) -> None:
    start, end = (date.fromisoformat(day) if day else None for day in days)

    found = [(what, first, before) for what, _, first, before in closure._spans(start, end)]

    assert found == SPANS[days]


@pytest.mark.parametrize("name", TIMELINES)
def test_times_are_counted_from_the_start(name: str) -> None:
    said, wanted = TIMELINES[name]
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    entries = [
        Read(1, "", "", kind, "minute", at.replace(tzinfo=None), at, "")
        for kind, at in ((kind, start + timedelta(minutes=minutes)) for kind, minutes in said)
    ]

    assert response_times._of_timeline(entries, "UTC") == wanted


def test_without_a_start_nothing_is_told() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    entries = [Read(1, "", "", "detection", "minute", at.replace(tzinfo=None), at, "")]

    assert response_times._of_timeline(entries, "") is None
    assert response_times._of_timeline([], "") is None
    assert timeline_chart.moments([], UTC) == {}


@pytest.mark.parametrize("values, wanted", PERCENTILES.items())
def test_percentiles_are_of_the_nearest_rank(values: tuple[int, ...], wanted: dict[int, int | None]) -> None:
    for share, value in wanted.items():
        assert response_times.percentile(values, share) == value
        assert ages.percentile(Counter(values), share) == value
