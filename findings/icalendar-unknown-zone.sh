#!/usr/bin/env bash
# Guess: a TZID that is neither defined in the calendar nor known (RFC 5545 §3.2.19 requires the definition) is an error.
# Seen, icalendar 7.3.0: the time comes out without a zone, as a floating time does that means everybody's own clock,
# and the event has no error. Who fills in a zone reads it hours off.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'icalendar==7.3.0'
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
from importlib.metadata import version

from icalendar import Event

text = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART{}:20260320T090000\r\nEND:VEVENT\r\n"
unknown = Event.from_ical(text.format(";TZID=Nowhere/Atlantis"))
floating = Event.from_ical(text.format(""))
print(f"icalendar {version('icalendar')}: DTSTART;TZID=Nowhere/Atlantis:20260320T090000")
print("guess: an error, or a mark on the value")
print(f"seen:  {unknown['DTSTART'].dt!r}, errors {unknown.errors}")
assert unknown["DTSTART"].dt == floating["DTSTART"].dt, "it has changed"
assert unknown["DTSTART"].dt.tzinfo is None and not unknown.errors, "it has changed"
PYTHON
