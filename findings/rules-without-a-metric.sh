#!/usr/bin/env bash
# Guess: a gate's rule in JsonLogic, "the error rate is below 1 %", does not hold where nobody measured one, or is an error; and
# one rule, which is data to be shared by services of several languages, says the same in each.
# Seen: without the metric {"<": [{"var": "error_rate"}, 0.01]} is true in json-logic-js 2.0.5, json-logic-engine 5.0.7,
# panzi-json-logic 1.0.1, jsonlogic-rs 0.5.0 and datalogic-py 5.9.0, as nothing counts as 0, and false in json-logic-qubit 0.9.1.
# "No open fixes", {"==": [{"var": "open"}, 0]}, is true without a number in json-logic-engine, panzi and datalogic-py, and false in
# the others. {"none": […bad…]} holds of checks that never ran, and {"all": […ok…]} does not, in all six.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'json-logic-js@2.0.5' 'json-logic-engine@5.0.7'
cat >rules.json <<'JSON'
[
  {"<": [{"var": "error_rate"}, 0.01]},
  {"==": [{"var": "open"}, 0]},
  {"none": [{"var": "checks"}, {"==": [{"var": ""}, "bad"]}]},
  {"all": [{"var": "checks"}, {"==": [{"var": ""}, "ok"]}]}
]
JSON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { LogicEngine } from 'json-logic-engine';
import jsonLogic from 'json-logic-js';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const rules = JSON.parse(readFileSync('rules.json'));
const engine = new LogicEngine();
const seen = {
  'json-logic-js': rules.map((rule) => jsonLogic.apply(rule, {})),
  'json-logic-engine': rules.map((rule) => engine.run(rule, {})),
};
console.log('guess: false or refused for the first two, with nothing measured');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${said.join(' ')}`);
const expected = '{"json-logic-js":[true,false,true,false],"json-logic-engine":[true,true,true,false]}';
if (JSON.stringify(seen) !== expected) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
# Two of them have a module of the same name.
for package in panzi-json-logic==1.0.1 json-logic-qubit==0.9.1 jsonlogic-rs==0.5.0 datalogic-py==5.9.0; do
  python3 -m venv "venv-$package"
  "venv-$package/bin/python" -m pip --quiet --disable-pip-version-check install "$package"
  "venv-$package/bin/python" - "$package" <<'PYTHON'
import json
import sys
from pathlib import Path

name = sys.argv[1].partition("==")[0]
if name == "jsonlogic-rs":
    from jsonlogic_rs import apply
elif name == "datalogic-py":
    from datalogic_py import apply
else:
    from json_logic import jsonLogic as apply

seen = [apply(rule, {}) for rule in json.loads(Path("rules.json").read_text())]
print(f"{sys.argv[1]}: {seen}")
expected = {
    "panzi-json-logic": [True, True, True, False],
    "json-logic-qubit": [False, False, True, False],
    "jsonlogic-rs": [True, False, True, False],
    "datalogic-py": [True, True, True, False],
}
assert seen == expected[name], "it has changed"
PYTHON
done
