#!/usr/bin/env bash
# Guess: from the third week on a shift begins two hours later, said by one event with RECURRENCE-ID;RANGE=THISANDFUTURE
# (RFC 5545 §3.2.13): whoever reads the calendar has the third and the fourth shift later, or says that it does not know how.
# Seen: ical.js 2.2.1 and recurring-ical-events 3.8.2 do. node-ical 0.26.1 and icalevents 0.3.1 move the third alone, and have
# the fourth at the old time, without a word. Who was on call is told rightly in the week of the swap, and wrongly after it.
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
RRULE:FREQ=WEEKLY;COUNT=4
SUMMARY:On call
END:VEVENT
BEGIN:VEVENT
UID:rota
DTSTAMP:20260101T000000Z
RECURRENCE-ID;RANGE=THISANDFUTURE:20260316T090000Z
DTSTART:20260316T110000Z
DTEND:20260316T190000Z
SUMMARY:On call, later
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
const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map((each) => new ICAL.Event(each));
const [rota, later] = events;
const iterator = new ICAL.Event(rota.component, { exceptions: [later.component] }).iterator();
const byIcal = [];
for (let next = iterator.next(); next; next = iterator.next())
  byIcal.push(rota.getOccurrenceDetails(next).startDate.toString().slice(5, 16));
const parsed = Object.values(nodeIcal.sync.parseICS(text)).find((each) => each.type === 'VEVENT');
const asked = { from: new Date('2026-03-01T00:00Z'), to: new Date('2026-04-30T00:00Z') };
const byNode = nodeIcal.expandRecurringEvent(parsed, asked).map((each) => each.start.toISOString().slice(5, 16));
const right = '03-02T09:00 03-09T09:00 03-16T11:00 03-23T11:00';
console.log(`guess: ${right}`);
console.log(`ical.js ${version('ical.js')}: ${byIcal.join(' ')}`);
console.log(`node-ical ${version('node-ical')}: ${byNode.join(' ')}`);
if (byIcal.join(' ') !== right || byNode.join(' ') !== '03-02T09:00 03-09T09:00 03-16T11:00 03-23T09:00') {
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
recurring = " ".join(sorted(f"{each.start:%m-%dT%H:%M}" for each in found))
span = {"start": datetime(2026, 3, 1, tzinfo=timezone.utc), "end": datetime(2026, 4, 30, tzinfo=timezone.utc)}
plain = " ".join(sorted(f"{each.start:%m-%dT%H:%M}" for each in events(string_content=text, **span)))
print(f"recurring-ical-events {version('recurring-ical-events')}: {recurring}")
print(f"icalevents {version('icalevents')}: {plain}")
assert recurring == "03-02T09:00 03-09T09:00 03-16T11:00 03-23T11:00", "it has changed"
assert plain == "03-02T09:00 03-09T09:00 03-16T11:00 03-23T09:00", "it has changed"
PYTHON
