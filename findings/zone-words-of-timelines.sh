#!/usr/bin/env bash
# Guess: who reads "2026-01-15 15:30 IST" or "… UTC+2" out of a timeline gets the time that was meant, or is refused.
# Seen: of IST dateparser 1.5.0 makes Israel's +02:00 and chrono-node 2.10.3 India's +05:30. pendulum 3.3.0 (`strict=False`)
# leaves out any word for a zone and says UTC: 15:30 PST comes eight hours early, without a warning. Of UTC+2 dateutil
# 2.9.0.post0 and pendulum make -02:00, the others +02:00. And dateparser takes PT for -08:00 in July too. An outage may
# so end before it begins, depending on who read the notes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'dateparser==1.5.0' 'python-dateutil==2.9.0.post0' 'pendulum==3.3.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'chrono-node@2.10.3'
cat >times.json <<'JSON'
["2026-01-15 15:30 IST", "2026-01-15 15:30 PST", "2026-01-15 15:30 UTC+2", "2026-07-15 3:30 PM PT"]
JSON
cat >seen.py <<'SCRIPT'
import json
import warnings
from importlib.metadata import version

import dateparser
import dateutil.parser
import pendulum

# dateutil warns of words that it leaves out; its time then has no zone.
warnings.simplefilter("ignore")
READERS = {
    "dateparser": dateparser.parse,
    "python-dateutil": dateutil.parser.parse,
    "pendulum": lambda text: pendulum.parse(text, strict=False),
}
with open("times.json") as file:
    times = json.load(file)
seen = {}
for name, read in READERS.items():
    seen[name] = [f"{read(text):%z}" for text in times]
    print(f"{name} {version(name)}: {seen[name]}")
assert seen == {
    "dateparser": ["+0200", "-0800", "+0200", "-0800"],
    "python-dateutil": ["", "", "-0200", ""],
    "pendulum": ["+0000", "+0000", "-0200", "+0000"],
}, "it has changed"
SCRIPT
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { parse } from 'chrono-node';

const times = JSON.parse(readFileSync('times.json'));
const seen = times.map((text) => parse(text)[0].start.get('timezoneOffset')).join(' ');
console.log(`chrono-node ${JSON.parse(readFileSync('node_modules/chrono-node/package.json')).version}, in minutes: ${seen}`);
if (seen !== '330 -480 120 -420') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'IST, PST, UTC+2, and PT in July'
echo 'guess: +0530 or refused, -0800, +0200, -0700'
venv/bin/python seen.py
node seen.mjs
