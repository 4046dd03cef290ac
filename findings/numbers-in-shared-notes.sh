#!/usr/bin/env bash
# Which number an incident has that two people write about at once, in notes that are merged without a server's word (a CRDT: Yjs and its
# port for Python), as editors of postmortems have them.
# Guess: a whole number that Python puts into a shared map is that number when Python reads it, and when a page does; a reference made
# of it is INC-7 for both.
# Seen, pycrdt 0.14.13: 7 comes back as 7.0 at once, in the process that wrote it, so that the service says INC-7.0; yjs 13.6.33 says
# INC-7, as JavaScript has one kind of number. Above 2**53 it is the other way round: Python's number is whole, and the page's is a BigInt,
# which JSON.stringify refuses. loro 1.17.1 keeps whole numbers whole.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'yjs@13.6.33'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'pycrdt==0.14.13' 'loro==1.17.1'
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

import loro
import pycrdt

notes = pycrdt.Doc()
incident = notes.get("incident", type=pycrdt.Map)
incident["number"] = 7
incident["nanoseconds"] = 2**53 + 1
Path("notes.bin").write_bytes(notes.get_update())
other = loro.LoroDoc()
other.get_map("incident").insert("number", 7)
kept = other.get_deep_value()["incident"]["number"]
print("guess: INC-7 of each")
print(f"pycrdt {version('pycrdt')}: INC-{incident['number']}, {incident['nanoseconds']}; loro {version('loro')}: INC-{kept}")
assert f"INC-{incident['number']}" == "INC-7.0" and f"INC-{kept}" == "INC-7", "it has changed"
assert incident["nanoseconds"] == 2**53 + 1 and isinstance(incident["nanoseconds"], int), "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const Y = require('yjs');

const notes = new Y.Doc();
Y.applyUpdate(notes, readFileSync('notes.bin'));
const incident = notes.getMap('incident');
console.log(`yjs 13.6.33: INC-${incident.get('number')}, ${typeof incident.get('nanoseconds')}`);
assert.equal(`INC-${incident.get('number')}`, 'INC-7');
assert.equal(typeof incident.get('nanoseconds'), 'bigint');
assert.throws(() => JSON.stringify(incident.toJSON()), TypeError);
SCRIPT
node seen.cjs
