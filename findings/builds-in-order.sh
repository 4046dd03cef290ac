#!/usr/bin/env bash
# Guess: "as new as there, or newer" comes out alike whichever library compares the versions of two builds, and the 123rd build
# comes after the 99th.
# Seen: by semantic versions (semver 3.1.1 for Python, 7.8.6 for Node.js) 0.9.0-n99.h1 is newer than 0.9.0-n123.h2, as "n99" is
# a word: so charts named themselves for years. 1.0.0-1 is before 1.0.0, and for packaging 26 (PEP 440) after it; of two builds
# of one version (1.0.0+1, 1.0.0+2) it says the second is newer, and the others that they are one. A build named by a commit
# that happens to have digits alone, with a zero before them (1.0.0-0123456), is refused by both for that name.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'semver==3.1.1' 'packaging==26.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'semver@7.8.6'
cat >pairs.json <<'JSON'
[
  ["0.9.0-n99.h1", "0.9.0-n123.h2"],
  ["1.0.0", "1.0.0-1"],
  ["1.0.0+1", "1.0.0+2"],
  ["1.0.0-0123456", "1.0.0-1234567"]
]
JSON
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version

import semver
from packaging.version import Version

with open("pairs.json") as file:
    pairs = json.load(file)


def compared(read, pair):
    try:
        one, other = (read(each) for each in pair)
    except ValueError:
        return "refused"
    return "older" if one < other else "newer" if one > other else "the same"


expected = {"semver": ["newer", "newer", "the same", "refused"], "packaging": ["refused", "older", "older", "older"]}
for name, read in (("semver", semver.Version.parse), ("packaging", Version)):
    seen = [compared(read, pair) for pair in pairs]
    print(f"{name} {version(name)} (Python): the first is {', '.join(seen)}")
    assert seen == expected[name], "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const semver = require('semver');

const { version } = JSON.parse(readFileSync('node_modules/semver/package.json'));
const seen = JSON.parse(readFileSync('pairs.json')).map(([one, other]) => {
  if (!semver.valid(one) || !semver.valid(other)) return 'refused';
  return ['older', 'the same', 'newer'][semver.compare(one, other) + 1];
});
console.log(`semver ${version} (npm): the first is ${seen.join(', ')}`);
if (seen.join() !== 'newer,newer,the same,refused') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: the first is older in each pair'
venv/bin/python seen.py
node seen.cjs
