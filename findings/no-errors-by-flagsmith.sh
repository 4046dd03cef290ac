#!/usr/bin/env bash
# Guess: a canary whose error rate is 0 is below 0.01 for Flagsmith, in a service of Python and in one of Node.js alike: both evaluate the
# same rules in the process; and where one finds that a version contains "v1", the other does.
# Seen: for flagsmith-flag-engine 11.1.1 of Python 0 is not below 0.01, as it reads the rule's number as the kind that the trait is, and
# 0.01 is no whole number; 0.0 is, and 0 is for flagsmith-nodejs 8.1.2. A rate that is text, "10", is above 9 in Python alone; and
# REGEX "v1" is at the beginning for Python ("xv1" is none), and anywhere for Node.js. What had no errors stays off.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'flagsmith-nodejs@8.1.2'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'flagsmith-flag-engine==11.1.1'
cat >asked.json <<'JSON'
[["LESS_THAN", "0.01", "0"], ["LESS_THAN", "0.01", "0.0"], ["GREATER_THAN", "9", "\"10\""], ["REGEX", "v1", "\"xv1\""]]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { getEvaluationResult } = require(join(process.cwd(), 'node_modules/flagsmith-nodejs/build/cjs/flagsmith-engine/index.js'));

const seen = JSON.parse(readFileSync('asked.json')).map(([operator, value, trait]) => {
  const rules = [{ type: 'ALL', conditions: [{ property: 'canary', operator, value }] }];
  const identity = { identifier: 'hub', key: 'hub', traits: { canary: JSON.parse(trait) } };
  const environment = { key: 'prod', name: 'prod' };
  const segments = { canary: { key: '1', name: 'canary', rules } };
  return getEvaluationResult({ environment, identity, segments, features: {} }).segments.length > 0;
});
const { version } = JSON.parse(readFileSync('node_modules/flagsmith-nodejs/package.json'));
console.log('guess: the same of both: 0 < 0.01, 0.0 < 0.01, "10" > 9, REGEX v1 in "xv1"');
console.log(`flagsmith-nodejs ${version}: ${seen.join(' ')}`);
if (seen.join(' ') !== 'true true false true') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from flag_engine.engine import get_evaluation_result

seen = []
for operator, value, trait in json.loads(Path("asked.json").read_text()):
    rules = [{"type": "ALL", "conditions": [{"property": "canary", "operator": operator, "value": value}]}]
    context = {
        "environment": {"key": "prod", "name": "prod"},
        "identity": {"identifier": "hub", "key": "hub", "traits": {"canary": json.loads(trait)}},
        "segments": {"canary": {"key": "1", "name": "canary", "rules": rules}},
        "features": {},
    }
    seen.append(bool(get_evaluation_result(context)["segments"]))
print(f"flagsmith-flag-engine {version('flagsmith-flag-engine')}: {seen}")
assert seen == [False, True, True, False], "it has changed"
PYTHON
