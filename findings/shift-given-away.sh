#!/usr/bin/env bash
# Guess: a shift that was given away (EXDATE) is gone, also where the calendar says its time in UTC and the rota's in a zone:
# both are one instant, and RFC 5545 §3.8.5.1 leaves it to the writer which to use.
# Seen: rrule 2.8.1 keeps the shift, as it compares what is written. rrule-temporal 2.2.8, ical.js 2.2.1, node-ical 0.26.1 and
# recurring-ical-events 3.8.2 leave it out. Somebody is told to be on call who is not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'rrule@2.8.1' 'rrule-temporal@2.2.8'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import rrule from 'rrule';
import { RRuleTemporal } from 'rrule-temporal';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const rule = 'DTSTART;TZID=Europe/Berlin:20260302T090000\nRRULE:FREQ=WEEKLY;COUNT=3\n';
const days = (text) => [
  rrule.rrulestr(text).all().map((each) => each.toISOString().slice(5, 10)).join(' '),
  new RRuleTemporal({ rruleString: text }).all().map((each) => each.toString().slice(5, 10)).join(' '),
];
const [utc, zoned] = [days(`${rule}EXDATE:20260309T080000Z`), days(`${rule}EXDATE;TZID=Europe/Berlin:20260309T090000`)];
console.log('guess: 03-02 03-16, for 9 March at 08:00 in UTC and at 09:00 in Berlin');
console.log(`rrule ${version('rrule')}: ${utc[0]}, and ${zoned[0]}`);
console.log(`rrule-temporal ${version('rrule-temporal')}: ${utc[1]}, and ${zoned[1]}`);
const right = '03-02 03-16';
if (utc[0] !== '03-02 03-09 03-16' || zoned[0] !== right || utc[1] !== right || zoned[1] !== right) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=UTC node seen.mjs
