#!/usr/bin/env bash
# Guess: a rota on the first working day of each month (BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1), or on the last Friday (BYDAY=-1FR), comes on those
# days at its time for whoever extends a calendar's rules; BYHOUR=9,21 of a shift in UTC means hours in UTC, wherever the process runs;
# or a part of a rule that a library does not know is refused.
# Seen, ts-ics 2.4.6, in a process in Los Angeles: the first working days are 4, 5 and 6 March, at midnight. Last Fridays are at midnight, and
# the first, on which the rota begins, is left out. Hours are those of the process's zone, 9 and 21 in UTC are 17:00 and 5:00; and a shift at
# 9:00 in UTC is at 8:00 once clocks have changed there, not where it is. rrule 2.8.1 is as guessed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'ts-ics@2.4.6' 'rrule@2.8.1'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import rrule from 'rrule';
import { convertIcsRecurrenceRule, extendByRecurrenceRule } from 'ts-ics';

const rules = [
  ['2026-03-02T09:00:00Z', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=3'],
  ['2026-01-30T09:00:00Z', 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=3'],
  ['2026-03-02T09:00:00Z', 'FREQ=DAILY;BYHOUR=9,21;COUNT=3'],
  ['2026-03-02T09:00:00Z', 'FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3'],
];
const words = (days) => days.map((each) => each.toISOString().slice(5, 16)).join(' ');
const byTs = rules.map(([start, rule]) => {
  const read = convertIcsRecurrenceRule(undefined, { value: rule });
  return words(extendByRecurrenceRule(read, { start: new Date(start), end: new Date('2026-12-31') }));
});
const byRrule = rules.map(([start, rule]) => {
  const dtstart = new Date(start);
  return words(new rrule.RRule({ ...rrule.RRule.parseString(rule), dtstart }).all());
});
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log('guess: 2 March, 1 April, 1 May; 30 January, 27 February, 27 March; 9:00 and 21:00; all at 9:00');
console.log(`ts-ics ${version('ts-ics')}:`, byTs);
console.log(`rrule ${version('rrule')}:`, byRrule);
const expected = [
  ['03-04T00:00 03-05T00:00 03-06T00:00', '02-27T00:00 03-27T00:00 04-24T00:00', '03-02T17:00 03-03T05:00 03-03T17:00'],
  ['03-02T09:00 04-01T09:00 05-01T09:00', '01-30T09:00 02-27T09:00 03-27T09:00', '03-02T09:00 03-02T21:00 03-03T09:00'],
];
expected[0].push('03-02T09:00 03-03T09:00 03-09T08:00');
expected[1].push('03-02T09:00 03-03T09:00 03-09T09:00');
if (JSON.stringify([byTs, byRrule]) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=America/Los_Angeles node seen.mjs
