#!/usr/bin/env bash
# Guess: a timeline whose times are not all known, in the notation for that (EDTF, ISO 8601-2), lies between the same ends for its libraries:
# 15:30 is at 15:30, "2026-03-0X" is within the first nine days, "one of 2 to 5 March" ends on the 5th, and spring is in the same months.
# Seen: to edtf 5.0.2 for Python 15:30 is at midnight, as its bounds are of days; "2026-03-0X", a form of level 2, raises a ValueError out of
# int(). edtf 4.11.1 for Node.js has 15:30, and ends "[2026-03-02..2026-03-05]" on the 2nd. Spring (2026-21) is from March to May for the one,
# and from January to March for the other. Both have 1 to 31 March of "2026-03~" and "2026-03-XX".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'edtf@4.11.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'edtf==5.0.2'
cat >asked.json <<'JSON'
["2026-03-02T15:30:00Z", "2026-03-0X", "[2026-03-02..2026-03-05]", "2026-21", "2026-03~", "2026-03-XX"]
JSON
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from edtf import parse_edtf


def bounds(text):
    read = parse_edtf(text)
    try:
        first, last = read.lower_strict(), read.upper_strict()
    except ValueError as error:
        return f"ValueError: {error}"
    return f"{first[1]:02}-{first[2]:02} {first[3]:02}:{first[4]:02} to {last[1]:02}-{last[2]:02}"


seen = [bounds(each) for each in json.loads(Path("asked.json").read_text())]
print("guess: 03-02 15:30, 03-01 to 03-09, 03-02 to 03-05, and the same months for spring")
print(f"edtf {version('edtf')} for Python: {seen}")
assert seen == [
    "03-02 00:00 to 03-02",
    "ValueError: invalid literal for int() with base 10: '0X'",
    "03-02 00:00 to 03-05",
    "03-01 00:00 to 05-31",
    "03-01 00:00 to 03-31",
    "03-01 00:00 to 03-31",
], "it has changed"
PYTHON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import edtf from 'edtf';

const words = (time) => new Date(time).toISOString().slice(5, 16).replace('T', ' ');
const seen = JSON.parse(readFileSync('asked.json')).map((text) => {
  const { min, max } = edtf(text);
  return `${words(min)} to ${words(max).slice(0, 5)}`;
});
const { version } = JSON.parse(readFileSync('node_modules/edtf/package.json'));
console.log(`edtf ${version} for Node.js: ${seen.join(', ')}`);
const expected = [
  '03-02 15:30 to 03-02',
  '03-01 00:00 to 03-09',
  '03-02 00:00 to 03-02',
  '01-01 00:00 to 03-31',
  '03-01 00:00 to 03-31',
  '03-01 00:00 to 03-31',
];
if (seen.join() !== expected.join()) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
