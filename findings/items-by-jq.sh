#!/usr/bin/env bash
# Guess: an expression of jq that tells what is open, or who was last on call, out of an export says the same in its ports for Node.js as in jq
# itself: `.done // "open"` is "open" of false, as jq has it; `.[-1:]` is the last entry; an item whose day is null is before all days.
# Seen: @michaelhomer/jqjs 1.6.0 and jqts 0.0.8 say false of the first, so that what counts "open" counts none. The last entry is none for
# jqjs; jqts says "cannot apply binary operator '*'" of null < "2026-03-05". jq itself is jq 1.13.0 for Python, which brings the program.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@michaelhomer/jqjs@1.6.0' 'jqts@0.0.8'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'jq==1.13.0'
cat >asked.json <<'JSON'
[
  [{"done": false}, ".done // \"open\""],
  [["ana", "ben"], ".[-1:]"],
  [{"due": null}, ".due < \"2026-03-05\""],
  [[{"due": "2026-03-09"}, {"due": null}], "sort_by(.due) | map(.due)"]
]
JSON
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

import jq

seen = [jq.compile(text).input_value(value).all() for value, text in json.loads(Path("asked.json").read_text())]
print(f"jq {version('jq')} for Python: {seen}")
assert seen == [["open"], [["ben"]], [True], [[None, "2026-03-09"]]], "it has changed"
PYTHON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import jqjs from '@michaelhomer/jqjs';
import JQ from 'jqts';

const asked = JSON.parse(readFileSync('asked.json'));
const by = (name, run, expected) => {
  const seen = asked.map(([value, text]) => {
    try {
      return JSON.stringify([...run(text, value)]);
    } catch (error) {
      return error.message.slice(0, 33);
    }
  });
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  console.log(`${name} ${version}: ${seen.join(' ')}`);
  if (seen.join(' ') !== expected) {
    console.error('it has changed');
    process.exit(1);
  }
};
by('@michaelhomer/jqjs', (text, value) => jqjs.compile(text)(value), '[false] [] [true] [[null,"2026-03-09"]]');
const refused = "cannot apply binary operator '*' ";
by('jqts', (text, value) => JQ.default.compile(text).evaluate(value), `[false] [["ben"]] ${refused} [[null,"2026-03-09"]]`);
SCRIPT
echo 'guess: "open", ["ben"], true and [null, "2026-03-09"] for all'
node seen.mjs
