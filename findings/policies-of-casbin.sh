#!/usr/bin/env bash
# Who may deploy what by a policy of Casbin, whose one model is read by services of several languages.
# Guess: Python and Node.js answer alike: regexMatch finds an expression anywhere, or at the beginning, for both; globMatch knows ** and
# {prod,staging}, or does not; and a rule on a rate does not hold where nobody measured one, or is an error.
# Seen, casbin 1.43.0 for Python and 5.51.1 for Node.js: regexMatch begins at the beginning in Python alone ("data8/.*" is not in
# "eu/data8/prod"). data8/** and data8/{prod,staging} are open in Node.js alone, and */prod has .hub/prod in Python alone. `rate < 0.01`
# holds of null in Node.js and is an error in Python, and so is `null`, `true` or `false` in the model: a policy that works in one
# service stops another, or lets a canary through that nobody measured.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'casbin@5.51.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'casbin==1.43.0'
cat >asked.json <<'JSON'
[
  ["regexMatch(r.obj, p.obj)", "data8/.*", "eu/data8/prod"],
  ["regexMatch(r.obj, p.obj)", "data8", "data8/prod"],
  ["globMatch(r.obj, p.obj)", "data8/**", "data8/eu/prod"],
  ["globMatch(r.obj, p.obj)", "data8/{prod,staging}", "data8/prod"],
  ["globMatch(r.obj, p.obj)", "*/prod", ".hub/prod"],
  ["r.obj.rate < 0.01", "", {"rate": 0.005}],
  ["r.obj.rate < 0.01", "", {"rate": null}],
  ["r.obj.frozen == false", "", {"frozen": false}]
]
JSON
cat >model.txt <<'MODEL'
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = MATCHER
MODEL
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const { newEnforcer, newModelFromString } = require('casbin');

(async () => {
  const seen = [];
  for (const [matcher, allowed, asked] of JSON.parse(readFileSync('asked.json'))) {
    const enforcer = await newEnforcer(newModelFromString(readFileSync('model.txt', 'utf8').replace('MATCHER', matcher)));
    await enforcer.addPolicy('ana', allowed, 'deploy');
    seen.push(await enforcer.enforce('ana', asked, 'deploy').catch(() => 'error'));
  }
  writeFileSync('seen.json', JSON.stringify(seen));
})();
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
import logging
from importlib.metadata import version
from pathlib import Path

import casbin

logging.disable()


def may(matcher: str, allowed: str, asked: object) -> bool | str:
    model = casbin.Enforcer.new_model(text=Path("model.txt").read_text().replace("MATCHER", matcher))
    enforcer = casbin.Enforcer(model)
    enforcer.add_policy("ana", allowed, "deploy")
    try:
        return enforcer.enforce("ana", asked, "deploy")
    except Exception:  # of whichever library reads the expression
        return "error"


asked = json.loads(Path("asked.json").read_text())
python = [may(*each) for each in asked]
node = json.loads(Path("seen.json").read_text())
print(f"guess: the same from casbin {version('casbin')} for Python and 5.51.1 for Node.js")
for each, one, other in zip(asked, python, node, strict=True):
    print(f"{each}: {one}, {other}")
assert python == [False, True, False, False, True, True, "error", "error"], "it has changed"
assert node == [True, True, True, True, False, True, True, True], "it has changed"
PYTHON
