#!/usr/bin/env bash
# Guess: a flag that is on for half of the users is on for the same half in the service and in the page: flagd's rule is
# evaluated in the process by a library of each language, from one definition, and what is hashed stands in it.
# Seen: openfeature-flagd-core 2.0.0 for Python and @openfeature/flagd-core 4.0.1 for Node.js part a thousand addresses by half
# each, and disagree on about half of them: Python hashes the value as CBOR, Node.js its letters. Of numbers Node.js makes
# no parts at all: everybody has the default. What an incident's canary saw depends on the language that asked.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'openfeature-flagd-core==2.0.0' 'openfeature-sdk==0.10.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@openfeature/flagd-core@4.0.1'
cat >flags.json <<'JSON'
{
  "flags": {
    "new-chart": {
      "state": "ENABLED",
      "variants": {"on": true, "off": false},
      "defaultVariant": "off",
      "targeting": {"fractional": [{"var": "user"}, ["on", 50], ["off", 50]]}
    }
  }
}
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const { FlagdCore } = require('@openfeature/flagd-core');

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const core = new FlagdCore();
core.setConfigurations(readFileSync('flags.json', 'utf8'));
const isOn = (user) => core.resolveBooleanEvaluation('new-chart', false, { user }, quiet).value;
const ids = Array.from({ length: 1000 }, (_, number) => number);
const seen = { words: ids.map((id) => isOn(`user-${id}@example.org`)), numbers: ids.map(isOn) };
writeFileSync('seen.json', JSON.stringify(seen));
SCRIPT
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version
from pathlib import Path

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext

core = FlagdCore()
core.set_flags(Path("flags.json").read_text())


def is_on(user):
    return core.resolve_boolean_value("new-chart", False, EvaluationContext(None, {"user": user})).value


node = json.loads(Path("seen.json").read_text())
package = json.loads(Path("node_modules/@openfeature/flagd-core/package.json").read_text())
words = [is_on(f"user-{number}@example.org") for number in range(1000)]
numbers = [is_on(number) for number in range(1000)]
other = sum(one != two for one, two in zip(words, node["words"], strict=True))
print(f"openfeature-flagd-core {version('openfeature-flagd-core')}: on for {sum(words)} addresses, {sum(numbers)} numbers")
print(f"@openfeature/flagd-core {package['version']}: on for {sum(node['words'])} addresses, {sum(node['numbers'])} numbers")
print("guess: 0 users have another answer")
print(f"seen:  {other} of 1000 addresses have another answer")
assert 300 < other < 700 and 400 < sum(words) < 600 and 400 < sum(node["words"]) < 600, "it has changed"
assert 400 < sum(numbers) < 600 and not any(node["numbers"]), "it has changed"
SCRIPT
node seen.cjs
venv/bin/python seen.py
