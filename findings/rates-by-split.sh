#!/usr/bin/env bash
# Guess: a flag of Split that is on where the error rate is at most 1 (LESS_THAN_OR_EQUAL_TO, a number) is on for 0.5 in a service of Python
# and in one of Node.js: both evaluate one definition in the process; where nobody measured a rate (null) it is off in both, or on in both.
# Seen, splitio-client 10.7.0 and @splitsoftware/splitio 11.11.2: in Python it is off for each number that is a float, 0.5 as 1.0, and on for
# integers alone, so that a canary goes on at 0 and at 1 and stops between them. Node.js takes 0.5; it also takes null, and true, for
# numbers, so that the flag is on where nothing was measured. Nothing is said. Day by day (DATETIME) is another matter, as one counts
# seconds and the other milliseconds, and says so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@splitsoftware/splitio@11.11.2'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'splitio-client==10.7.0'
cat >flag.json <<'JSON'
{
  "trafficTypeName": "user", "name": "canary", "trafficAllocation": 100, "trafficAllocationSeed": 1, "seed": 1, "status": "ACTIVE",
  "killed": false, "defaultTreatment": "off", "changeNumber": 1, "algo": 2, "configurations": {}, "sets": [],
  "conditions": [{
    "conditionType": "ROLLOUT", "label": "rate", "partitions": [{"treatment": "on", "size": 100}],
    "matcherGroup": {"combiner": "AND", "matchers": [{
      "keySelector": {"trafficType": "user", "attribute": "rate"}, "matcherType": "LESS_THAN_OR_EQUAL_TO", "negate": false,
      "unaryNumericMatcherData": {"dataType": "NUMBER", "value": 1}
    }]}
  }]
}
JSON
echo '[0, 0.5, 1, 1.0, 2, null, true]' >rates.json
venv/bin/python - <<'PYTHON'
import json
import logging
from importlib.metadata import version
from pathlib import Path

from splitio import get_factory

flag = json.loads(Path("flag.json").read_text())
changes = {"ff": {"d": [flag], "s": -1, "t": 1}, "rbs": {"d": [], "s": -1, "t": -1}}
Path("flags.json").write_text(json.dumps(changes))
logging.disable(logging.CRITICAL)
factory = get_factory("localhost", config={"splitFile": "flags.json", "impressionsMode": "NONE"})
factory.block_until_ready(10)
rates = json.loads(Path("rates.json").read_text())
seen = " ".join(factory.client().get_treatment("hub", "canary", {"rate": each}) for each in rates)
factory.destroy()
print(f"of {rates}, guess: on on on on off off off in both")
print(f"splitio-client {version('splitio-client')}: {seen}")
assert seen == "on off on off off off off", "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const { SplitFactory } = require('@splitsoftware/splitio');

const server = createServer((request, answer) => {
  const flags = request.url.includes('splitChanges') && readFileSync('flags.json');
  answer.setHeader('Content-Type', 'application/json');
  answer.end(flags || '{}');
});
server.listen(0, '127.0.0.1', async () => {
  const own = `http://127.0.0.1:${server.address().port}/api`;
  const factory = SplitFactory({
    core: { authorizationKey: 'none' },
    startup: { readyTimeout: 10 },
    streamingEnabled: false,
    sync: { enabled: false, impressionsMode: 'NONE' },
    urls: { sdk: own, events: own, auth: own, telemetry: own },
  });
  const client = factory.client();
  await client.ready();
  const rates = JSON.parse(readFileSync('rates.json'));
  const seen = rates.map((rate) => client.getTreatment('hub', 'canary', { rate })).join(' ');
  const { version } = JSON.parse(readFileSync('node_modules/@splitsoftware/splitio/package.json'));
  console.log(`@splitsoftware/splitio ${version}: ${seen}`);
  const same = seen === 'on on on on off on on';
  if (!same) {
    console.error('it has changed');
  }
  process.exit(same ? 0 : 1);
});
SCRIPT
node seen.cjs
