#!/usr/bin/env bash
# Guess: readers of calendars agree on a rota that comes on the 31st of each month, or each 29 February: RFC 5545 §3.3.10
# leaves out days that a month does not have, and what RRULE says decides, not the one before.
# Seen: node-ical 0.26.1 puts it on 28 February, and from there on the 28th for ever; ical.js 2.2.1 leaves months out, but
# has 1 March for 29 February in other years (node-ical 28 February). Of the last of the days 28 to 31 (BYSETPOS=-1) ical.js
# has 28 March. rrule 2.8.1 and python-dateutil 2.9.0.post0 do as the standard says. Who is on call depends on who reads.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'python-dateutil==2.9.0.post0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'ical.js@2.2.1' 'node-ical@0.26.1' 'rrule@2.8.1'
cat >rules.json <<'JSON'
[
  ["20260131T090000Z", "FREQ=MONTHLY;COUNT=4"],
  ["20240229T090000Z", "FREQ=YEARLY;COUNT=3"],
  ["20260131T090000Z", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1;COUNT=3"]
]
JSON
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version

from dateutil.rrule import rrulestr

with open("rules.json") as file:
    rules = json.load(file)
seen = [" ".join(f"{day:%Y-%m-%d}" for day in rrulestr(f"DTSTART:{start}\nRRULE:{rule}")) for start, rule in rules]
print(f"python-dateutil {version('python-dateutil')}: {seen}")
assert seen == [
    "2026-01-31 2026-03-31 2026-05-31 2026-07-31",
    "2024-02-29 2028-02-29 2032-02-29",
    "2026-01-31 2026-02-28 2026-03-31",
], "it has changed"
SCRIPT
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
import nodeIcal from 'node-ical';
import rrule from 'rrule';

const rules = JSON.parse(readFileSync('rules.json'));
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const days = (found) => found.map((day) => day.toISOString().slice(0, 10)).join(' ');
const calendar = (start, rule) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:example', 'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20240101T000000Z',
    `DTSTART:${start}`, 'SUMMARY:On call', `RRULE:${rule}`, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
const readers = {
  'ical.js': (start, rule) => {
    const event = new ICAL.Event(new ICAL.Component(ICAL.parse(calendar(start, rule))).getFirstSubcomponent('vevent'));
    const iterator = event.iterator();
    const found = [];
    for (let next = iterator.next(); next && found.length < 9; next = iterator.next()) found.push(next.toJSDate());
    return days(found);
  },
  'node-ical': (start, rule) => {
    const events = Object.values(nodeIcal.sync.parseICS(calendar(start, rule)));
    return days(events.find((one) => one.type === 'VEVENT').rrule.all((_, at) => at < 9));
  },
  rrule: (start, rule) => days(rrule.rrulestr(`DTSTART:${start}\nRRULE:${rule}`).all((_, at) => at < 9)),
};
const right = ['2026-01-31 2026-03-31 2026-05-31 2026-07-31', '2024-02-29 2028-02-29 2032-02-29', '2026-01-31 2026-02-28 2026-03-31'];
const expected = {
  'ical.js': [right[0], '2024-02-29 2025-03-01 2026-03-01', '2026-01-31 2026-02-28 2026-03-28'],
  'node-ical': ['2026-01-31 2026-02-28 2026-03-28 2026-04-28', '2024-02-29 2025-02-28 2026-02-28', right[2]],
  rrule: right,
};
let changed = false;
for (const [name, read] of Object.entries(readers)) {
  const seen = rules.map(([start, rule]) => read(start, rule));
  console.log(`${name} ${version(name)}: ${JSON.stringify(seen)}`);
  changed ||= JSON.stringify(seen) !== JSON.stringify(expected[name]);
}
if (changed) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'monthly from the 31st, yearly from 29 February, the last of the days 28 to 31'
echo 'guess: all say the same'
venv/bin/python seen.py
node seen.mjs
