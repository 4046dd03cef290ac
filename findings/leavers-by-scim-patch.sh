#!/usr/bin/env bash
# Who still has shifts and items after leaving the company, where the directory says so by a PATCH of SCIM, and a library applies it.
# Guess: two libraries come to the same person: names of attributes are the same in whichever case (RFC 7643 §2.1), an extension's
# attributes stand below its URN, and "False" as text, which a known directory sends for `active`, is false or refused.
# Seen: scim2-models 0.12.3 does so. scim-patch 0.8.3 for Node.js writes `displayname` beside `displayName`; `active` is the text "False"
# then, which is true to whoever asks `if (user.active)`; an extension that is added without a path is cut at its last dot, so that
# the department stands below "…:enterprise:2.0" and "User". A filter that finds nobody (RFC 7644 §3.5.2.3: noTarget) adds an address.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'scim-patch@0.8.3'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'scim2-models==0.12.3'
cat >person.json <<'JSON'
{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "userName": "ana",
  "displayName": "Ana",
  "active": true,
  "emails": [{"value": "ana@example.org", "type": "work"}]
}
JSON
cat >asked.json <<'JSON'
{
  "case": {"op": "replace", "path": "displayname", "value": "Ana B."},
  "active": {"op": "replace", "path": "active", "value": "False"},
  "extension": {"op": "add", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "SRE"}}},
  "nobody": {"op": "replace", "path": "emails[type eq \"home\"].value", "value": "new@example.org"}
}
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const { scimPatch } = require('scim-patch');

const asked = Object.entries(JSON.parse(readFileSync('asked.json')));
const person = () => JSON.parse(readFileSync('person.json'));
writeFileSync('seen.json', JSON.stringify(Object.fromEntries(asked.map(([name, each]) => [name, scimPatch(person(), [each])]))));
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from scim2_models import EnterpriseUser, PatchOp, User
from scim2_models.exceptions import NoTargetException

Person = User[EnterpriseUser]
URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0"


def patched(operation: dict[str, object]) -> dict[str, object] | str:
    person = Person.model_validate_json(Path("person.json").read_text())
    message = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
    try:
        PatchOp[Person].model_validate(message).patch(person)
    except NoTargetException:
        return "noTarget"
    return person.model_dump()


python = {name: patched(each) for name, each in json.loads(Path("asked.json").read_text()).items()}
node = json.loads(Path("seen.json").read_text())
print(f"guess: the same from scim2-models {version('scim2-models')} and scim-patch 0.8.3")
for name in python:
    print(f"{name}: {python[name]} / {node[name]}")
assert python["case"]["displayName"] == "Ana B." and python["active"]["active"] is False, "it has changed"
assert python["extension"][f"{URN}:User"] == {"department": "SRE"} and python["nobody"] == "noTarget", "it has changed"
assert (node["case"]["displayName"], node["case"]["displayname"]) == ("Ana", "Ana B."), "it has changed"
assert node["active"]["active"] == "False" and node["extension"][URN] == {"User": {"department": "SRE"}}, "it has changed"
assert [each["value"] for each in node["nobody"]["emails"]] == ["ana@example.org", "new@example.org"], "it has changed"
PYTHON
