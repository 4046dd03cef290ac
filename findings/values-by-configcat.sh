#!/usr/bin/env bash
# Whether a flag of ConfigCat, whose rules are evaluated in the process, is on for the same deploys in a service of Python and in one of
# Node.js, where what is asked about is no text: a yes or no, a very small rate, a version as git tags it.
# Guess: one file of rules gives one answer: values are made text by one rule for all of ConfigCat's libraries, as whole numbers, lists
# and dates are; and what is no number or version is that for both.
# Seen, configcat-client 10.0.1 and @configcat/sdk 1.1.0: true is the text "True" in Python and "true" in Node.js, so that "hotfix is
# one of true" holds in one of them alone; a rate of 0.00001 is "1e-05" and "0.00001". v1.9.0 is before 1.10.0 in Node.js, and no
# version in Python. True is below 2 in Python, and 1_000 is a number there.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@configcat/sdk@1.1.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'configcat-client==10.0.1'
cat >asked.json <<'JSON'
{
  "text true": [28, "s", "true", true],
  "text True": [28, "s", "True", true],
  "text 0.00001": [28, "s", "0.00001", 0.00001],
  "text 1": [28, "s", "1", 1.0],
  "version v1.9.0 < 1.10.0": [6, "s", "1.10.0", "v1.9.0"],
  "number true < 2": [12, "d", 2, true],
  "number 1_000 < 2000": [12, "d", 2000, "1_000"],
  "number 0,005 < 0.01": [12, "d", 0.01, "0,005"]
}
JSON
python3 - <<'PYTHON'
import json
from pathlib import Path


def flag(comparator: int, kind: str, value: object) -> dict[str, object]:
    condition = {"u": {"a": "asked", "c": comparator, kind: value}}
    return {"t": 0, "v": {"b": False}, "r": [{"c": [condition], "s": {"v": {"b": True}}}]}


flags = {name: flag(*rule[:3]) for name, rule in json.loads(Path("asked.json").read_text()).items()}
Path("flags.json").write_text(json.dumps({"p": {"u": "https://example.org", "r": 0, "s": "c2FsdA=="}, "s": [], "f": flags}))
PYTHON
cat >seen.mjs <<'SCRIPT'
import { readFileSync, writeFileSync } from 'node:fs';
import { LogLevel, PollingMode, User, createConsoleLogger, getClient } from '@configcat/sdk/node';

const flags = readFileSync('flags.json', 'utf8');
const client = getClient(`configcat-sdk-1/${'1'.repeat(22)}/${'1'.repeat(22)}`, PollingMode.ManualPoll, {
  cache: { get: () => `${Date.now()}\n"tag"\n${flags}`, set() {} },
  offline: true,
  logger: createConsoleLogger(LogLevel.Off),
});
const seen = {};
for (const [name, [, , , asked]] of Object.entries(JSON.parse(readFileSync('asked.json')))) {
  seen[name] = await client.getValueAsync(name, false, new User('hub', undefined, undefined, { asked }));
}
writeFileSync('seen.json', JSON.stringify(seen));
client.dispose();
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
import json
import logging
from importlib.metadata import version
from pathlib import Path

import configcatclient
from configcatclient.configcatoptions import ConfigCatOptions
from configcatclient.localfiledatasource import LocalFileFlagOverrides
from configcatclient.overridedatasource import OverrideBehaviour
from configcatclient.user import User

logging.disable()
local = LocalFileFlagOverrides("flags.json", OverrideBehaviour.LocalOnly)
client = configcatclient.get(f"configcat-sdk-1/{'1' * 22}/{'1' * 22}", ConfigCatOptions(flag_overrides=local))
asked = json.loads(Path("asked.json").read_text())
python = {name: client.get_value(name, False, User("hub", custom={"asked": rule[3]})) for name, rule in asked.items()}
node = json.loads(Path("seen.json").read_text())
client.close()
print(f"guess: the same from configcat-client {version('configcat-client')} and @configcat/sdk 1.1.0")
for name in asked:
    print(f"{name}: {python[name]}, {node[name]}")
assert list(python.values()) == [False, True, False, True, False, True, True, True], "it has changed"
assert list(node.values()) == [True, False, True, True, True, False, False, True], "it has changed"
PYTHON
