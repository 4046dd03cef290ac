#!/usr/bin/env bash
# Guess: a flag of LaunchDarkly that is on until a freeze begins ("before 2026-03-02T15:30Z") is on for the same in a service of Python and in
# one of Node.js: both evaluate one file of flags, and the kinds of time are settled, RFC 3339 and milliseconds; what is none is none for both.
# Seen, launchdarkly-server-sdk 9.20.0 and @launchdarkly/node-server-sdk 9.13.7: without seconds, with a blank in T's place, and in compact
# form (20260302T153000Z) it is a time for Python alone, so that the flag is on in one service and off in the other; 24:00, the end
# of a day, is one for Node.js alone. Of times with seconds, fractions and offsets, of milliseconds, and of a day alone they say the same.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@launchdarkly/node-server-sdk@9.13.7'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'launchdarkly-server-sdk==9.20.0'
venv/bin/python - <<'PYTHON'
import json
import logging
from importlib.metadata import version
from pathlib import Path

import ldclient
from ldclient.config import Config
from ldclient.integrations import Files

ENDS = (
    "2026-03-02T15:30Z",
    "2026-03-02 15:30:00Z",
    "20260302T153000Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T15:30:00Z",
    "2026-03-02T15:30:00.5Z",
    "2026-03-02T16:30:00+01:00",
    "2026-03-03",
    1772465400000,
)
flags = {
    f"before-{place}": {
        "key": f"before-{place}",
        "version": 1,
        "on": True,
        "variations": [False, True],
        "offVariation": 0,
        "fallthrough": {"variation": 0},
        "rules": [{"id": "1", "variation": 1, "clauses": [{"attribute": "now", "op": "before", "values": [end]}]}],
    }
    for place, end in enumerate(ENDS)
}
Path("flags.json").write_text(json.dumps({"flags": flags}))
logging.disable(logging.CRITICAL)
source = Files.new_data_source(paths=["flags.json"])
client = ldclient.LDClient(Config("none", update_processor_class=source, send_events=False, diagnostic_opt_out=True))
context = ldclient.Context.builder("hub").set("now", "2026-03-02T15:29:00Z").build()
seen = [client.variation(key, context, None) for key in flags]
client.close()
print(f"guess: on a minute before {ENDS}, for both")
print(f"launchdarkly-server-sdk {version('launchdarkly-server-sdk')}: {seen}")
assert seen == [True, True, True, False, True, True, True, False, True], "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { init } = require('@launchdarkly/node-server-sdk');
const { FileDataSourceFactory } = require('@launchdarkly/node-server-sdk/integrations');

(async () => {
  const silent = { debug() {}, error() {}, info() {}, warn() {} };
  const updateProcessor = new FileDataSourceFactory({ paths: ['flags.json'] }).getFactory();
  const client = init('none', { updateProcessor, sendEvents: false, diagnosticOptOut: true, logger: silent });
  await client.waitForInitialization({ timeout: 10 });
  const seen = [];
  for (const key of Object.keys(JSON.parse(readFileSync('flags.json')).flags)) {
    seen.push(await client.variation(key, { kind: 'user', key: 'hub', now: '2026-03-02T15:29:00Z' }, null));
  }
  client.close();
  const { version } = JSON.parse(readFileSync('node_modules/@launchdarkly/node-server-sdk/package.json'));
  console.log(`@launchdarkly/node-server-sdk ${version}: ${seen.join(' ')}`);
  if (seen.join(' ') !== 'false false false true true true true false true') {
    console.error('it has changed');
    process.exit(1);
  }
})();
SCRIPT
node seen.cjs
