#!/usr/bin/env bash
# Guess: a shift that begins at 02:30 each day begins then on all days that have such a time, whoever reads the calendar;
# on the day without one (clocks go forward in Berlin on 29 March 2026) it is 03:30, by the offset before (RFC 5545 §3.3.5).
# And UNTIL, in UTC as it must be, has its own instant in it (§3.3.10).
# Seen: node-ical 0.26.1 begins it at 03:30 on that day and on all days after; rrule 2.8.1 and ical.js 2.2.1 begin it at
# 01:30 on that day, and rrule leaves out the last shift, at UNTIL. Only python-dateutil 2.9.0.post0 with zoneinfo does as
# guessed. What was on call when the alert went unheard is told wrongly by an hour, or a day.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'python-dateutil==2.9.0.post0' 'tzdata==2026.6'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'ical.js@2.2.1' 'node-ical@0.26.1' 'rrule@2.8.1'
cat >seen.py <<'SCRIPT'
from datetime import UTC, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

start = datetime(2026, 3, 28, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
found = rrulestr("FREQ=DAILY;UNTIL=20260331T003000Z", dtstart=start)
seen = " ".join(f"{one.astimezone(UTC):%dT%H:%M}" for one in found)
print(f"python-dateutil {version('python-dateutil')}: {seen}")
assert seen == "28T01:30 29T01:30 30T00:30 31T00:30", "it has changed"
SCRIPT
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
import nodeIcal from 'node-ical';
import rrule from 'rrule';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const rule = 'FREQ=DAILY;UNTIL=20260331T003000Z';
const text = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:example
BEGIN:VTIMEZONE
TZID:Europe/Berlin
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
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:20260328T023000
DURATION:PT8H
SUMMARY:On call
RRULE:${rule}
END:VEVENT
END:VCALENDAR
`.replaceAll('\n', '\r\n');
const told = (found) => found.map((one) => one.toISOString().slice(8, 16)).join(' ');
const seen = {};

const calendar = new ICAL.Component(ICAL.parse(text));
ICAL.TimezoneService.register('Europe/Berlin', new ICAL.Timezone(calendar.getFirstSubcomponent('vtimezone')));
const iterator = new ICAL.Event(calendar.getFirstSubcomponent('vevent')).iterator();
const found = [];
for (let next = iterator.next(); next; next = iterator.next()) found.push(next.toJSDate());
seen['ical.js'] = told(found);
const event = Object.values(nodeIcal.sync.parseICS(text)).find((one) => one.type === 'VEVENT');
seen['node-ical'] = told(event.rrule.all());
seen.rrule = told(rrule.rrulestr(`DTSTART;TZID=Europe/Berlin:20260328T023000\nRRULE:${rule}`).all());
for (const [name, days] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${days}`);
const expected = {
  'ical.js': '28T01:30 29T00:30 30T00:30 31T00:30',
  'node-ical': '28T01:30 29T01:30 30T01:30',
  rrule: '28T01:30 29T00:30 30T00:30',
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
export TZ=UTC
echo 'a shift at 02:30 in Berlin from 28 to 31 March 2026, in UTC'
echo 'guess: 28T01:30 29T01:30 30T00:30 31T00:30'
venv/bin/python seen.py
node seen.mjs
