#!/usr/bin/env bash
# Guess: a maintenance window on the 31st, or on 29 February, in the cron of AWS ("cron(0 2 31 * ? *)"), comes in months that have that day,
# as all cron does, whichever library says when; libraries of this form alone agree on L, W and #.
# Seen: aws-cron-parser 1.1.12 for Node.js has the first day of the next month where the day is missing: 3 March, 1 May, and 1 March in years
# that have no 29 February. pyawscron 1.0.7 raises "day is out of range for month". aws-croniter 2.1.1 alone is right. On the last day (L),
# the workday next to a day (15W), the second Sunday (SUN#2) and the last Friday (6L) all three agree.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'aws-cron-parser@1.1.12'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'pyawscron==1.0.7' 'aws-croniter==2.1.1'
cat >asked.json <<'JSON'
["0 2 31 * ? *", "0 2 29 2 ? *", "0 2 L * ? *", "0 2 15W * ? *", "0 2 ? * SUN#2 *", "0 2 ? * 6L *"]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { next, parse } = require('aws-cron-parser');

const seen = JSON.parse(readFileSync('asked.json')).map((line) => {
  const days = [];
  let at = new Date('2026-02-26T12:00:00Z');
  for (let count = 0; count < 3; count += 1) {
    at = next(parse(line), at);
    days.push(at.toISOString().slice(0, 10));
  }
  return days.join(' ');
});
const { version } = JSON.parse(readFileSync('node_modules/aws-cron-parser/package.json'));
console.log(`aws-cron-parser ${version}: on the 31st ${seen[0]}, on 29 February ${seen[1]}`);
const expected = [
  '2026-03-03 2026-03-31 2026-05-01',
  '2026-03-01 2027-03-01 2028-02-29',
  '2026-02-28 2026-03-31 2026-04-30',
  '2026-03-16 2026-04-15 2026-05-15',
  '2026-03-08 2026-04-12 2026-05-10',
  '2026-02-27 2026-03-27 2026-04-24',
];
if (seen.join() !== expected.join()) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: 2026-03-31 2026-05-31 2026-07-31, and 2028-02-29 first'
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from aws_croniter import AwsCroniter
from pyawscron import AWSCron

START = datetime(2026, 2, 26, 12, tzinfo=UTC)


def days(times):
    return [f"{each:%F}" for each in times]


def by_pyawscron(line):
    try:
        return days(AWSCron.get_next_n_schedule(3, START, line))
    except ValueError as error:
        return str(error)


asked = json.loads(Path("asked.json").read_text())
pyawscron = [by_pyawscron(line) for line in asked]
croniter = [days(AwsCroniter(line).get_next(START, 3)) for line in asked]
print(f"pyawscron {version('pyawscron')}: {pyawscron[:2]}")
print(f"aws-croniter {version('aws-croniter')}: {croniter[:2]}")
assert pyawscron[:2] == ["day is out of range for month"] * 2, "it has changed"
assert croniter[0] == ["2026-03-31", "2026-05-31", "2026-07-31"] and croniter[1][0] == "2028-02-29", "it has changed"
assert croniter[2:] == pyawscron[2:] == [
    ["2026-02-28", "2026-03-31", "2026-04-30"],
    ["2026-03-16", "2026-04-15", "2026-05-15"],
    ["2026-03-08", "2026-04-12", "2026-05-10"],
    ["2026-02-27", "2026-03-27", "2026-04-24"],
], "it has changed"
PYTHON
