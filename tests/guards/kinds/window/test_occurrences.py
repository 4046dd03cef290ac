"""The first window that is kept is the one that would be found anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from postmortems.guards.kinds.window import occurrences
from postmortems.guards.kinds.window.kind import Window

SOME_DAY = datetime(2018, 3, 9, tzinfo=UTC)
SERIES: list[dict[str, Any]] = [
    {"starts": "09:00", "ends": "19:00", "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
    {"starts": "22:00", "ends": "02:00", "rrule": "FREQ=DAILY"},
    {"starts": "00:00", "ends": "24:00", "rrule": "FREQ=WEEKLY;BYDAY=SA,SU"},
    {"starts": "01:30", "ends": "02:30", "rrule": "FREQ=DAILY"},
    {"starts": "10:00", "ends": "11:00", "rrule": "FREQ=MONTHLY;BYDAY=1MO"},
    {"starts": "08:00", "ends": "09:00", "starts_on": "2018-03-11", "ends_on": "2018-03-12"},
    {"starts": "12:00", "ends": "10:00", "rrule": "FREQ=DAILY", "ends_after_days": 2},
]
KIND = Window()
CONFIGS = [KIND.configured({"tz": "America/Los_Angeles", **one}) for one in SERIES]
INSTANTS = st.lists(
    st.integers(0, 6 * 24 * 3600).map(lambda s: SOME_DAY + timedelta(seconds=s)), min_size=1, max_size=12
)


@given(
    config=st.sampled_from(CONFIGS),
    gap=st.sampled_from([0, 900, 14 * 3600]).map(lambda s: timedelta(seconds=s)),
    instants=INSTANTS,
)
def test_whenever_it_is_asked_the_first_window_is_the_one_found_anew(
    config: dict[str, Any], gap: timedelta, instants: list[datetime]
) -> None:
    for now in instants:
        found = next(occurrences.joined(occurrences.occurrences(config, now), now, gap), None)
        assert occurrences.first_joined(config, now, gap) == found


def test_what_is_kept_is_bounded() -> None:
    for days in range(occurrences.MOST_KEPT + 2):
        config = {**CONFIGS[0], "starts_on": (SOME_DAY - timedelta(days=days)).date().isoformat()}
        occurrences.first_joined(config, SOME_DAY, timedelta(0))
    assert len(occurrences._first) <= occurrences.MOST_KEPT
