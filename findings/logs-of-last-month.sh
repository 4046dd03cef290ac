#!/usr/bin/env bash
# Guess: the span of an incident in the notation of dates that searches of logs share, "now-1M", "2026-03-31||-1M", "now/w", means one time
# for libraries that name Elasticsearch's notation: a month before 31 March is 28 February, a week begins on Monday, as there.
# Seen: esdateutil 1.0.1 raises "day is out of range for month" on the 31st, so that what looks back a month fails there;
# @elastic/datemath 5.0.3, Kibana's own, begins a week on Sunday, so that "last week" has another weekend than where the search runs.
# python-datemath 3.0.3 is as guessed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@elastic/datemath@5.0.3' 'moment@2.31.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'esdateutil==1.0.1' 'python-datemath==3.0.3'
venv/bin/python - <<'PYTHON'
from datetime import UTC, datetime
from importlib.metadata import version

import arrow
from datemath import dm
from esdateutil.datemath import DateMath

ASKED = ("now-1M", "2026-03-31||-1M", "now/w", "now-1w/w")
now = datetime(2026, 3, 31, 15, 30, tzinfo=UTC)


def by_esdateutil(text):
    try:
        return f"{DateMath(now_fn=lambda zone=None: now).eval(text):%F}"
    except ValueError as error:
        return str(error)


seen = [f"{dm(each, now=arrow.get(now)).datetime:%F}" for each in ASKED]
other = [by_esdateutil(each) for each in ASKED]
print("guess: ['2026-02-28', '2026-02-28', '2026-03-30', '2026-03-23']")
print(f"python-datemath {version('python-datemath')}: {seen}")
print(f"esdateutil {version('esdateutil')}: {other}")
assert seen == ["2026-02-28", "2026-02-28", "2026-03-30", "2026-03-23"], "it has changed"
assert other == ["day is out of range for month"] * 2 + ["2026-03-30", "2026-03-23"], "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { parse } = require('@elastic/datemath');

const forceNow = new Date('2026-03-31T15:30:00Z');
const asked = ['now-1M', '2026-03-31||-1M', 'now/w', 'now-1w/w'];
const seen = asked.map((each) => parse(each, { forceNow }).format('YYYY-MM-DD')).join(' ');
console.log(`@elastic/datemath ${JSON.parse(readFileSync('node_modules/@elastic/datemath/package.json')).version}: ${seen}`);
if (seen !== '2026-02-28 2026-02-28 2026-03-29 2026-03-22') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=UTC node seen.cjs
