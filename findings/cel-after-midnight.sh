#!/usr/bin/env bash
# Guess: a freeze written in the Common Expression Language ("no deploys on the 30th", "none on Saturdays") holds on the same
# days whichever library judges it; the language says that days are those of the zone named, and of UTC where none is.
# Seen: at half past midnight in Berlin on Monday 30 March 2026, @bufbuild/cel 0.6.1 says the 31st and Tuesday; an hour before
# and after it is right. Its first hour of each day is of the next, and of days in UTC, too, when "UTC" is named. cel-python
# 0.5.0 and @marcbachmann/cel-js 8.0.0 are right. common-expression-language 0.10.0 takes hours by the offset that a time is
# written with, and knows no zones.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip --quiet --disable-pip-version-check install 'cel-python==0.5.0'
python3 -m venv rust
rust/bin/python -m pip --quiet --disable-pip-version-check install 'common-expression-language==0.10.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@bufbuild/cel@0.6.1' '@marcbachmann/cel-js@8.0.0'
cat >asked.json <<'JSON'
[
  "timestamp('2026-03-29T21:30:00Z').getDate('Europe/Berlin')",
  "timestamp('2026-03-29T22:30:00Z').getDate('Europe/Berlin')",
  "timestamp('2026-03-29T22:30:00Z').getDayOfWeek('Europe/Berlin')",
  "timestamp('2026-03-29T23:30:00Z').getDate('Europe/Berlin')",
  "timestamp('2026-03-02T00:30:00Z').getDate('UTC')",
  "timestamp('2026-03-02T15:30:00-08:00').getHours()"
]
JSON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { run } from '@bufbuild/cel';
import { evaluate } from '@marcbachmann/cel-js';

const asked = JSON.parse(readFileSync('asked.json', 'utf8'));
const expected = { '@bufbuild/cel': [29, 31, 2, 30, 3, 23], '@marcbachmann/cel-js': [29, 30, 1, 30, 2, 23] };
let changed = false;
for (const [name, judge] of [['@bufbuild/cel', run], ['@marcbachmann/cel-js', evaluate]]) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  const seen = asked.map((each) => Number(judge(each)));
  console.log(`${name} ${version}: ${seen.join(', ')}`);
  changed ||= seen.join() !== expected[name].join();
}
if (changed) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version

import celpy

with open("asked.json") as file:
    asked = json.load(file)
environment = celpy.Environment()
seen = [int(environment.program(environment.compile(each)).evaluate({})) for each in asked]
print(f"cel-python {version('cel-python')}: {seen}")
assert seen == [29, 30, 1, 30, 2, 23], "it has changed"
SCRIPT
cat >seen_rust.py <<'SCRIPT'
import json
from importlib.metadata import version

import cel

with open("asked.json") as file:
    asked = json.load(file)
seen = cel.evaluate(asked[-1], {})
print(f"common-expression-language {version('common-expression-language')}, the last one: {seen}")
try:
    cel.evaluate(asked[0], {})
except RuntimeError:
    print("and the first one is refused")
else:
    raise SystemExit("it has changed")
assert seen == 15, "it has changed"
SCRIPT
echo 'guess: 29, 30, 1, 30, 2, 23 from all'
node seen.mjs
python/bin/python seen.py
rust/bin/python seen_rust.py
