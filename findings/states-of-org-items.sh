#!/usr/bin/env bash
# Guess: readers of Org know which states an item may have from the file that says so (#+TODO: OPEN | FIXED), as Emacs does, and
# what stands behind the state (its priority) with it; an item without a deadline has none, which can be printed.
# Seen: uniorg-parse 3.2.2 takes only TODO and DONE for states: "OPEN [#A] Rotate keys" is the title of an item that has neither state
# nor priority, and what is FIXED is as open as the rest. orgparse 0.5.20260926 reads both; but the deadline of an item
# without one is an object that is false, and raises when it is printed or logged.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'orgparse==0.5.20260926'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'uniorg-parse@3.2.2'
printf '#+TODO: OPEN | FIXED\n\n* OPEN [#A] Rotate keys\n* FIXED Alert\n* TODO Page\n' >items.org
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { parse } from 'uniorg-parse/lib/parser.js';

const { version } = JSON.parse(readFileSync('node_modules/uniorg-parse/package.json'));
const seen = [];
const walk = (node) => {
  if (node.type === 'headline') {
    const { todoKeyword, priority, children } = node;
    seen.push([todoKeyword, priority, children.map((child) => child.value).join('')]);
  }
  (node.children ?? []).forEach(walk);
};
walk(parse(readFileSync('items.org', 'utf8')));
console.log(`uniorg-parse ${version}: ${JSON.stringify(seen)}`);
const expected = [
  [null, null, 'OPEN [#A] Rotate keys'],
  [null, null, 'FIXED Alert'],
  ['TODO', null, 'Page'],
];
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
cat >seen.py <<'SCRIPT'
from importlib.metadata import version
from pathlib import Path

import orgparse

items = list(orgparse.loads(Path("items.org").read_text())[1:])
seen = [(item.todo, item.priority, item.heading) for item in items]
print(f"orgparse {version('orgparse')}: {seen}")
assert seen[:2] == [("OPEN", "A", "Rotate keys"), ("FIXED", None, "Alert")], "it has changed"
assert not items[0].deadline, "it has changed"
try:
    str(items[0].deadline)
except AttributeError as fault:
    print(f"and of a deadline that is not there: {fault}")
else:
    raise SystemExit("it has changed")
SCRIPT
echo 'guess: OPEN, A, Rotate keys; FIXED, Alert'
node seen.mjs
venv/bin/python seen.py
