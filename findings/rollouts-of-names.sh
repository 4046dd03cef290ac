#!/usr/bin/env bash
# Guess: half of the users by Unleash (flexibleRollout, sticky by userId) are the same half in a service of Python and in one of Node.js,
# and a flag that is on after a day (DATE_AFTER 2026-03-02), or after a time without seconds, as the API of flags takes them, is on in both.
# Seen, UnleashClient 6.9.1 (yggdrasil-engine 2.0.0) and unleash-client 6.12.1: of users with letters beyond ASCII (jürgen…) they disagree
# about half, of others about none, as they hash other bytes. Python has the flag off for ever where its date has no seconds, and
# Node.js on. A canary for 5 % that broke for Jürgen broke in one service, and not in the one that he is looked up in.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'unleash-client@6.12.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'UnleashClient==6.9.1' 'yggdrasil-engine==2.0.0'
venv/bin/python - <<'PYTHON' 2>/dev/null
import json
from importlib.metadata import version
from pathlib import Path

from UnleashClient import UnleashClient
from UnleashClient.cache import FileCache

DATES = ("2026-03-02", "2026-03-02T15:30Z", "2026-03-02T15:30:00Z")


def flag(name: str, strategy: str, parameters: dict, constraints: list) -> dict:
    strategies = [{"name": strategy, "parameters": parameters, "constraints": constraints}]
    return {"name": name, "type": "release", "enabled": True, "strategies": strategies}


def after(date: str) -> dict:
    constraint = {"contextName": "currentTime", "operator": "DATE_AFTER", "value": date, "values": []}
    return flag(f"after {date}", "default", {}, [constraint | {"inverted": False, "caseInsensitive": False}])


half = flag("half", "flexibleRollout", {"rollout": "50", "stickiness": "userId", "groupId": "half"}, [])
flags = {"version": 2, "features": [half, *map(after, DATES)]}
asked = [("half", {"userId": f"{name}{number}@example.org"}) for name in ("jurgen", "jürgen") for number in range(300)]
asked += [(f"after {date}", {"currentTime": "2026-03-03T12:00:00Z"}) for date in DATES]
cache = FileCache("hub", directory="cache")
cache.bootstrap_from_dict(flags)
client = UnleashClient("http://127.0.0.1:9/api", "hub", disable_metrics=True, disable_registration=True, cache=cache)
client.initialize_client(fetch_toggles=False)
answers = [client.is_enabled(name, context) for name, context in asked]
client.destroy()
Path("asked.json").write_text(json.dumps({"flags": flags, "asked": asked, "answers": answers}))
print(f"UnleashClient {version('UnleashClient')}, yggdrasil-engine {version('yggdrasil-engine')}: {answers[600:]} for {DATES}")
assert answers[600:] == [False, False, True], "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { InMemStorageProvider, Unleash } = require('unleash-client');

const { flags, asked, answers } = JSON.parse(readFileSync('asked.json'));
const client = new Unleash({
  url: 'http://127.0.0.1:9/api',
  appName: 'hub',
  disableMetrics: true,
  refreshInterval: 0,
  bootstrap: { data: flags.features },
  storageProvider: new InMemStorageProvider(),
});
client.on('error', () => {});
client.on('warn', () => {});
client.once('ready', () => {
  const own = asked.map(([name, context]) => client.isEnabled(name, context));
  const differ = (from, to) => own.slice(from, to).filter((answer, at) => answer !== answers[from + at]).length;
  const { version } = JSON.parse(readFileSync('node_modules/unleash-client/package.json'));
  console.log('guess: the two agree about all users and dates');
  console.log(`unleash-client ${version}: ${own.slice(600)}; they differ about ${differ(0, 300)} and ${differ(300, 600)} of 300 users`);
  if (differ(0, 300) !== 0 || differ(300, 600) < 100 || own.slice(600).includes(false)) {
    console.error('it has changed');
    process.exit(1);
  }
  process.exit();
});
SCRIPT
node seen.cjs
