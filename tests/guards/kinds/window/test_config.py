"""The `window` kind of guard: configurations that are refused, each naming its field."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.guards.kinds.window.kind import Window

KIND = Window()


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({}, "/config/tz"),
        ({"tz": "Pacific"}, "/config/tz"),
        ({"tz": "../../etc/passwd"}, "/config/tz"),
        ({"tz": "UTC", "starts_on": "2018-01-25", "starts": "9:00"}, "/config/starts"),
        ({"tz": "UTC", "starts_on": "2018-01-25", "starts": "25:00"}, "/config/starts"),
        ({"tz": "UTC", "starts_on": "2018-01-25", "ends": "24:01"}, "/config/ends"),
        ({"tz": "UTC", "starts_on": "2018-01-25", "ends": "19:00\n"}, "/config/ends"),
        ({"tz": "UTC", "starts_on": "25.1.2018"}, "/config/starts_on"),
        ({"tz": "UTC", "starts_on": "0001-01-01"}, "/config/starts_on"),
        ({"tz": "UTC", "starts_on": "9999-12-31"}, "/config/starts_on"),
        ({"tz": "UTC"}, "/config/starts_on"),
        ({"tz": "UTC", "rrule": "FREQ=WEEKLY"}, "/config/starts_on"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY;INTERVAL=2"}, "/config/starts_on"),
        ({"tz": "UTC", "starts_on": "2018-01-25", "ends_on": "2018-01-24"}, "/config/ends_on"),
        ({"tz": "UTC", "rrule": "FREQ=SECONDLY"}, "/config/rrule"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY;COUNT=2000000000"}, "/config/rrule"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"}, "/config/rrule"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY" + ";" * 400}, "/config/rrule"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY", "exdates": ["never"]}, "/config/exdates/0"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY", "runway_s": -1}, "/config/runway_s"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY", "runway_s": "900"}, "/config/runway_s"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY", "ends_after_days": 99}, "/config/ends_after_days"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY", "mode": "maybe"}, "/config/mode"),
        ({"tz": "UTC", "rrule": "FREQ=DAILY", "reason": "x" * 201}, "/config/reason"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert {problem.pointer for problem in told.value.problems} == {pointer}
