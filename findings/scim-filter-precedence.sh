#!/usr/bin/env bash
# Guess: a filter of SCIM finds the same people whichever library reads it: `and` binds closer than `or` (RFC 7644 §3.4.2.2).
# Seen: scim2-filter-parser 0.7.0 puts `a or b and c` into SQL as `(a OR b) AND c`; the npm package scim2-parse-filter
# 0.2.10 groups it as the standard says. A directory that asks so before it creates the accounts of a team, or names owners
# of items anew, is told of other people. Brackets of one's own help with both.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'scim2-filter-parser==0.7.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'scim2-parse-filter@0.2.10'
cat >seen.py <<'SCRIPT'
from importlib.metadata import version

from scim2_filter_parser.lexer import SCIMLexer
from scim2_filter_parser.parser import SCIMParser
from scim2_filter_parser.transpilers.sql import Transpiler

COLUMNS = {("title", None, None): "title", ("active", None, None): "active"}


def sql(text):
    return Transpiler(COLUMNS).transpile(SCIMParser().parse(SCIMLexer().tokenize(text)))[0]


bare, put = sql('title eq "a" or title eq "b" and active eq true'), sql('title eq "a" or (title eq "b" and active eq true)')
print(f"scim2-filter-parser {version('scim2-filter-parser')}: {bare}; with brackets: {put}")
assert bare == "((title = {a}) OR (title = {b})) AND (active = {c})", "it has changed"
assert put == "(title = {a}) OR ((title = {b}) AND (active = {c}))", "it has changed"
SCRIPT
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { filter, parse } from 'scim2-parse-filter';

const people = [
  { title: 'a', active: false, userName: 'ada' },
  { title: 'b', active: false, userName: 'ben' },
  { title: 'b', active: true, userName: 'cy' },
];
const found = (text) => people.filter(filter(parse(text))).map((one) => one.userName).join(' ');
const { version } = JSON.parse(readFileSync('node_modules/scim2-parse-filter/package.json'));
const bare = found('title eq "a" or title eq "b" and active eq true');
console.log(`scim2-parse-filter ${version}: ${bare}`);
if (bare !== 'ada cy') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'a or b and c'
echo 'guess: both group it as a or (b and c)'
venv/bin/python seen.py
node seen.mjs
