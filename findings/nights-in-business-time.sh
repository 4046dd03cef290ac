#!/usr/bin/env bash
# Guess: how much of an outage lay within hours of support, one to five in each night in Berlin, is three hours in the night in which clocks go
# forward, and five in the one in which they go back: times are given in UTC, and a library that is told a zone counts hours that pass.
# Seen: bizdurr 2.0.1, told Europe/Berlin, says four hours of both nights, though only four and a half passed between the ends of the first
# outage, of which one and a half lay outside. business-duration 0.68 says four as well. workclock 0.1.2 says three and five.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'bizdurr==2.0.1' 'business-duration==0.68' 'workclock==0.1.2' \
  'tzdata==2026.6'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime, time
from importlib.metadata import version
from zoneinfo import ZoneInfo

from bizdurr import BusinessDuration
from business_duration import businessDuration
from workclock import Schedule, WorkDay

BERLIN = ZoneInfo("Europe/Berlin")
OUTAGES = (
    (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC)),
    (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC)),
    (datetime(2026, 5, 2, 22, 30, tzinfo=UTC), datetime(2026, 5, 3, 4, tzinfo=UTC)),
)
FROM, TO = time(1), time(5)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
night = BusinessDuration(business_hours={day: {"start": "01:00", "end": "05:00"} for day in DAYS}, business_timezone="Europe/Berlin")
schedule = Schedule([WorkDay(FROM, TO, days=range(7))], time_zone=BERLIN)
seen = {
    "bizdurr": [night.calculate(*each).total_seconds() / 3600 for each in OUTAGES],
    "business-duration": [
        businessDuration(*(one.astimezone(BERLIN) for one in each), FROM, TO, weekendlist=[], unit="hour") for each in OUTAGES
    ],
    "workclock": [schedule.between(*each).total_seconds() / 3600 for each in OUTAGES],
}
print("hours in the nights of 29 March, 25 October and 3 May; guess: [3, 5, 4]")
for name, hours in seen.items():
    print(f"{name} {version(name)}: {[float(each) for each in hours]}")
assert seen == {"bizdurr": [4, 4, 4], "business-duration": [4, 4, 4], "workclock": [3, 5, 4]}, "it has changed"
PYTHON
