#!/usr/bin/env bash
# What readers of TAP, the test protocol whose results a deploy's gate may ask for, make of a run that gave up in the middle, and of tests
# that are known to fail.
# Guess: "Bail out!" fails the run wherever it is read, and stays a failure in JUnit XML; `not ok … # TODO` fails nothing, and a TODO that
# passes is good news (TAP 13), for all of them.
# Seen: tap-junit 5.0.4 writes failures="0" of a run that bailed out after one of three tests, and exits with 0: green for a gate on JUnit,
# and a failure of a TODO, so that it takes that for red. tap-parser 18.3.4, which it reads with, says not ok, and ok. For tap.py 3.2.1
# a TODO that passes fails the run.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'tap-parser@18.3.4' 'tap-junit@5.0.4'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'tap.py==3.2.1'
printf 'TAP version 13\n1..3\nok 1 - reads\nBail out! the database is gone\n' >aborted.tap
printf 'TAP version 13\n1..2\nok 1 - reads\nnot ok 2 - rolls back # TODO not built\n' >todo.tap
printf 'TAP version 13\n1..2\nok 1 - reads\nok 2 - rolls back # TODO not built\n' >bonus.tap
for name in aborted todo bonus; do
    node_modules/.bin/tap-junit <"$name.tap" >"$name.xml" || true
done
cat >seen.mjs <<'SCRIPT'
import { readFileSync, writeFileSync } from 'node:fs';
import { Parser } from 'tap-parser';

const seen = {};
for (const name of ['aborted', 'todo', 'bonus']) {
  seen[name] = await new Promise((done) => {
    new Parser((results) => done(results.ok)).end(readFileSync(`${name}.tap`, 'utf8'));
  });
}
writeFileSync('seen.json', JSON.stringify(seen));
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
import json
import unittest
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from tap.loader import Loader


def by_tap_py(name: str) -> bool:
    result = unittest.TestResult()
    Loader().load_suite_from_file(f"{name}.tap").run(result)
    return result.wasSuccessful()


def by_junit(name: str) -> bool:
    root = ElementTree.parse(f"{name}.xml").getroot()
    return root.get("failures") == "0" and root.find(".//failure") is None and root.find(".//error") is None


node = json.loads(Path("seen.json").read_text())
python = {name: by_tap_py(name) for name in node}
junit = {name: by_junit(name) for name in node}
print("guess: {'aborted': False, 'todo': True, 'bonus': True} from each")
print(f"tap-parser: {node}\ntap.py {version('tap.py')}: {python}\ntap-junit: {junit}")
assert node == {"aborted": False, "todo": True, "bonus": True}, "it has changed"
assert python == {"aborted": False, "todo": True, "bonus": False}, "it has changed"
assert junit == {"aborted": True, "todo": False, "bonus": True}, "it has changed"
PYTHON
