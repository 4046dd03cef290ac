#!/usr/bin/env bash
# Guess: what a library of differences finds between an action item before and after a save, for an audit log, has the due date that
# moved by a week, and the time that lost its zone, whatever else it leaves out; dates are Date and datetime, as databases give them.
# Seen: for rfc6902 5.4.0 of Node.js two dates are equal, as neither has members of its own: nothing changed. fast-json-patch 3.1.1
# says that letters were added to the date, "2" at /due/0 and so on, 24 in all. microdiff 1.6.0, jsondiffpatch 0.7.7 and just-diff
# 6.0.2 have it. For deepdiff 9.1.0 of Python a time without a zone is UTC: that it lost its zone is nothing; dictdiffer 0.10.0 has it,
# and finds nothing where true became 1, as jsondiff 2.2.1 does, which is what a threshold looks like that was switched to a limit.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'rfc6902@5.4.0' 'fast-json-patch@3.1.1' 'microdiff@1.6.0' 'jsondiffpatch@0.7.7' 'just-diff@6.0.2'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'deepdiff==9.1.0' 'dictdiffer==0.10.0' 'jsondiff==2.2.1'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fastJsonPatch from 'fast-json-patch';
import { diff as byDiffpatch } from 'jsondiffpatch';
import { diff as byJust } from 'just-diff';
import microdiff from 'microdiff';

const { createPatch } = createRequire(import.meta.url)('rfc6902');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const [before, after] = ['2026-03-02', '2026-03-09'].map((day) => ({ title: 'Rotate keys', due: new Date(day) }));
const seen = {
  rfc6902: createPatch(before, after).length,
  'fast-json-patch': fastJsonPatch.compare(before, after).length,
  microdiff: microdiff(before, after).length,
  jsondiffpatch: Object.keys(byDiffpatch(before, after)).length,
  'just-diff': byJust(before, after).length,
};
console.log('guess: one change in each');
for (const [name, changes] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${changes}`);
if (Object.values(seen).join(' ') !== '0 24 1 1 1') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
from datetime import UTC, datetime
from importlib.metadata import version

import dictdiffer
import jsondiff
from deepdiff import DeepDiff

SAVES = {
    "zone lost": ({"at": datetime(2026, 3, 2, 15, 30, tzinfo=UTC)}, {"at": datetime(2026, 3, 2, 15, 30)}),
    "true to 1": ({"limit": True}, {"limit": 1}),
}
FINDERS = {"deepdiff": DeepDiff, "dictdiffer": lambda *save: list(dictdiffer.diff(*save)), "jsondiff": jsondiff.diff}
seen = {name: [bool(find(*save)) for save in SAVES.values()] for name, find in FINDERS.items()}
for name, found in seen.items():
    print(f"{name} {version(name)}: {dict(zip(SAVES, found, strict=True))}")
assert seen == {"deepdiff": [False, True], "dictdiffer": [True, False], "jsondiff": [True, False]}, "it has changed"
PYTHON
