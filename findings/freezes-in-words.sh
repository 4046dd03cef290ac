#!/usr/bin/env bash
# Guess: a rule of a freeze or a rota that is put into words says when it comes, or that it cannot be said; rrule has
# isFullyConvertibleToText() for that. And words that are read as a rule come to what they say, or to nothing.
# Seen, rrule 2.8.1: the last working day of the month (BYSETPOS=-1) is "every month on weekdays", weekdays at half past nine are
# "every weekday", each quarter of the hour from nine to ten is "every 15 minutes"; all are fully convertible, it says.
# recurrent 0.4.1 makes of "every day except sunday" every day but the one next Sunday, and says of Friday the 13th "13rd of
# every month".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'recurrent==0.4.1'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'rrule@2.8.1'
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { RRule } = require('rrule');

const { version } = JSON.parse(readFileSync('node_modules/rrule/package.json'));
const expected = {
  'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1': 'every month on weekdays',
  'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=30': 'every weekday',
  'FREQ=MINUTELY;INTERVAL=15;BYHOUR=9': 'every 15 minutes',
};
let changed = false;
for (const [rule, words] of Object.entries(expected)) {
  const found = RRule.fromString(`RRULE:${rule}`);
  console.log(`rrule ${version}, ${rule}: ${found.toText()}; fully: ${found.isFullyConvertibleToText()}`);
  changed ||= found.toText() !== words || !found.isFullyConvertibleToText();
}
if (changed) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
cat >seen.py <<'SCRIPT'
from datetime import datetime
from importlib.metadata import version

import recurrent

NOW = datetime(2026, 3, 2)
WORDS = "every day except sunday"
seen = recurrent.RecurringEvent(now_date=NOW).parse(WORDS)
print(f"recurrent {version('recurrent')}, {WORDS}: {seen!r}")
assert seen == "RRULE:INTERVAL=1;FREQ=DAILY\nEXDATE:20260308T000000", "it has changed"
seen = recurrent.format("RRULE:FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR")
print(f"recurrent {version('recurrent')}, Friday the 13th: {seen}")
assert seen == "13rd of every month", "it has changed"
SCRIPT
echo 'guess: the last one, half past nine and nine are said, or it is said that they are not'
node seen.cjs
venv/bin/python seen.py
