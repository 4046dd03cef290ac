#!/usr/bin/env bash
# Guess: how bad a finding is that says no level itself is said by its rule (SARIF 2.1.0 §3.27.10: `defaultConfiguration`, and
# "warning" without one), for whoever counts it; what was accepted by a suppression, or is gone since the baseline, is not counted.
# Seen: sarif-junit 1.1.4 takes a finding without a level for a test that passed, also where its rule says error, as linters leave
# it to the rule. sarif-tools 3.0.5 has the levels; it counts what was suppressed, and what is gone, among the errors. So does the
# first, where they have a level. A gate on the one lets through what a gate on the other stops, and stops what is long mended.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'sarif-junit@1.1.4'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'sarif-tools==3.0.5'
venv/bin/python - <<'PYTHON'
import json

RESULTS = (
    {"message": {"text": "level of its rule"}},
    {"message": {"text": "open"}, "level": "error"},
    {"message": {"text": "accepted"}, "level": "error", "suppressions": [{"kind": "external", "status": "accepted"}]},
    {"message": {"text": "gone"}, "level": "error", "baselineState": "absent"},
)
rule = {"id": "no-rollback", "defaultConfiguration": {"level": "error"}}
place = {"physicalLocation": {"artifactLocation": {"uri": "deploy.yaml"}, "region": {"startLine": 1}}}
results = [{"ruleId": "no-rollback", "ruleIndex": 0, "locations": [place], **one} for one in RESULTS]
run = {"tool": {"driver": {"name": "lint", "rules": [rule]}}, "results": results}
with open("lint.sarif", "w") as file:
    json.dump({"version": "2.1.0", "runs": [run]}, file)
PYTHON
npx sarif-junit -i lint.sarif -o lint.xml >/dev/null
venv/bin/sarif csv --output lint.csv lint.sarif >/dev/null
venv/bin/python - <<'PYTHON'
import csv
import json
from importlib.metadata import version
from xml.etree import ElementTree

WORDS = ("level of its rule", "open", "accepted", "gone")
cases = {case.get("name").split(" ", 2)[-1] if case.get("name").startswith("Ln") else case.get("name"): case
         for case in ElementTree.parse("lint.xml").iter("testcase")}
failed = [word for word in WORDS if cases[word].find("failure") is not None]
with open("lint.csv") as file:
    errors = [row["Description"] for row in csv.DictReader(file) if row["Severity"] == "error"]
with open("node_modules/sarif-junit/package.json") as file:
    print("guess: errors are what has the level of its rule, and what is open")
    print(f"sarif-junit {json.load(file)['version']}: {failed}")
print(f"sarif-tools {version('sarif-tools')}: {sorted(errors)}")
assert failed == ["open", "accepted", "gone"], "it has changed"
assert sorted(errors) == sorted(WORDS), "it has changed"
PYTHON
