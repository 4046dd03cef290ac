#!/usr/bin/env bash
# Guess: verify(body, signature, timestamp) of Linear's own package answers true or false, as its type says and as
# @octokit/webhooks-methods' verify does, and looks at the timestamp that it is given.
# Seen, @linear/sdk 98.0.0: false is never answered: another signature raises, and so does a body without webhookTimestamp or
# with one more than a minute off. The third argument is ignored: the time counts that is in the signed body, and one that
# comes as a header alone is no time at all.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@linear/sdk@98.0.0' '@octokit/webhooks-methods@6.0.0'
cat >seen.mjs <<'SCRIPT'
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LinearWebhookClient } from '@linear/sdk/webhooks';
import { sign, verify } from '@octokit/webhooks-methods';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const secret = 'sixteen-or-more-letters';
const client = new LinearWebhookClient(secret);

function told(payload, { header, signature } = {}) {
  const body = Buffer.from(JSON.stringify(payload));
  const made = createHmac('sha256', secret).update(body).digest('hex');
  try {
    return String(client.verify(body, signature ?? made, header));
  } catch (refused) {
    return `raises ${refused.message}`;
  }
}

const now = Date.now();
const hour = 3600 * 1000;
const seen = {
  'signed now': told({ webhookTimestamp: now }),
  'another signature': told({ webhookTimestamp: now }, { signature: '0'.repeat(64) }),
  'an hour old, header says now': told({ webhookTimestamp: now - hour }, { header: now }),
  'signed now, header says an hour ago': told({ webhookTimestamp: now }, { header: now - hour }),
  'time in the header alone': told({}, { header: now }),
};
const octokit = await verify(secret, '{}', `sha256=${'0'.repeat(64)}`);
console.log(`@linear/sdk ${version('@linear/sdk')}, @octokit/webhooks-methods ${version('@octokit/webhooks-methods')}`);
console.log('guess: true, false, true, false, true; and false');
console.log(`seen:  ${Object.entries(seen).map(([name, what]) => `${name}: ${what}`).join('; ')}; octokit, another signature: ${octokit}`);
const wanted = ['true', 'raises Invalid webhook signature', 'raises Invalid webhook timestamp', 'true', 'raises Missing webhook timestamp'];
const is_same = Object.values(seen).every((what, n) => what === wanted[n]) && octokit === false && (await verify(secret, '{}', await sign(secret, '{}')));
if (!is_same) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
