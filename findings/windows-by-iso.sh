#!/usr/bin/env bash
# Guess: a maintenance window written as an interval of ISO 8601 may say of its end only what differs (2026-03-01/03 is from
# the 1st to the 3rd): libraries read it so, or refuse it, and what is read depends on nothing but the text.
# Seen: luxon 3.7.2 takes the end for one of today: "2026-03-01/03" ends at three o'clock of the day on which it is read, and
# 22:00/23:30 of that March ends today. aniso8601 10.0.1 reads both as the standard says; pendulum 3.3.0 refuses the first.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'aniso8601==10.0.1' 'pendulum==3.3.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'luxon@3.7.2'
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { Interval, Settings } = require('luxon');

const { version } = JSON.parse(readFileSync('node_modules/luxon/package.json'));
Settings.now = () => Date.UTC(2026, 10, 30, 12);
const seen = ['2026-03-01/03', '2026-03-01T22:00Z/23:30Z'].map((text) => Interval.fromISO(text, { zone: 'utc' }).end.toISO());
console.log('guess: 2026-03-03 or refused; 2026-03-01T23:30 or refused');
console.log(`luxon ${version}, on 30 November: ${seen.join(', ')}`);
if (seen.join() !== '2026-11-30T03:00:00.000Z,2026-11-30T23:30:00.000Z') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
cat >seen.py <<'SCRIPT'
from importlib.metadata import version

import aniso8601
import pendulum

seen = [str(aniso8601.parse_interval(text)[1]) for text in ("2026-03-01/03", "2026-03-01T22:00Z/23:30Z")]
print(f"aniso8601 {version('aniso8601')}: {', '.join(seen)}")
assert seen == ["2026-03-03", "2026-03-01 23:30:00+00:00"], "it has changed"
try:
    pendulum.parse("2026-03-01/03")
except ValueError:
    print(f"pendulum {version('pendulum')} refuses the first")
else:
    raise SystemExit("it has changed")
SCRIPT
node seen.cjs
venv/bin/python seen.py
