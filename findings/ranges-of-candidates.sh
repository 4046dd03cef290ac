#!/usr/bin/env bash
# Guess: a range in npm's notation, which says what may be deployed, has the same versions for libraries that name that notation: "<2" leaves
# out 2.0.0-rc.1, a candidate of its release, ">1.2" begins at 1.3.0, and "^2.0.0-rc.1" has the release itself, as npm reads them.
# Seen: "<2" has 2.0.0-rc.1 for semantic-version 2.10.0 for Python (NpmSpec), which refuses "=v1.2.3" and "> 1.2.3", with a blank, and for
# compare-versions 6.1.1 for Node.js. That has 1.2.3 in ">1.2" and not in "<=1.2", nor in "1.x || >=2.0.0", and 2.0.0 not in "^2.0.0-rc.1".
# node-semver 0.9.1 for Python is as semver 7.8.6, npm's own. A gate lets through what another stops.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'semver@7.8.6' 'compare-versions@6.1.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'semantic-version==2.10.0' 'node-semver==0.9.1'
cat >asked.json <<'JSON'
{
  "ranges": ["<2", ">1.2", "<=1.2", "1.x || >=2.0.0", "^2.0.0-rc.1", "~1.2.3"],
  "versions": ["0.4.0", "1.2.3", "1.3.0", "2.0.0-rc.1", "2.0.0"]
}
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const compare = require('compare-versions');
const semver = require('semver');

const { ranges, versions } = JSON.parse(readFileSync('asked.json'));
const by = (name, { satisfies }, expected) => {
  const seen = ranges.map((range) => `${range} has ${versions.filter((each) => satisfies(each, range)).join(' ')}`);
  console.log(`${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version}: ${seen.join(', ')}`);
  if (seen.join() !== expected.join()) {
    console.error('it has changed');
    process.exit(1);
  }
};
console.log('guess: as semver has it, in all four');
by('semver', semver, [
  '<2 has 0.4.0 1.2.3 1.3.0',
  '>1.2 has 1.3.0 2.0.0',
  '<=1.2 has 0.4.0 1.2.3',
  '1.x || >=2.0.0 has 1.2.3 1.3.0 2.0.0',
  '^2.0.0-rc.1 has 2.0.0-rc.1 2.0.0',
  '~1.2.3 has 1.2.3',
]);
by('compare-versions', compare, [
  '<2 has 0.4.0 1.2.3 1.3.0 2.0.0-rc.1',
  '>1.2 has 1.2.3 1.3.0 2.0.0-rc.1 2.0.0',
  '<=1.2 has 0.4.0',
  '1.x || >=2.0.0 has 1.3.0 2.0.0',
  '^2.0.0-rc.1 has 2.0.0-rc.1',
  '~1.2.3 has 1.2.3',
]);
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

import nodesemver
from semantic_version import NpmSpec, Version

AS_NPM = [["0.4.0", "1.2.3", "1.3.0"], ["1.3.0", "2.0.0"], ["0.4.0", "1.2.3"], ["1.2.3", "1.3.0", "2.0.0"], ["2.0.0-rc.1", "2.0.0"], ["1.2.3"]]
asked = json.loads(Path("asked.json").read_text())


def refuses(text):
    try:
        NpmSpec(text)
    except ValueError:
        return True
    return False


spec = [[one for one in asked["versions"] if NpmSpec(each).match(Version(one))] for each in asked["ranges"]]
port = [[one for one in asked["versions"] if nodesemver.satisfies(one, each)] for each in asked["ranges"]]
print(f"semantic-version {version('semantic-version')}: {spec}")
print(f"node-semver {version('node-semver')}: {port}")
assert spec == [[*AS_NPM[0], "2.0.0-rc.1"], *AS_NPM[1:]], "it has changed"
assert refuses("=v1.2.3") and refuses("> 1.2.3") and not refuses(">1.2.3"), "it has changed"
assert port == AS_NPM, "it has changed"
PYTHON
