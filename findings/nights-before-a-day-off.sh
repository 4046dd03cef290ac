#!/usr/bin/env bash
# Guess: windows for deploys in the notation of opening_hours (OpenStreetMap): "Mo-Fr 22:00-06:00; Fr off" takes the night that begins
# on Friday away, and leaves Thursday's. "Mo-Fr 09:00-17:00 "with approval"" is open or not, whichever library reads it.
# Seen, opening_hours 3.15.0 for Node.js and opening-hours-py 2.1.4: both take away Friday as a day of the calendar. Thursday's
# night ends at midnight, and the night that begins on Friday is open from midnight on, so that one can deploy on Saturday at one.
# Of the window with words the first says "unknown", and the second open; a window without an end ("Mo-Fr 09:00+") likewise.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'opening_hours@3.15.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'opening-hours-py==2.1.4'
cat >asked.json <<'JSON'
[
  ["Mo-Fr 22:00-06:00; Fr off", "2026-03-05T23:00"],
  ["Mo-Fr 22:00-06:00; Fr off", "2026-03-06T01:00"],
  ["Mo-Fr 22:00-06:00; Fr off", "2026-03-06T23:00"],
  ["Mo-Fr 22:00-06:00; Fr off", "2026-03-07T01:00"],
  ["Mo-Fr 09:00-17:00 \"with approval\"", "2026-03-03T10:00"],
  ["Mo-Fr 09:00+", "2026-03-03T12:00"]
]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const OpeningHours = require('opening_hours');

const asked = JSON.parse(readFileSync('asked.json'));
const seen = asked.map(([text, time]) => {
  const hours = new OpeningHours(text);
  const moment = new Date(time);
  return hours.getState(moment) ? 'open' : hours.getUnknown(moment) ? 'unknown' : 'closed';
});
const { version } = JSON.parse(readFileSync('node_modules/opening_hours/package.json'));
console.log('guess: open open closed closed, then the same from both');
console.log(`opening_hours ${version}: ${seen.join(' ')}`);
if (seen.join(' ') !== 'open closed closed open unknown unknown') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=UTC node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from opening_hours import OpeningHours

asked = json.loads(Path("asked.json").read_text())
seen = [str(OpeningHours(text).state(datetime.fromisoformat(time))[0]) for text, time in asked]
print(f"opening-hours-py {version('opening-hours-py')}: {' '.join(seen)}")
assert seen == ["open", "closed", "closed", "open", "open", "open"], "it has changed"
PYTHON
