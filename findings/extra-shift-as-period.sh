#!/usr/bin/env bash
# Guess: an extra shift of another length, which a rota gives as RDATE;VALUE=PERIOD (RFC 5545 §3.8.5.2), is a shift for whoever
# reads the calendar; or the reader says that it does not know how.
# Seen: recurring-ical-events 3.8.2 has it, with its own two hours. node-ical 0.26.1 and icalevents 0.3.1 leave it out without
# a word, and so have nobody on call. ical.js 2.2.1 has the extra shift, and leaves out the one at DTSTART, as with any RDATE.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'ical.js@2.2.1' 'node-ical@0.26.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'recurring-ical-events==3.8.2' 'icalevents==0.3.1'
cat >rota.ics <<'CALENDAR'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//rota//EN
BEGIN:VEVENT
UID:rota
DTSTAMP:20260101T000000Z
DTSTART:20260302T090000Z
DTEND:20260302T170000Z
RDATE;VALUE=PERIOD:20260305T200000Z/PT2H
SUMMARY:On call
END:VEVENT
END:VCALENDAR
CALENDAR
sed -i 's/$/\r/' rota.ics
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
import nodeIcal from 'node-ical';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const text = readFileSync('rota.ics', 'utf8');
const rota = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent'));
const iterator = rota.iterator();
const byIcal = [];
for (let next = iterator.next(); next; next = iterator.next()) byIcal.push(next.toString().slice(5, 16));
const parsed = Object.values(nodeIcal.sync.parseICS(text)).find((each) => each.type === 'VEVENT');
const asked = { from: new Date('2026-03-01T00:00Z'), to: new Date('2026-04-30T00:00Z') };
const byNode = nodeIcal.expandRecurringEvent(parsed, asked).map((each) => each.start.toISOString().slice(5, 16));
console.log('guess: 03-02T09:00 03-05T20:00');
console.log(`ical.js ${version('ical.js')}: ${byIcal.join(' ')}`);
console.log(`node-ical ${version('node-ical')}: ${byNode.join(' ')}`);
if (byIcal.join(' ') !== '03-05T20:00' || byNode.join(' ') !== '03-02T09:00') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=UTC node seen.mjs
TZ=UTC venv/bin/python - <<'PYTHON'
from datetime import date, datetime, timezone
from importlib.metadata import version
from pathlib import Path

import icalendar
import recurring_ical_events
from icalevents.icalevents import events

text = Path("rota.ics").read_bytes()
found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(date(2026, 3, 1), date(2026, 4, 30))
recurring = sorted(f"{each.start:%m-%dT%H:%M}-{each.end:%H:%M}" for each in found)
span = {"start": datetime(2026, 3, 1, tzinfo=timezone.utc), "end": datetime(2026, 4, 30, tzinfo=timezone.utc)}
plain = sorted(f"{each.start:%m-%dT%H:%M}-{each.end:%H:%M}" for each in events(string_content=text, **span))
print(f"recurring-ical-events {version('recurring-ical-events')}: {' '.join(recurring)}")
print(f"icalevents {version('icalevents')}: {' '.join(plain)}")
assert recurring == ["03-02T09:00-17:00", "03-05T20:00-22:00"], "it has changed"
assert plain == ["03-02T09:00-17:00"], "it has changed"
PYTHON
