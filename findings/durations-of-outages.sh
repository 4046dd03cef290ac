#!/usr/bin/env bash
# Guess: how long an outage took, and when an alarm comes, is read as people and calendars write it, or refused.
# Seen: parse-duration 2.1.9 takes "1,5 h", as most of Europe writes it, for 15 hours, and "1:30" for a little over a second.
# iso8601-duration 2.1.4 leaves the sign out: an alarm 15 minutes before (TRIGGER:-PT15M, RFC 5545 §3.8.6.3) comes 15 minutes
# after; tinyduration 3.4.1 says so in a field of its own, luxon 3.7.2 by the number.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'parse-duration@2.1.9' 'iso8601-duration@2.1.4' 'tinyduration@3.4.1' 'luxon@3.7.2'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { parse, toSeconds } from 'iso8601-duration';
import { Duration } from 'luxon';
import parseDuration from 'parse-duration';
import { parse as parseTiny } from 'tinyduration';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const seen = {
  'parse-duration': ['1,5 h', '1:30'].map((said) => parseDuration(said, 's')),
  'iso8601-duration': [toSeconds(parse('-PT15M'))],
  tinyduration: [JSON.stringify(parseTiny('-PT15M'))],
  luxon: [Duration.fromISO('-PT15M').as('seconds')],
};
console.log('guess: 5400 s for "1,5 h" and for 1:30, or refused; -900 s for -PT15M');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${said.join(' ')}`);
const expected = {
  'parse-duration': [54000, 1.03],
  'iso8601-duration': [900],
  tinyduration: ['{"minutes":15,"negative":true}'],
  luxon: [-900],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
