#!/usr/bin/env bash
# Guess: a reminder before a to-do is due (TRIGGER;RELATED=END) comes so long before DUE, and one at an instant comes then; a
# to-do needs DTSTART only for a trigger that is related to its start (RFC 5545 §3.8.6.3).
# Seen, icalendar 7.3.0: of a to-do with DUE alone `alarms.times` raises "No DTSTART given", for both; with a DTSTART both come
# when they should. Action items have a day they are due, and none on which they begin.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'icalendar==7.3.0'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from icalendar import Calendar
from icalendar.error import IncompleteComponent

LINES = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
BEGIN:VTODO
UID:1@example.org
DTSTAMP:20260302T090000Z
{start}DUE:20260309T170000Z
SUMMARY:Rotate keys
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Rotate keys
{trigger}
END:VALARM
END:VTODO
END:VCALENDAR
"""
TRIGGERS = ("TRIGGER;RELATED=END:-PT15M", "TRIGGER;VALUE=DATE-TIME:20260309T080000Z")


def alarm(trigger, start):
    calendar = Calendar.from_ical(LINES.format(trigger=trigger, start=start).replace("\n", "\r\n"))
    try:
        (found,) = calendar.walk("VTODO")[0].alarms.times
    except IncompleteComponent as refusal:
        return str(refusal)
    return found.trigger.isoformat()


print(f"icalendar {version('icalendar')}")
right = ["2026-03-09T16:45:00+00:00", "2026-03-09T08:00:00+00:00"]
print(f"guess: {right}, with DTSTART and without")
seen = {start: [alarm(trigger, start) for trigger in TRIGGERS] for start in ("", "DTSTART:20260309T090000Z\n")}
for start, found in seen.items():
    print(f"seen:  {found} {'with' if start else 'without'} DTSTART")
assert list(seen.values()) == [2 * ["No DTSTART given."], right], "it has changed"
PYTHON
