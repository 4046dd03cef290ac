#!/usr/bin/env bash
# Whether a release flag of PostHog that is evaluated in the process ("the error rate is below 0.01") is on for the same in a service of
# Python and in one of Node.js, where the rate is text, or nobody measured it.
# Guess: what is no number is below nothing, for both, as null is; what is a date for one library is a date for the other; and a candidate
# (1.10.0-rc.1) is before its release, as versions have it.
# Seen, posthog 7.91.1 and posthog-node 5.70.0: where one of the two is no number Node.js compares letters, so that an empty rate is
# below 0.01, and "v10" above 9; for Python neither is. "1 March 2026", and seconds since 1970, which it takes for milliseconds, are
# dates for Node.js, and make Python ask the server. For both, 1.10.0-rc.1 is no version before 1.10.0: it is the same.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'posthog-node@5.70.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'posthog==7.91.1'
cat >asked.json <<'JSON'
[
  ["lt", "0.01", null],
  ["lt", "0.01", ""],
  ["gt", "9", "v10"],
  ["gt", "9", "10"],
  ["is_date_before", "2026-03-02", "1 March 2026"],
  ["is_date_before", "2026-03-02", 1790000000],
  ["semver_lt", "1.10.0", "1.10.0-rc.1"],
  ["semver_eq", "1.10.0", "1.10.0-rc.1"]
]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { matchProperty } = require(join(process.cwd(), 'node_modules/posthog-node/dist/extensions/feature-flags/feature-flags.js'));

const seen = JSON.parse(readFileSync('asked.json')).map(([operator, value, rate]) => {
  try {
    return matchProperty({ key: 'rate', operator, value }, { rate });
  } catch {
    return 'asks the server';
  }
});
writeFileSync('seen.json', JSON.stringify(seen));
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from posthog.feature_flags import InconclusiveMatchError, match_property


def holds(operator: str, value: str, rate: object) -> bool | str:
    try:
        return match_property({"key": "rate", "operator": operator, "value": value}, {"rate": rate})
    except InconclusiveMatchError:
        return "asks the server"


asked = json.loads(Path("asked.json").read_text())
node = json.loads(Path("seen.json").read_text())
python = [holds(*each) for each in asked]
print(f"guess: the same from posthog {version('posthog')} and posthog-node 5.70.0, and rc.1 before its release")
for each, one, other in zip(asked, python, node, strict=True):
    print(f"{each}: {one}, {other}")
assert python == [False, False, False, True, "asks the server", "asks the server", False, True], "it has changed"
assert node == [False, True, True, True, True, True, False, True], "it has changed"
PYTHON
