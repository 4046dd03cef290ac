#!/usr/bin/env bash
# Guess: a VTIMEZONE holds in its own calendar (RFC 5545 §3.6.5), so two calendars may mean two zones by one TZID.
# Seen, icalendar 7.3.0: the first definition of a TZID is kept for the whole process, and later calendars get it too.
# What a calendar says depends on which calendar was read before it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'icalendar==7.3.0'
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
from importlib.metadata import version

from icalendar import Calendar


def offset_of(offset):
    """What the event's start is ahead of UTC, in a calendar that defines its own zone by `offset`."""
    text = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:example
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:20000101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
DTSTART;TZID=Customized Time Zone:20260320T090000
END:VEVENT
END:VCALENDAR
"""
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return f"{event['DTSTART'].dt:%z}"


seen = [offset_of("+0530"), offset_of("-0800")]
print(f"icalendar {version('icalendar')}: calendars that define +0530, then -0800")
print("guess: ['+0530', '-0800']")
print(f"seen:  {seen}")
assert seen == ["+0530", "+0530"], "it has changed"
PYTHON
