#!/usr/bin/env bash
# Whether a time or a length in an API's JSON (an alert's `at`, an outage's `took`) is valid by its schema's `format`, for the validators
# that a client, a gate and a service hold.
# Guess: what RFC 3339 and JSON Schema 2020-12 have is valid for all: "15:30:00Z" is a `time`, and without an offset it is none; a leap
# second is a `date-time`, and a blank in the place of T is none; a `duration` has no fractions (RFC 3339, appendix A: PT90M, not PT1.5H).
# Seen: jsonschema 4.26.0 with its formats refuses "15:30:00Z" and takes "15:30:00", which fastjsonschema 2.22.3 takes with the first, and
# jsonschema-rs 0.61.2, ajv-formats 3.0.1 and @cfworker/json-schema 4.1.6 refuse. It takes PT1.5H and -P1D alone, and refuses the leap
# second alone; "2026-03-02 15:30:00Z" is a date-time for the two of Node.js. What a service took its client may not send.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'ajv@8.20.0' 'ajv-formats@3.0.1' '@cfworker/json-schema@4.1.6'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'jsonschema[format]==4.26.0' 'fastjsonschema==2.22.3' \
    'jsonschema-rs==0.61.2'
cat >asked.json <<'JSON'
[
  ["time", "15:30:00Z"], ["time", "15:30:00"], ["duration", "PT1.5H"], ["duration", "-P1D"], ["duration", "PT90M"],
  ["date-time", "2026-12-31T23:59:60Z"], ["date-time", "2026-03-02 15:30:00Z"], ["date-time", "2026-03-02T15:30:00Z"]
]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;
const { Validator } = require('@cfworker/json-schema');

const ajv = new Ajv();
addFormats(ajv);
const asked = JSON.parse(readFileSync('asked.json'));
const seen = {
  'ajv-formats': asked.map(([format, said]) => ajv.validate({ type: 'string', format }, said)),
  '@cfworker/json-schema': asked.map(([format, said]) => new Validator({ type: 'string', format }, '2020-12').validate(said).valid),
};
writeFileSync('seen.json', JSON.stringify(seen));
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from pathlib import Path

import fastjsonschema
import jsonschema
import jsonschema_rs


def by_jsonschema(form: str, said: str) -> bool:
    schema = {"type": "string", "format": form}
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).is_valid(said)


def by_fastjsonschema(form: str, said: str) -> bool:
    try:
        fastjsonschema.compile({"type": "string", "format": form})(said)
    except fastjsonschema.JsonSchemaException:
        return False
    return True


def by_jsonschema_rs(form: str, said: str) -> bool:
    return jsonschema_rs.validator_for({"type": "string", "format": form}, validate_formats=True).is_valid(said)


asked = json.loads(Path("asked.json").read_text())
seen = json.loads(Path("seen.json").read_text())
for read in (by_jsonschema, by_fastjsonschema, by_jsonschema_rs):
    seen[read.__name__] = [read(*each) for each in asked]
letters = {name: "".join("x" if each else "-" for each in row) for name, row in seen.items()}
print(f"of {[said for _, said in asked]}, guess: x---xx-x of each\nseen:  {letters}")
assert letters == {
    "ajv-formats": "x---xxxx",
    "@cfworker/json-schema": "x---xxxx",
    "by_jsonschema": "-xxxx--x",
    "by_fastjsonschema": "xx--xx-x",
    "by_jsonschema_rs": "x---xx-x",
}, "it has changed"
PYTHON
