#!/usr/bin/env bash
# Guess: libraries agree on when an event comes whose DTSTART is no day of its RRULE (2 March, every second Monday of March).
# RFC 5545 §3.8.5.3 leaves it undefined; of COUNT it says that DTSTART counts as the first.
# Seen: python-dateutil 2.9.0.post0 leaves the start out and has three later ones for COUNT=3; recurring-ical-events 3.8.2,
# which is built on it, has the start and three more: four.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'python-dateutil==2.9.0.post0' 'recurring-ical-events==3.8.2' 'icalendar==7.3.0'
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
from datetime import datetime
from importlib.metadata import version

import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar import Calendar

RULE = "FREQ=YEARLY;BYMONTH=3;BYDAY=2MO;COUNT=3"
calendar = Calendar.from_ical(
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:example\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    f"DTSTART:20260302T090000Z\r\nRRULE:{RULE}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
bare = [f"{one:%Y-%m-%d}" for one in rrulestr(RULE, dtstart=datetime(2026, 3, 2, 9))]
built = [f"{one['DTSTART'].dt:%Y-%m-%d}" for one in recurring_ical_events.of(calendar).between((2026, 1, 1), (2032, 1, 1))]
print(f"DTSTART 2026-03-02, {RULE}")
print("guess: both say the same three")
print(f"seen:  python-dateutil {version('python-dateutil')}: {bare}")
print(f"       recurring-ical-events {version('recurring-ical-events')}: {built}")
assert bare == ["2026-03-09", "2027-03-08", "2028-03-13"], "it has changed"
assert built == ["2026-03-02", *bare], "it has changed"
PYTHON
