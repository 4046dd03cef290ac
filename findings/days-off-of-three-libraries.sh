#!/usr/bin/env bash
# Guess: libraries of days off agree on the weekdays on which a country does not work, so that one for Python and one for
# Node.js count the same working days until an action item is due; they differ by regions and by what is half a day.
# Seen for 2026 and 2027, Monday to Friday: holidays 0.109 and date-holidays 3.37.0 agree for the United States, Ireland,
# Japan and Brazil; workalendar 17.0.0 lacks Juneteenth, Saint Brigid's Day, Good Friday in Brazil, and in Japan the days that
# stand for a Sunday's or lie between two; for Ireland it has days in December, for those at a weekend, that neither other has.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'holidays==0.109' 'workalendar==17.0.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'date-holidays@3.37.0'
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version

import holidays
from workalendar.america import Brazil
from workalendar.asia import Japan
from workalendar.europe import Ireland
from workalendar.usa import UnitedStates

YEARS = (2026, 2027)
OTHER = {"US": UnitedStates(), "IE": Ireland(), "JP": Japan(), "BR": Brazil()}
LACKS = {
    "US": ["2026-06-19", "2027-06-18"],
    "IE": ["2026-02-02", "2027-02-01"],
    "JP": ["2026-05-06", "2026-09-22", "2027-03-22"],
    "BR": ["2026-04-03", "2026-11-20", "2027-03-26"],
}
HAS_MORE = {"US": [], "IE": ["2026-12-28", "2027-12-27", "2027-12-28"], "JP": [], "BR": []}


def weekdays(days):
    return {day.isoformat() for day in days if day.weekday() < 5 and day.year in YEARS}


first = {code: weekdays(holidays.country_holidays(code, years=YEARS)) for code in OTHER}
second = {code: weekdays(day for year in YEARS for day, _ in each.holidays(year)) for code, each in OTHER.items()}
lacks = {code: sorted(first[code] - second[code]) for code in OTHER}
more = {code: sorted(second[code] - first[code]) for code in OTHER}
print(f"holidays {version('holidays')}, workalendar {version('workalendar')}: the second lacks {lacks}, and has {more}")
assert (lacks, more) == (LACKS, HAS_MORE), "it has changed"
with open("days.json", "w") as file:
    json.dump({code: sorted(days) for code, days in first.items()}, file)
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const Holidays = require('date-holidays');

const { version } = JSON.parse(readFileSync('node_modules/date-holidays/package.json'));
let changed = false;
for (const [code, days] of Object.entries(JSON.parse(readFileSync('days.json')))) {
  const found = new Set();
  for (const year of [2026, 2027]) {
    for (const each of new Holidays(code).getHolidays(year).filter((one) => one.type === 'public')) {
      const day = each.date.slice(0, 10);
      const weekday = new Date(`${day}T00:00Z`).getUTCDay();
      if (weekday > 0 && weekday < 6 && Number(day.slice(0, 4)) === year) found.add(day);
    }
  }
  const same = JSON.stringify([...found].sort()) === JSON.stringify(days);
  console.log(`date-holidays ${version}: ${code} ${same ? 'the same as holidays' : 'other days'}`);
  changed ||= !same;
}
if (changed) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: the same weekdays off in all three'
venv/bin/python seen.py
node seen.cjs
