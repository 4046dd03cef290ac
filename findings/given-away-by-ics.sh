#!/usr/bin/env bash
# Guess: a weekly shift at nine from 23 March on, written by the package `ics` in a process in Berlin, without the shift of 30 March that was
# given away (exclusionDates), leaves that one out; that it writes times in UTC, so that a shift begins at ten in summer, is known of it.
# Seen, ics 3.12.0: it writes the day left out in UTC by the offset of its own date, 07:00Z, and the rule goes on at 08:00Z: it excludes a
# time at which nothing is. ical.js 2.2.1 and icalendar 7.3.2 with recurring-ical-events 3.8.2 have the shift of 30 March. Before the clocks
# change the day is left out. ical-generator 10.2.0, told the zone, writes both in it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'ics@3.12.0' 'ical-generator@10.2.0' 'ical.js@2.2.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'icalendar==7.3.2' 'recurring-ical-events==3.8.2'
cat >seen.mjs <<'SCRIPT'
import { readFileSync, writeFileSync } from 'node:fs';
import ICAL from 'ical.js';
import ical from 'ical-generator';
import { createEvents } from 'ics';

const byIcs = (month, day, away) =>
  createEvents([
    {
      start: [2026, month, day, 9, 0],
      duration: { hours: 8 },
      title: 'On call',
      recurrenceRule: 'FREQ=WEEKLY;COUNT=3',
      exclusionDates: [[2026, month, away, 9, 0]],
    },
  ]).value;
const byGenerator = () => {
  const calendar = ical();
  const repeating = { freq: 'WEEKLY', count: 3, exclude: ['2026-03-30T09:00:00'] };
  calendar.createEvent({ start: '2026-03-23T09:00:00', end: '2026-03-23T17:00:00', timezone: 'Europe/Berlin', summary: 'On call', repeating });
  return calendar.toString();
};
const line = (text, name) => text.split('\r\n').find((each) => each.startsWith(name));
const days = (text) => {
  const starts = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent')).iterator();
  const found = [];
  for (let next = starts.next(); next; next = starts.next()) {
    found.push(next.toString().slice(5, 10));
  }
  return found.join(' ');
};
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const [over, before] = [byIcs(3, 23, 30), byIcs(3, 2, 9)];
writeFileSync('over.ics', over);
const seen = [line(over, 'DTSTART'), line(over, 'EXDATE'), days(over), days(before), line(byGenerator(), 'EXDATE')];
console.log('guess: 03-23 04-06, and 03-02 03-16');
console.log(`ics ${version('ics')}, read by ical.js ${version('ical.js')}: ${seen.slice(0, 4).join(', ')}`);
console.log(`ical-generator ${version('ical-generator')}: ${seen[4]}`);
const expected = ['DTSTART:20260323T080000Z', 'EXDATE:20260330T070000Z', '03-23 03-30 04-06', '03-02 03-16'];
if (seen.join() !== [...expected, 'EXDATE;TZID=Europe/Berlin:20260330T090000'].join()) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=Europe/Berlin node seen.mjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

import recurring_ical_events
from icalendar import Calendar

calendar = Calendar.from_ical(Path("over.ics").read_bytes())
seen = [f"{each.start:%m-%d}" for each in recurring_ical_events.of(calendar).between((2026, 3, 1), (2026, 5, 1))]
print(f"recurring-ical-events {version('recurring-ical-events')}: {seen}")
assert seen == ["03-23", "03-30", "04-06"], "it has changed"
PYTHON
