#!/usr/bin/env bash
# Guess: who reads timelines takes 24:00 for the end of its day, as ISO 8601 has it, or refuses it; and readers agree
# whether midnight, said of today, is behind or before us.
# Seen: "2026-03-01 24:00" is the beginning of that day, a day early, for parsedatetime 2.6 and any-date-parser 2.2.4;
# dateparser 1.5.0 and python-dateutil 2.9.0.post0 refuse it, and so does chrono-node 2.10.3. Of "midnight", said at nine on
# 2 March, chrono-node makes the next one, dateparser and parsedatetime the last one. Of "00:30 the next day" chrono-node
# makes two times, half past midnight today and nine tomorrow.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'dateparser==1.5.0' 'python-dateutil==2.9.0.post0' 'parsedatetime==2.6'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'chrono-node@2.10.3' 'any-date-parser@2.2.4'
cat >seen.py <<'SCRIPT'
from datetime import datetime
from importlib.metadata import version

import dateparser
import parsedatetime
from dateutil import parser

NOW = datetime(2026, 3, 2, 9, 0)


def by_parsedatetime(text):
    found, kind = parsedatetime.Calendar().parse(text, NOW)
    return datetime(*found[:6]) if kind else None


READERS = {
    "dateparser": lambda text: dateparser.parse(text, settings={"RELATIVE_BASE": NOW}),
    "python-dateutil": lambda text: parser.parse(text, default=NOW),
    "parsedatetime": by_parsedatetime,
}
EXPECTED = {
    "dateparser": ["refused", "2026-03-02 00:00"],
    "python-dateutil": ["refused", "refused"],
    "parsedatetime": ["2026-03-01 00:00", "2026-03-02 00:00"],
}
for name, read in READERS.items():
    seen = []
    for text in ("2026-03-01 24:00", "midnight"):
        try:
            found = read(text)
        except ValueError:
            found = None
        seen.append("refused" if found is None else found.strftime("%Y-%m-%d %H:%M"))
    print(f"{name} {version(name)}: {', '.join(seen)}")
    assert seen == EXPECTED[name], "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const parser = require('any-date-parser');
const chrono = require('chrono-node');

const now = new Date('2026-03-02T09:00:00Z');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const read = (text) => chrono.parse(text, now).map((found) => found.start.date().toISOString().slice(0, 16)).join(' and ');
const seen = ['2026-03-01 24:00', 'midnight', '00:30 the next day'].map((text) => read(text) || 'refused');
const other = (parser.default ?? parser).fromString('2026-03-01 24:00').toISOString().slice(0, 16);
console.log(`chrono-node ${version('chrono-node')}: ${seen.join(', ')}`);
console.log(`any-date-parser ${version('any-date-parser')}: ${other}`);
const expected = 'refused, 2026-03-03T00:00, 2026-03-02T00:30 and 2026-03-03T09:00';
if (seen.join(', ') !== expected || other !== '2026-03-01T00:00') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: 2026-03-02 00:00 or refused; one midnight for all; half past midnight on 3 March'
venv/bin/python seen.py
TZ=UTC node seen.cjs
