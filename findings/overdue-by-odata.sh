#!/usr/bin/env bash
# Guess: "due lt 2026-03-02", a filter of OData 4 as the APIs of trackers and suites of offices take it, finds what is due before that day,
# or is refused by a library that knows no dates; "Ana''s key" is Ana's key, as a quote is written twice; "done eq true" is a truth.
# Seen: odata-v4-query 0.4.1 reads "due lt 2026", and stops there: what stands behind it ("and owner eq 'ana'") is left out without a word,
# and so is all behind "title eq 'Ana". odata-filter-parser 0.6.5 for Node.js reads the year as well, null for true, and 0 for -1.
# odata-filter-to-ast 4.0.0 refuses the day; odata-query 0.10.0 alone reads all of them. Items of another owner, due at any time, are found.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'odata-filter-parser@0.6.5' 'odata-filter-to-ast@4.0.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'odata-v4-query==0.4.1' 'odata-query==0.10.0'
cat >asked.json <<'JSON'
["due lt 2026-03-02 and owner eq 'ana'", "title eq 'Ana''s key' and owner eq 'ana'", "done eq true", "rate gt -1"]
JSON
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from odata_query.grammar import ODataLexer, ODataParser
from odata_v4_query import ODataFilterParser

asked = json.loads(Path("asked.json").read_text())
parser = ODataFilterParser()
seen = [parser.evaluate(parser.parse(each)) for each in asked]
print(f"guess: {asked}, or refused")
print(f"odata-v4-query {version('odata-v4-query')}: {seen}")
assert seen == ["due lt 2026", "title eq 'Ana'", "done eq true", "rate gt -1"], "it has changed"
by_day, by_title, by_done, by_rate = (ODataParser().parse(ODataLexer().tokenize(each)) for each in asked)
full = [by_day.left.right.val, by_day.right.right.val, by_title.left.right.val, by_done.right.val, by_rate.right.val]
print(f"odata-query {version('odata-query')}: {full}")
assert full == ["2026-03-02", "ana", "Ana's key", "true", "-1"], "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { Parser } = require('odata-filter-parser');
const { parseFilter } = require('odata-filter-to-ast');

const asked = JSON.parse(readFileSync('asked.json'));
const [byDay, , byDone, byRate] = asked.map((each) => Parser.parse(each));
const seen = [byDay.subject.value, byDay.value.value, byDone.value, byRate.value];
const read = asked.map((each) => {
  try {
    parseFilter(each);
    return 'read';
  } catch {
    return 'refused';
  }
});
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log(`odata-filter-parser ${version('odata-filter-parser')}: ${JSON.stringify(seen)}`);
console.log(`odata-filter-to-ast ${version('odata-filter-to-ast')}: ${read.join(' ')}`);
if (JSON.stringify(seen) !== '[2026,"ana",null,0]' || read.join(' ') !== 'refused read read read') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
