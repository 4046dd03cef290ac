#!/usr/bin/env bash
# Guess: how long a suite took is the same whichever library reads its JUnit XML, or is refused. Maven's Surefire writes
# time="1,234.5" for twenty minutes, and its schema has that form (SUREFIRE_TIME); under 1000 seconds there is no comma.
# Seen: junit-to-ctrf 0.0.14 makes one second of it, which no bound catches; test-results-parser 0.4.6 says NaN, for the suite too;
# junit2json 4.0.0 gives the letters, whose type says number. xunitparser 1.3.4 refuses the file; junitparser 5.0.3 has 1234.5.
# What shows that a smoke test before deploys got slow is wrong only once it is slow.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'junit-to-ctrf@0.0.14' 'test-results-parser@0.4.6' 'junit2json@4.0.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'junitparser==5.0.3' 'xunitparser==1.3.4'
cat >suite.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Smoke" tests="2" failures="0" errors="0" skipped="0" time="1,236">
  <testcase classname="Smoke" name="quick" time="1.5"/>
  <testcase classname="Smoke" name="slow" time="1,234.5"/>
</testsuite>
XML
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { parse as toJson } from 'junit2json';
import { convertJUnitToCTRFReport } from 'junit-to-ctrf';
import { parse } from 'test-results-parser';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const results = parse({ type: 'junit', files: ['suite.xml'] });
const seen = {
  'junit-to-ctrf': (await convertJUnitToCTRFReport('suite.xml')).results.tests.map((test) => test.duration / 1000),
  'test-results-parser': [...results.suites[0].cases.map((test) => test.duration / 1000), results.duration / 1000],
  junit2json: (await toJson(readFileSync('suite.xml', 'utf8'))).testcase.map((test) => test.time),
};
console.log('guess: 1.5 and 1234.5 seconds');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${said.join(' | ')}`);
if (Object.values(seen).map((said) => said.join(' ')).join(' | ') !== '1.5 1 | 1.5 NaN NaN | 1.5 1,234.5') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

import xunitparser
from junitparser import JUnitXml

taken = [case.time for suite in JUnitXml.fromfile("suite.xml") for case in suite]
try:
    with open("suite.xml") as file:
        xunitparser.parse(file)
    refused = ""
except ValueError as error:
    refused = str(error)
print(f"junitparser {version('junitparser')}: {taken}")
print(f"xunitparser {version('xunitparser')}: {refused}")
assert taken == [1.5, 1234.5] and "could not convert" in refused, "it has changed"
PYTHON
