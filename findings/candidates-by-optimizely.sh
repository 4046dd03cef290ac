#!/usr/bin/env bash
# Which release candidates are before which by an audience of Optimizely ("the app's version is below 1.10.0-rc.10"), as it is evaluated
# in the process: who has a canary's flag goes by it.
# Guess: versions are compared as semver.org says, for which Optimizely's operators are named (semver_lt): rc.2 is before rc.10, as their
# numbers are numbers, and what is a word is after what is a number. 1.10 stands for all of 1.10.x.
# Seen, optimizely-sdk 5.7.0 for Python and @optimizely/optimizely-sdk 6.6.1 for Node.js alike: behind the dash letters are compared, so
# that rc.10 is before rc.2, and a flag that is for candidates below rc.10 is off from rc.2 to rc.9. Build numbers (+7) are left out, as
# they should be.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@optimizely/optimizely-sdk@6.6.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'optimizely-sdk==5.7.0'
python3 - <<'PYTHON'
import json
from pathlib import Path

ASKED = [
    ("semver_lt", "1.10.0-rc.10", "1.10.0-rc.2"),
    ("semver_lt", "1.10.0-rc.10", "1.10.0-rc.9"),
    ("semver_lt", "1.10.0", "1.10.0-rc.2"),
    ("semver_lt", "1.10.0", "1.9.0"),
    ("semver_eq", "1.10", "1.10.7"),
    ("semver_eq", "1.10.0", "1.10.0+7"),
]


def audience(number: int, match: str, value: str) -> dict[str, object]:
    rule = {"type": "custom_attribute", "name": "version", "match": match, "value": value}
    return {"id": f"a{number}", "name": f"a{number}", "conditions": ["and", ["or", ["or", rule]]]}


def rollout(number: int) -> dict[str, object]:
    on = {"id": f"v{number}", "key": "on", "featureEnabled": True, "variables": []}
    rule = {
        "id": f"e{number}", "key": f"e{number}", "layerId": f"r{number}", "status": "Running", "variations": [on],
        "trafficAllocation": [{"entityId": on["id"], "endOfRange": 10000}], "audienceIds": [f"a{number}"],
        "audienceConditions": ["or", f"a{number}"], "forcedVariations": {},
    }
    return {"id": f"r{number}", "experiments": [rule]}


numbers = range(len(ASKED))
dummy = '["or", {"match": "exact", "name": "$opt_dummy", "type": "custom_attribute", "value": "none"}]'
Path("asked.json").write_text(json.dumps(ASKED))
Path("rules.json").write_text(json.dumps({
    "version": "4", "revision": "1", "projectId": "1", "accountId": "1", "anonymizeIP": True, "botFiltering": False,
    "sendFlagDecisions": False, "experiments": [], "groups": [], "events": [], "variables": [],
    "attributes": [{"id": "9", "key": "version"}],
    "audiences": [{"id": f"a{number}", "name": f"a{number}", "conditions": dummy} for number in numbers],
    "typedAudiences": [audience(number, *ASKED[number][:2]) for number in numbers],
    "rollouts": [rollout(number) for number in numbers],
    "featureFlags": [
        {"id": f"f{number}", "key": f"f{number}", "rolloutId": f"r{number}", "experimentIds": [], "variables": []}
        for number in numbers
    ],
}))
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const sdk = require('@optimizely/optimizely-sdk');

const projectConfigManager = sdk.createStaticProjectConfigManager({ datafile: readFileSync('rules.json', 'utf8') });
const client = sdk.createInstance({ projectConfigManager });
client.onReady().then(() => {
  const seen = JSON.parse(readFileSync('asked.json')).map(([, , version], number) =>
    client.createUserContext('hub', { version }).decide(`f${number}`, ['DISABLE_DECISION_EVENT']).enabled);
  writeFileSync('seen.json', JSON.stringify(seen));
  process.exit();
});
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from optimizely import optimizely
from optimizely.logger import NoOpLogger

client = optimizely.Optimizely(Path("rules.json").read_text(), logger=NoOpLogger())
asked = json.loads(Path("asked.json").read_text())
python = [
    client.create_user_context("hub", {"version": said}).decide(f"f{number}", ["DISABLE_DECISION_EVENT"]).enabled
    for number, (_, _, said) in enumerate(asked)
]
node = json.loads(Path("seen.json").read_text())
print(f"guess: each of these holds, for optimizely-sdk {version('optimizely-sdk')} and @optimizely/optimizely-sdk 6.6.1")
for each, one, other in zip(asked, python, node, strict=True):
    print(f"{each[2]} {each[0]} {each[1]}: {one}, {other}")
assert python == node == [False, False, True, True, True, True], "it has changed"
PYTHON
