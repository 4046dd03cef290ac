#!/usr/bin/env bash
# Guess: a query for items without an owner, `@.owner == null`, finds the item whose owner is null and the one that has no such
# member; or it finds the first alone in each library, as JSONPath is a standard since RFC 9535 (§2.3.5.2.2: nothing is not null).
# Seen: json-p3 2.3.1, python-jsonpath 2.2.2, jsonpath-rfc9535 1.0.1 and jsonpath-ng 1.16.0 find the null alone; jsonpath-plus
# 10.4.0 and JMESPath (jmespath 1.1.0 for Python) find both. `!@.owner` finds the absent one alone in the first four, both in
# jsonpath-plus. What an API leaves out has an owner for half of those who ask.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'json-p3@2.3.1' 'jsonpath-plus@10.4.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'python-jsonpath==2.2.2' 'jsonpath-rfc9535==1.0.1' \
  'jsonpath-ng==1.16.0' 'jmespath==1.1.0'
cat >items.json <<'JSON'
[{"id": 1, "owner": null}, {"id": 2}, {"id": 3, "owner": "ada"}]
JSON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { query } from 'json-p3';
import { JSONPath } from 'jsonpath-plus';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const items = JSON.parse(readFileSync('items.json'));
const asked = ['$[?(@.owner == null)].id', '$[?(!@.owner)].id'];
const seen = {
  'json-p3': asked.map((each) => query(each, items).values()),
  'jsonpath-plus': asked.map((path) => JSONPath({ path, json: items })),
};
console.log('guess: 1 and 2, or 1 alone, in all; for == null, and for !');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${JSON.stringify(said)}`);
if (JSON.stringify(seen) !== '{"json-p3":[[1],[2]],"jsonpath-plus":[[1,2],[1,2]]}') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

import jmespath
import jsonpath
import jsonpath_rfc9535
from jsonpath_ng.ext import parse

items = json.loads(Path("items.json").read_text())
asked = ["$[?(@.owner == null)].id", "$[?(!@.owner)].id"]
seen = {
    "python-jsonpath": [jsonpath.findall(each, items) for each in asked],
    "jsonpath-rfc9535": [[node.value for node in jsonpath_rfc9535.find(each, items)] for each in asked],
    "jsonpath-ng": [[match.value for match in parse(each).find(items)] for each in asked],
    "jmespath": [jmespath.search(each, items) for each in ("[?owner == null].id", "[?!owner].id")],
}
for name, said in seen.items():
    print(f"{name} {version(name)}: {said}")
assert list(seen.values()) == [[[1], [2]]] * 3 + [[[1, 2], [1, 2]]], "it has changed"
PYTHON
