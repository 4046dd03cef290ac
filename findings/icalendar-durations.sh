#!/usr/bin/env bash
# Guess: a duration comes out as it went in. RFC 5545 §3.3.6: P1D is a day on the clocks, PT24H is exactly 24 hours.
# Seen, icalendar 7.3.0: both become the same timedelta, and PT24H is written as P1D. Over a change of the clocks the
# event is an hour off, and its text no longer says what was meant.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'icalendar==7.3.0'
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
from importlib.metadata import version

from icalendar import Event


def round_trip(duration):
    event = Event.from_ical(f"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260328T210000Z\r\nDURATION:{duration}\r\nEND:VEVENT\r\n")
    return event["DURATION"].dt, event["DURATION"].to_ical().decode()


day, hours = round_trip("P1D"), round_trip("PT24H")
print(f"icalendar {version('icalendar')}: DURATION:P1D and DURATION:PT24H")
print("guess: two values, written as P1D and PT24H")
print(f"seen:  {day} and {hours}")
assert day == hours and hours[1] == "P1D", "it has changed"
PYTHON
