#!/usr/bin/env bash
# Guess: who owns a service, and the deploy that a request ran into, pass from a service of Python to one of Node.js in baggage as
# they were set: both are OpenTelemetry's own propagators of one standard (W3C Baggage), which has %XX for what is no plain letter.
# Seen: opentelemetry-api 1.45.2 writes a blank as "+", as forms do, and reads "+" as a blank. "Ana Braun" of a Python service is
# "Ana+Braun" in a Node.js one (@opentelemetry/core 2.12.1), and the build 1.2.0+7, which may stand as it is, is "1.2.0 7" in Python.
# A property behind ";" is a part of the value for Python; an entry without a value, which is valid, is none for Node.js.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@opentelemetry/api@1.9.1' '@opentelemetry/core@2.12.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'opentelemetry-api==1.45.2'
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

from opentelemetry import baggage, context
from opentelemetry.baggage.propagation import W3CBaggagePropagator

written = {}
W3CBaggagePropagator().inject(written, baggage.set_baggage("owner", "Ana Braun", context.Context()))
Path("written").write_text(written["baggage"])
header = "owner=Ana%20Braun,build=1.2.0+7,team=data;source=catalog,cause="
read = dict(baggage.get_all(W3CBaggagePropagator().extract({"baggage": header})))
print(f"guess: owner=Ana%20Braun; {header} is Ana Braun, 1.2.0+7, data, and nothing")
print(f"opentelemetry-api {version('opentelemetry-api')} writes {written['baggage']}, and reads {list(read.values())}")
assert written["baggage"] == "owner=Ana+Braun", "it has changed"
assert read == {"owner": "Ana Braun", "build": "1.2.0 7", "team": "data;source=catalog", "cause": ""}, "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { ROOT_CONTEXT, defaultTextMapGetter, defaultTextMapSetter, propagation } = require('@opentelemetry/api');
const { W3CBaggagePropagator } = require('@opentelemetry/core');

const propagator = new W3CBaggagePropagator();
const read = (baggage) => {
  const entries = propagation.getBaggage(propagator.extract(ROOT_CONTEXT, { baggage }, defaultTextMapGetter)).getAllEntries();
  return entries.map(([name, { value }]) => `${name}=${value}`).join(' | ');
};
const written = {};
const own = propagation.createBaggage({ owner: { value: 'Ana Braun' } });
propagator.inject(propagation.setBaggage(ROOT_CONTEXT, own), written, defaultTextMapSetter);
const seen = [
  written.baggage,
  read(readFileSync('written', 'utf8')),
  read('owner=Ana%20Braun,build=1.2.0+7,team=data;source=catalog,cause='),
];
const { version } = JSON.parse(readFileSync('node_modules/@opentelemetry/core/package.json'));
console.log(`@opentelemetry/core ${version} writes ${seen[0]}, reads Python's as ${seen[1]}, and the line as ${seen[2]}`);
const expected = ['owner=Ana%20Braun', 'owner=Ana+Braun', 'owner=Ana Braun | build=1.2.0+7 | team=data'];
if (seen.join() !== expected.join()) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
