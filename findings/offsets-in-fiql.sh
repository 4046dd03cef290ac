#!/usr/bin/env bash
# What a feed of overdue items, asked for by a query of FIQL in its address, compares with: `due=lt=2026-03-02T15:30:00+01:00`.
# Guess: a time with an offset is one, as FIQL's draft names the time of XML Schema for `=lt=` and lets "+" stand as it is; what two
# libraries of such queries (FIQL, and RSQL, which is made of it) read of it is the same.
# Seen: fiql-parser 1.0 gives a blank for the sign, "2026-03-02T15:30:00 01:00", as in a form that was sent, which is no time, or one
# without a zone and an hour later to whoever reads leniently. Written back, the sign is there. @rsql/parser 1.6.0 leaves it, and
# both bind `;` closer than `,`.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@rsql/parser@1.6.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'fiql-parser==1.0'
cat >seen.mjs <<'SCRIPT'
import assert from 'node:assert';
import { parse } from '@rsql/parser';

const { right } = parse('due=lt=2026-03-02T15:30:00+01:00');
console.log('guess: 2026-03-02T15:30:00+01:00 of both');
console.log(`@rsql/parser 1.6.0: ${right.value}`);
assert.equal(right.value, '2026-03-02T15:30:00+01:00');
assert.equal(parse('owner==ana,owner==ben;state==open').right.type, 'LOGIC');
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

from fiql_parser import parse_str_to_expression

_, _, said = parse_str_to_expression("due=lt=2026-03-02T15:30:00+01:00").to_python()
either, first, both = parse_str_to_expression("owner==ana,owner==ben;state==open").to_python()
print(f"fiql-parser {version('fiql-parser')}: {said}")
assert said == "2026-03-02T15:30:00 01:00", "it has changed"
assert (either, first[2], both[0]) == ("OR", "ana", "AND"), "it has changed"
PYTHON
