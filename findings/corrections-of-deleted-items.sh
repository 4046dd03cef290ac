#!/usr/bin/env bash
# Guess: a correction that one person made offline, a later due date of the third item, and that is applied as a patch of text to a list from
# which somebody deleted that item meanwhile, is refused: each patch is answered with true or false.
# Seen, diff-match-patch 1.0.5, @sanity/diff-match-patch 3.2.1 and diff-match-patch 20241021 for Python: the second item has the later due
# date now, and the answer is true. It looks for a place that is about alike; half of the letters may differ. With a threshold of
# 0.1 the answer is false; items that were put above do not mislead it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'diff-match-patch@1.0.5' '@sanity/diff-match-patch@3.2.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'diff-match-patch==20241021'
cat >lists.json <<'JSON'
[
  "- Rotate keys, due 2026-03-09\n- Rotate logs, due 2026-03-09\n- Rotate certs, due 2026-03-09\n",
  "- Rotate keys, due 2026-03-09\n- Rotate logs, due 2026-03-09\n- Rotate certs, due 2026-03-16\n",
  "- Rotate keys, due 2026-03-09\n- Rotate logs, due 2026-03-09\n"
]
JSON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { applyPatches, makePatches } from '@sanity/diff-match-patch';
import DiffMatchPatch from 'diff-match-patch';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const [base, mine, theirs] = JSON.parse(readFileSync('lists.json'));
const library = new DiffMatchPatch();
const seen = {
  'diff-match-patch': library.patch_apply(library.patch_make(base, mine), theirs),
  '@sanity/diff-match-patch': applyPatches(makePatches(base, mine), theirs),
};
console.log('guess: the list as it was, and false');
for (const [name, [text, applied]] of Object.entries(seen)) {
  console.log(`${name} ${version(name)}: ${JSON.stringify(text)}, ${applied}`);
  if (!text.endsWith('Rotate logs, due 2026-03-16\n') || !applied.every(Boolean)) {
    console.error('it has changed');
    process.exit(1);
  }
}
library.Match_Threshold = 0.1;
const [, strict] = library.patch_apply(library.patch_make(base, mine), theirs);
console.log(`with a threshold of 0.1: ${strict}`);
if (strict.some(Boolean)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from diff_match_patch import diff_match_patch

base, mine, theirs = json.loads(Path("lists.json").read_text())
library = diff_match_patch()
text, applied = library.patch_apply(library.patch_make(base, mine), theirs)
print(f"diff-match-patch {version('diff-match-patch')} for Python: {text!r}, {applied}")
assert text.endswith("Rotate logs, due 2026-03-16\n") and all(applied), "it has changed"
PYTHON
