#!/usr/bin/env bash
# What two libraries say of support hours in OpenStreetMap's form (opening_hours), which on-call tools and status pages use for "when is
# somebody there" and "when may we deploy", where a rule has a remark and no word for its state.
# Guess: they agree, as they do on nights, weeks, days off and what a later rule takes back; what is left to a person, by a rule that has
# nothing but a remark (`Mo-Fr 09:00-17:00 || "by arrangement"`), and the end that `09:00+` does not say, is "unknown" for both.
# Seen: opening_hours 3.15.0 for Node.js says unknown; opening-hours-py 2.1.4, which is the library for Rust, says open, with the remark
# beside it: a gate in Python lets a deploy through on Saturday night, as anything outside the hours is "open by arrangement".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'opening_hours@3.15.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'opening-hours-py==2.1.4'
cat >asked.json <<'JSON'
[
  ["Mo-Fr 09:00-17:00 || \"by arrangement\"", "2026-03-07T23:00"],
  ["Mo-Fr 09:00-17:00 \"ask Ana first\"", "2026-03-02T10:00"],
  ["Mo-Fr 09:00+", "2026-03-02T20:00"],
  ["Mo-Fr 22:00-06:00; Sa off", "2026-03-07T03:00"],
  ["24/7; 2026 Dec 20-2027 Jan 03 off", "2027-01-02T09:00"]
]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const module_ = require('opening_hours');

const OpeningHours = module_.opening_hours ?? module_.default ?? module_;
const state = ([hours, at]) => new OpeningHours(hours, null, { locale: 'en' }).getStateString(new Date(at), true);
writeFileSync('seen.json', JSON.stringify(JSON.parse(readFileSync('asked.json')).map(state)));
SCRIPT
TZ=UTC node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from opening_hours import OpeningHours

asked = json.loads(Path("asked.json").read_text())
node = json.loads(Path("seen.json").read_text())
python = []
for hours, at in asked:
    state, _remark = OpeningHours(hours).state(datetime.fromisoformat(at))
    python.append(str(state).removeprefix("State.").lower())
print("guess: unknown three times, and closed twice, from both")
print(f"opening_hours {json.loads(Path('node_modules/opening_hours/package.json').read_text())['version']}: {node}")
print(f"opening-hours-py {version('opening-hours-py')}: {python}")
assert [each.removesuffix("d") for each in node] == ["unknown"] * 3 + ["close"] * 2, "it has changed"
assert python == ["open"] * 3 + ["closed"] * 2, "it has changed"
PYTHON
