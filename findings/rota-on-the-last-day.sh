#!/usr/bin/env bash
# Guess: a rota on the last day of each month can be written as RFC 7529 has it: from 31 January on,
# RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD. Who does not know that leaves this event out, and has the others (§4.1).
# Seen: only rrule-temporal 2.2.8 has 28 February. ical.js 2.2.1 takes the rule, and leaves out the months without a 31st.
# recurring-ical-events 3.8.2, icalevents 0.3.1 and node-ical 0.26.1 raise for the whole calendar, with an event that is due
# once beside it; node-ical says that RSCALE is not there. rrule 2.8.1 and python-dateutil 2.9.0.post0 refuse the rule.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'ical.js@2.2.1' 'node-ical@0.26.1' 'rrule@2.8.1' 'rrule-temporal@2.2.8'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'recurring-ical-events==3.8.2' 'icalevents==0.3.1' \
  'python-dateutil==2.9.0.post0'
cat >rota.ics <<'CALENDAR'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//rota//EN
BEGIN:VEVENT
UID:rota
DTSTAMP:20260101T000000Z
DTSTART:20260131T090000Z
DTEND:20260131T170000Z
RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=3
SUMMARY:On call
END:VEVENT
BEGIN:VEVENT
UID:review
DTSTAMP:20260101T000000Z
DTSTART:20260302T090000Z
DTEND:20260302T100000Z
SUMMARY:Review
END:VEVENT
END:VCALENDAR
CALENDAR
sed -i 's/$/\r/' rota.ics
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
import nodeIcal from 'node-ical';
import rrule from 'rrule';
import { RRuleTemporal } from 'rrule-temporal';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const text = readFileSync('rota.ics', 'utf8');
const rule = 'DTSTART:20260131T090000Z\nRRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=3';
const ways = {
  'rrule-temporal': () => new RRuleTemporal({ rruleString: rule }).all().map((each) => each.toString().slice(5, 10)),
  'ical.js': () => {
    const first = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent');
    const iterator = new ICAL.Event(first).iterator();
    const days = [];
    for (let next = iterator.next(); next; next = iterator.next()) days.push(next.toString().slice(5, 10));
    return days;
  },
  'node-ical': () => [`${Object.keys(nodeIcal.sync.parseICS(text)).length} parts`],
  rrule: () => rrule.rrulestr(rule).all().map((each) => each.toISOString().slice(5, 10)),
};
const seen = {};
for (const [name, way] of Object.entries(ways)) {
  try {
    seen[name] = way().join(' ');
  } catch (error) {
    seen[name] = `refused: ${error.message}`;
  }
}
console.log('guess: 01-31 02-28 03-31, or the calendar without this event');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${said}`);
const expected = [/^01-31 02-28 03-31$/, /^01-31 03-31 05-31$/, /^refused: SKIP MUST NOT be present unless RSCALE/, /^refused/];
if (!Object.values(seen).every((said, place) => expected[place].test(said))) {
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
from dateutil.rrule import rrulestr
from icalevents.icalevents import events

text = Path("rota.ics").read_bytes()
span = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 6, 30, tzinfo=timezone.utc)
ways = {
    "recurring-ical-events": lambda: recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*span),
    "icalevents": lambda: events(string_content=text, start=span[0], end=span[1]),
    "python-dateutil": lambda: list(rrulestr("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=3", dtstart=date(2026, 1, 31))),
}
seen = {}
for name, way in ways.items():
    try:
        seen[name] = f"{len(way())} events"
    except ValueError as error:
        seen[name] = f"refused: {error}"
    print(f"{name} {version(name)}: {seen[name]}")
assert all(said.startswith("refused: ") for said in seen.values()), "it has changed"
PYTHON
