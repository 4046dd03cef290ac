#!/usr/bin/env bash
# Guess: a line of cron that runs on Sundays ("0 2 * * 7", as most cron takes 7 as well as 0), comes
# then for the library that runs jobs of Bree by lines of cron and by words; what it does not know it refuses.
# Seen, @breejs/later 4.2.0: 7 is Saturday, and 0 and SUN are Sunday: nothing is refused. "0 9 13 * 5" comes on a Friday the 13th alone,
# where cron comes on each Friday and each 13th. The last day (L), the second Monday (1#2) and the workday next to a day (15W) are right, and
# so is the 31st. croniter 7.0.0 comes on Sundays for all three.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@breejs/later@4.2.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'croniter==7.0.0'
cat >asked.json <<'JSON'
["0 2 * * 7", "0 2 * * 0", "0 2 * * SUN", "0 9 13 * 5"]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const later = require('@breejs/later');

later.date.UTC();
const start = new Date('2026-02-26T12:00:00Z');
const day = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' });
const next = (line) => later.schedule(later.parse.cron(line)).next(2, start);
const seen = JSON.parse(readFileSync('asked.json')).map((line) =>
  next(line)
    .map((each) => `${day.format(each)} ${each.toISOString().slice(5, 10)}`)
    .join(' '),
);
const others = ['0 9 L * ?', '0 9 * * 1#2', '0 9 15W * ?', '0 9 31 * *'].map((line) => next(line)[1].toISOString().slice(5, 10));
const { version } = JSON.parse(readFileSync('node_modules/@breejs/later/package.json'));
console.log('guess: Sun 03-01 Sun 03-08 of three, and Fri 02-27 Fri 03-06');
console.log(`@breejs/later ${version}: ${seen.join(', ')}`);
const expected = ['Sat 02-28 Sat 03-07', 'Sun 03-01 Sun 03-08', 'Sun 03-01 Sun 03-08', 'Fri 03-13 Fri 11-13'];
if (seen.join() !== expected.join() || others.join(' ') !== '03-31 04-13 04-15 05-31') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from croniter import croniter

START = datetime(2026, 2, 26, 12, tzinfo=UTC)
seen = [f"{croniter(line, START).get_next(datetime):%a %m-%d}" for line in json.loads(Path("asked.json").read_text())]
print(f"croniter {version('croniter')}: {seen}")
assert seen == ["Sun 03-01", "Sun 03-01", "Sun 03-01", "Fri 02-27"], "it has changed"
PYTHON
