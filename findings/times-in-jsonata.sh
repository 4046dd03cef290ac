#!/usr/bin/env bash
# Guess: an expression of JSONata that makes an outage's length of two times gives the same in its two libraries: a time without a
# zone is in UTC, or in the process's zone, for both; half past three without seconds, and a week, are times of ISO 8601.
# Seen, in Berlin: $toMillis("2026-03-02T15:30:00") is 14:30 in UTC for jsonata 2.2.2 of Node.js, and 15:30 for jsonata-python 0.7.1.
# Without seconds, and of a week (2026-W10-1), the first refuses what the second reads; both take a day for midnight in UTC. From
# "2026-03-02" to "2026-03-02T15:30:00" are 14.5 hours for one of them, and 15.5 for the other.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'jsonata@2.2.2'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'jsonata-python==0.7.1'
cat >asked.json <<'JSON'
[
  "($toMillis('2026-03-02T15:30:00') - $toMillis('2026-03-02')) / 3600000",
  "($toMillis('2026-03-02T15:30:00Z') - $toMillis('2026-03-02')) / 3600000",
  "($toMillis('2026-03-02T15:30') - $toMillis('2026-03-02')) / 3600000",
  "($toMillis('2026-W10-1') - $toMillis('2026-03-02')) / 3600000"
]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const jsonata = require('jsonata');

(async () => {
  const seen = [];
  for (const each of JSON.parse(readFileSync('asked.json'))) {
    try {
      seen.push(await jsonata(each).evaluate({}));
    } catch {
      seen.push('refused');
    }
  }
  const { version } = JSON.parse(readFileSync('node_modules/jsonata/package.json'));
  console.log('guess: the same hours from both, from midnight to 15:30, with Z, without seconds, to a week');
  console.log(`jsonata ${version}: ${seen.join(' ')}`);
  if (seen.join(' ') !== '14.5 15.5 refused refused') {
    console.error('it has changed');
    process.exit(1);
  }
})();
SCRIPT
TZ=Europe/Berlin node seen.cjs
TZ=Europe/Berlin venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

import jsonata

seen = [jsonata.Jsonata(each).evaluate({}) for each in json.loads(Path("asked.json").read_text())]
print(f"jsonata-python {version('jsonata-python')}: {seen}")
assert seen == [15.5, 15.5, 15.5, 0], "it has changed"
PYTHON
