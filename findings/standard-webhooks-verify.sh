#!/usr/bin/env bash
# Guess: libraries for Standard Webhooks are one as good as another: verify(body, headers) gives the message that was
# signed, and takes a request's headers as a server of JavaScript has them (`Headers`).
# Seen: svix 2 gives nothing, for Python (2.9.1) and for Node.js (2.5.0); standardwebhooks (1.1.0 and 1.1.1) gives the message.
# Both for Node.js find no header in `Headers`, and say that required ones are missing: they look at it as a plain object.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'svix==2.9.1' 'standardwebhooks==1.1.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'svix@2.5.0' 'standardwebhooks@1.1.1'
cat >seen.py <<'SCRIPT'
from base64 import b64encode
from datetime import datetime, timezone
from importlib.metadata import version

from standardwebhooks.webhooks import Webhook as Standard
from svix.webhooks import Webhook as Svix

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
now = datetime.now(timezone.utc)
body = '{"type": "item.reopened"}'
headers = {"webhook-id": "m-1", "webhook-timestamp": str(int(now.timestamp()))}
headers["webhook-signature"] = Standard(SECRET).sign("m-1", now, body)
seen = {"standardwebhooks": Standard(SECRET).verify(body, headers), "svix": Svix(SECRET).verify(body, headers)}
for name, message in seen.items():
    print(f"{name} {version(name)} (Python): {message}")
assert seen == {"standardwebhooks": {"type": "item.reopened"}, "svix": None}, "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const body = '{"type": "item.reopened"}';
const seen = ['standardwebhooks', 'svix'].map((name) => {
  const hook = new (require(name).Webhook)(secret);
  const now = new Date();
  const headers = {
    'webhook-id': 'm-1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': hook.sign('m-1', now, body),
  };
  const said = (given) => {
    try {
      return JSON.stringify(hook.verify(body, given)) ?? 'nothing';
    } catch (refusal) {
      return refusal.message;
    }
  };
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  const found = [said(headers), said(new Headers(headers)), said(Object.fromEntries(new Headers(headers)))];
  console.log(`${name} ${version} (npm), of an object, of Headers and of its entries: ${JSON.stringify(found)}`);
  return found;
});
const [message, missing] = ['{"type":"item.reopened"}', 'Missing required headers'];
const expected = [[message, missing, message], ['nothing', missing, 'nothing']];
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: the message, whoever reads it and however headers are held'
venv/bin/python seen.py
node seen.cjs
