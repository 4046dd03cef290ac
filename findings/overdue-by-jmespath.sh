#!/usr/bin/env bash
# Guess: `[?due < '2026-03-01']` finds overdue items in the JSON of an API, as in the command lines of clouds; or a library says
# that JMESPath orders numbers alone, as its specification has it.
# Seen: jmespath 1.1.0 for Python, jmespath 0.16.0 and @metrichor/jmespath 0.3.1 for Node.js compare letters, and find it.
# @jmespath-community/jmespath 1.3.0 keeps to the specification: the comparison is null, and the list is empty: nothing is overdue.
# `sort_by(@, &due)` with an item that has no due date is refused by all four.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'jmespath@0.16.0' '@metrichor/jmespath@0.3.1' '@jmespath-community/jmespath@1.3.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'jmespath==1.1.0'
cat >items.json <<'JSON'
[{"id": 1, "due": "2026-02-20"}, {"id": 2, "due": "2026-03-20"}, {"id": 3}]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const items = JSON.parse(readFileSync('items.json'));
const expected = { jmespath: '[1]', '@metrichor/jmespath': '[1]', '@jmespath-community/jmespath': '[]' };
let hasChanged = false;
console.log("guess: [1] for [?due < '2026-03-01'].id, or refused");
for (const [name, wanted] of Object.entries(expected)) {
  const { search } = require(name);
  const found = JSON.stringify(search(items, "[?due < '2026-03-01'].id"));
  let isSorted = true;
  try {
    search(items, 'sort_by(@, &due)');
  } catch {
    isSorted = false;
  }
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  console.log(`${name} ${version}: ${found}, ${isSorted ? 'sorted' : 'refuses to sort'}`);
  hasChanged ||= found !== wanted || isSorted;
}
if (hasChanged) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

import jmespath

items = json.loads(Path("items.json").read_text())
found = jmespath.search("[?due < '2026-03-01'].id", items)
try:
    jmespath.search("sort_by(@, &due)", items)
    is_sorted = True
except jmespath.exceptions.JMESPathTypeError:
    is_sorted = False
print(f"jmespath {version('jmespath')} for Python: {found}, {'sorted' if is_sorted else 'refuses to sort'}")
assert found == [1] and not is_sorted, "it has changed"
PYTHON
