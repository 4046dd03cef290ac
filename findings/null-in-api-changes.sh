#!/usr/bin/env bash
# Guess: a gate that compares two OpenAPI documents before a deploy says that it breaks clients when an answer's owner may be null from now
# on, and when a request's may no longer be; in OpenAPI 3.0 (`nullable`) and in 3.1 (`type: [string, null]`), which all of them
# take or refuse.
# Seen: openapi-diff 0.24.1 finds no difference at all in `nullable`, and refuses 3.1. api-schema-diff 1.0.4 finds none in either form.
# schemaglow 1.0.0 finds both in 3.0, and says SAFE of both in 3.1. All find a string that became a number.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'openapi-diff@0.24.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'api-schema-diff==1.0.4' 'schemaglow==1.0.0'
venv/bin/python - <<'PYTHON'
import json
from pathlib import Path

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
NULLS = {"3.0.3": {"type": "string", "nullable": True}, "3.1.0": {"type": ["string", "null"]}}


def api(version: str, answer: dict, request: dict) -> dict:
    def body(owner: dict) -> dict:
        schema = {"type": "object", "required": ["owner"], "properties": {"owner": owner}}
        return {"content": {"application/json": {"schema": schema}}}

    item = {"post": {"requestBody": body(request), "responses": {"200": {"description": "The item", **body(answer)}}}}
    return {"openapi": version, "info": {"title": "hub", "version": "1"}, "paths": {"/items": item}}


for version, null in NULLS.items():
    for name, before, after in (
        ("answer", api(version, TEXT, TEXT), api(version, null, TEXT)),
        ("request", api(version, TEXT, null), api(version, TEXT, TEXT)),
        ("number", api(version, TEXT, TEXT), api(version, NUMBER, TEXT)),
    ):
        Path(f"{version}-{name}-before.json").write_text(json.dumps(before))
        Path(f"{version}-{name}-after.json").write_text(json.dumps(after))
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { diffSpecs } = require('openapi-diff');

(async () => {
  const seen = [];
  for (const name of ['3.0.3-answer', '3.0.3-request', '3.0.3-number', '3.1.0-answer']) {
    const spec = (when) => ({ content: readFileSync(`${name}-${when}.json`, 'utf8'), location: when, format: 'openapi3' });
    try {
      const found = await diffSpecs({ sourceSpec: spec('before'), destinationSpec: spec('after') });
      const differences = [...(found.breakingDifferences ?? []), ...found.nonBreakingDifferences, ...found.unclassifiedDifferences];
      seen.push(differences.length ? 'found' : 'none');
    } catch (error) {
      seen.push(/Unsupported OpenAPI version/.test(error.message) ? 'refused' : error.message);
    }
  }
  const { version } = JSON.parse(readFileSync('node_modules/openapi-diff/package.json'));
  console.log('guess: found in each');
  console.log(`openapi-diff ${version}: answer, request and number in 3.0, answer in 3.1: ${seen.join(', ')}`);
  if (seen.join() !== 'none,none,found,refused') {
    console.error('it has changed');
    process.exit(1);
  }
})();
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import re
import subprocess
from importlib.metadata import version


def said(*command: str) -> str:
    return subprocess.run([f"venv/bin/{command[0]}", *command[1:]], capture_output=True, text=True).stdout


seen = {}
for one in ("3.0.3", "3.1.0"):
    for name in ("answer", "request", "number"):
        files = f"{one}-{name}-before.json", f"{one}-{name}-after.json"
        found = "No breaking changes" not in said("api-schema-diff", *files)
        level = re.search(r"^(SAFE|WARNING|BREAKING)$", said("schemaglow", "diff", *files), re.MULTILINE)
        seen[one, name] = found, level and level[1]
        print(f"{one} {name}: api-schema-diff {version('api-schema-diff')} breaks {found}, "
              f"schemaglow {version('schemaglow')} {level and level[1]}")
assert seen == {
    ("3.0.3", "answer"): (False, "WARNING"),
    ("3.0.3", "request"): (False, "BREAKING"),
    ("3.0.3", "number"): (True, "BREAKING"),
    ("3.1.0", "answer"): (False, "SAFE"),
    ("3.1.0", "request"): (False, "SAFE"),
    ("3.1.0", "number"): (True, "BREAKING"),
}, "it has changed"
PYTHON
