"""The drawn timeline: positions to scale, phases from kinds, and nothing where there is nothing to draw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from postmortems.incidents import timeline_chart


@dataclass
class Row:
    at: datetime | None
    kind: str = ""
    title: str = ""
    written: str = ""
    precision: str = "minute"
    instant: datetime | None = None
    zone: str = ""


def at(clock: str, day: int = 25) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2018, 1, day, int(hour), int(minute))  # noqa: DTZ001  local times have no zone


FOUNDING = [
    Row(at("14:30"), "change"),
    Row(at("15:30"), "trigger"),
    Row(at("16:11"), "detection"),
    Row(at("16:35"), "recovery"),
]


def test_the_founding_incident_is_drawn_with_its_phases() -> None:
    drawn = timeline_chart.draw(FOUNDING, UTC)

    assert drawn is not None
    assert [dot.x for dot in drawn.dots] == sorted(dot.x for dot in drawn.dots)
    assert (drawn.dots[0].x, drawn.dots[-1].x) == (2.0, 98.0)
    lasted = {phase.name: phase.lasted for phase in drawn.phases}
    assert lasted == {"detected": "41 min", "resolved": "24 min"}
    assert drawn.milestones == (
        ("started", "15:30", ""),
        ("detected", "16:11", "after 41 min"),
        ("resolved", "16:35", "after 1 h 5 min"),
    )
    assert [tick.label for tick in drawn.ticks] == ["14:30", "15:00", "15:30", "16:00", "16:30"]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [Row(at("14:30"))],
        [Row(at("14:30")), Row(None)],
        [Row(at("14:30")), Row(at("14:30"))],
        [Row(at("00:00"), precision="day"), Row(at("00:00", 26), precision="day")],
    ],
)
def test_nothing_is_drawn_where_times_span_nothing(rows: list[Row]) -> None:
    assert timeline_chart.draw(rows, UTC) is None


def test_without_a_trigger_it_started_with_the_first_change() -> None:
    drawn = timeline_chart.draw([Row(at("10:00"), "change"), Row(at("10:30"), "recovery")], UTC)

    assert drawn is not None
    assert drawn.milestones[0] == ("started", "10:00", "")


def test_a_recovery_before_the_start_ends_nothing() -> None:
    drawn = timeline_chart.draw(
        [Row(at("09:00"), "recovery"), Row(at("10:00"), "trigger"), Row(at("11:00"))], UTC
    )

    assert drawn is not None
    assert drawn.phases == ()


def test_entries_of_other_zones_stand_where_the_clock_of_the_incident_was() -> None:
    begun = Row(at("15:30"), "trigger", instant=datetime(2018, 1, 25, 23, 30, tzinfo=UTC))
    elsewhere = Row(at("00:30", 26), "recovery", instant=datetime(2018, 1, 26, 0, 30, tzinfo=UTC))

    drawn = timeline_chart.draw([begun, elsewhere], ZoneInfo("America/Los_Angeles"))

    assert drawn is not None
    assert drawn.milestones[1] == ("resolved", "16:30", "after 1 h")


def test_the_hour_that_the_clocks_skipped_takes_no_room() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    rows = [
        Row(at("01:30"), "trigger", instant=datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        Row(at("03:00"), instant=datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        Row(at("03:30"), "detection", instant=datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ]

    drawn = timeline_chart.draw(rows, berlin)

    assert drawn is not None
    assert [dot.x for dot in drawn.dots] == [2.0, 50.0, 98.0]
    assert drawn.milestones == (("started", "01:30", ""), ("detected", "03:30", "after 1 h"))
    assert [tick.label for tick in drawn.ticks] == ["01:30", "01:45", "03:00", "03:15", "03:30"]


def test_without_a_zone_of_the_incident_the_clocks_are_those_of_the_first_entry() -> None:
    rows = [
        Row(at("14:30"), "trigger", instant=datetime(2018, 1, 25, 14, 30, tzinfo=UTC), zone="UTC"),
        Row(at("15:40"), "recovery", instant=datetime(2018, 1, 25, 14, 40, tzinfo=UTC), zone="CET"),
    ]

    drawn = timeline_chart.draw(rows, timeline_chart.zone_of(rows, ""))

    assert drawn is not None
    assert drawn.milestones == (("started", "14:30", ""), ("resolved", "14:40", "after 10 min"))


@pytest.mark.parametrize("days", [1, 40, 900, 2_000_000])
def test_any_span_has_a_few_ticks_at_most(days: int) -> None:
    first = datetime(2, 1, 1)  # noqa: DTZ001
    drawn = timeline_chart.draw([Row(first), Row(first + timedelta(days=days))], UTC)

    assert drawn is not None
    if days < 5000:
        assert 1 <= len(drawn.ticks) <= 7


@pytest.mark.parametrize(
    "length, words",
    [
        (timedelta(), "0 min"),
        (timedelta(minutes=41), "41 min"),
        (timedelta(hours=1, minutes=5), "1 h 5 min"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (timedelta(hours=2), "2 h"),
    ],
)
def test_spans_are_told_in_their_two_coarsest_units(length: timedelta, words: str) -> None:
    assert timeline_chart.span(length) == words
