#!/usr/bin/env bash
# Guess: a flag of GrowthBook that is on where a condition holds is on for the same in a service of Python and in one of Node.js.
# A condition on a number does not hold where there is none.
# Seen: for @growthbook/growthbook 1.8.0 of Node.js {"error_rate": {"$lt": 0.01}} holds without the attribute, and with null; for
# growthbook 4.0.0 of Python it does not. Node.js also takes "10" for more than 9, "" for at least 0, "true" for true, and true for 1;
# Python takes none of them. A canary that nobody measured goes on, or stops, by the language of who asked.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@growthbook/growthbook@1.8.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'growthbook==4.0.0'
cat >cases.json <<'JSON'
[
  [{"error_rate": {"$lt": 0.01}}, {"error_rate": 0.001}],
  [{"error_rate": {"$lt": 0.01}}, {}],
  [{"error_rate": {"$lt": 0.01}}, {"error_rate": null}],
  [{"approvals": {"$gt": 9}}, {"approvals": "10"}],
  [{"approvals": {"$gte": 0}}, {"approvals": ""}],
  [{"is_drilled": true}, {"is_drilled": "true"}],
  [{"approvals": 1}, {"approvals": true}]
]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { GrowthBook } = require('@growthbook/growthbook');

const seen = JSON.parse(readFileSync('cases.json')).map(([condition, attributes]) => {
  const features = { flag: { defaultValue: false, rules: [{ condition, force: true }] } };
  return new GrowthBook({ attributes, features }).isOn('flag');
});
const { version } = JSON.parse(readFileSync('node_modules/@growthbook/growthbook/package.json'));
console.log('guess: the same from both, and the second and third false');
console.log(`@growthbook/growthbook ${version}: ${seen.join(' ')}`);
if (seen.includes(false)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from growthbook import GrowthBook

seen = []
for condition, attributes in json.loads(Path("cases.json").read_text()):
    features = {"flag": {"defaultValue": False, "rules": [{"condition": condition, "force": True}]}}
    seen.append(GrowthBook(attributes=attributes, features=features).is_on("flag"))
print(f"growthbook {version('growthbook')}: {seen}")
assert seen == [True] + [False] * 6, "it has changed"
PYTHON
