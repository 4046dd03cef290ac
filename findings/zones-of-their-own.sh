#!/usr/bin/env bash
# Guess: a rota that brings its zone with it (a VTIMEZONE whose TZID is a name of its own, "Berlin on call", or one with a vendor's prefix,
# as RFC 5545 §3.8.3.1 has it) begins at nine in Berlin for whoever reads it, wherever the reader's process runs.
# Seen: ics 0.7.3 for Python begins it at nine in UTC, without a word, as if the calendar said Z. node-ical 0.26.1 begins it at nine of the
# process's own zone, so in Los Angeles at six in the evening in Berlin. icalendar 7.3.2, icalevents 0.3.1 and ical.js 2.2.1 do as the
# calendar says.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'node-ical@0.26.1' 'ical.js@2.2.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'icalendar==7.3.2' 'ics==0.7.3' 'icalevents==0.3.1'
python3 - <<'PYTHON'
from pathlib import Path

ZONES = ("Berlin on call", "/example.org/20260301_1/Europe/Berlin")
ZONE = """BEGIN:VTIMEZONE
TZID:{zone}
BEGIN:STANDARD
DTSTART:19961027T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19810329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""
SHIFT = """BEGIN:VEVENT
UID:{number}@example.org
DTSTAMP:20260301T000000Z
DTSTART;TZID={zone}:20260302T090000
DTEND;TZID={zone}:20260302T170000
SUMMARY:On call
END:VEVENT
"""
lines = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//example.org//rota//EN\n"
lines += "".join(ZONE.format(zone=zone) for zone in ZONES)
lines += "".join(SHIFT.format(zone=zone, number=number) for number, zone in enumerate(ZONES))
Path("rota.ics").write_bytes((lines + "END:VCALENDAR\n").replace("\n", "\r\n").encode())
PYTHON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
import ical from 'node-ical';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const calendar = new ICAL.Component(ICAL.parse(readFileSync('rota.ics', 'utf8')));
const seen = {
  'node-ical': Object.values(ical.sync.parseFile('rota.ics')).filter((each) => each.type === 'VEVENT').map((each) => each.start),
  'ical.js': calendar.getAllSubcomponents('vevent').map((each) => new ICAL.Event(each).startDate.toJSDate()),
};
console.log('guess: 08:00 in UTC, of both shifts');
for (const [name, starts] of Object.entries(seen)) {
  seen[name] = starts.map((start) => start.toISOString().slice(11, 16)).join(' ');
  console.log(`${name} ${version(name)}, in Los Angeles: ${seen[name]}`);
}
if (seen['node-ical'] !== '17:00 17:00' || seen['ical.js'] !== '08:00 08:00') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=America/Los_Angeles node seen.mjs
TZ=America/Los_Angeles venv/bin/python -W ignore - <<'PYTHON'
from datetime import UTC, date
from importlib.metadata import version
from pathlib import Path

import ics
from icalendar import Calendar
from icalevents.icalevents import events

text = Path("rota.ics").read_bytes().decode()
seen = {
    "icalendar": [shift.start for shift in Calendar.from_ical(text).events],
    "icalevents": [shift.start for shift in events(string_content=text, start=date(2026, 3, 1), end=date(2026, 3, 9))],
    "ics": [shift.begin.datetime for shift in ics.Calendar(text).events],
}
starts = {name: [f"{start.astimezone(UTC):%H:%M}" for start in found] for name, found in seen.items()}
for name, found in starts.items():
    print(f"{name} {version(name)}: {found}")
assert starts == {"icalendar": ["08:00"] * 2, "icalevents": ["08:00"] * 2, "ics": ["09:00"] * 2}, "it has changed"
PYTHON
