#!/usr/bin/env bash
# Guess: a timeline in markwhen has an outage from 15:30 to 16:10 as its notation has days and times, and a time with an offset, or without
# seconds, by ISO 8601, which it names as a form of its dates; or what it cannot read is told with its messages.
# Seen, @markwhen/parser 1.2.0: "2026-03-02 15:30 / 40 minutes" is right. "2026-03-02 15:30 - 16:10: Outage" is an event at 15:00 without
# length by the name of "30 - 16:10: Outage", so it is with "/", and "3:30pm" is at 3:00 in the night. What begins with
# 2026-03-02T15:45:00+01:00, or T14:45Z, is no entry at all. No message tells either. "Mar 2 2026 15:30 - 16:10" is read.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@markwhen/parser@1.2.0'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { parse } from '@markwhen/parser';

const entries = (lines) => {
  const { events, parseMessages, documentMessages } = parse(['---', 'timezone: UTC', '---', ...lines].join('\n'));
  const told = [...parseMessages, ...documentMessages].length;
  const time = (iso) => iso.slice(11, 16);
  const each = events.children.map(({ dateRangeIso: { fromDateTimeIso, toDateTimeIso }, firstLine }) => [
    `${time(fromDateTimeIso)}-${time(toDateTimeIso)} ${firstLine.restTrimmed}`,
  ]);
  return `${each.join(' | ')}${told ? ' (told)' : ''}`;
};
const seen = [
  entries(['2026-03-02 15:30 / 40 minutes: Outage']),
  entries(['Mar 2 2026 15:30 - 16:10: Outage']),
  entries(['2026-03-02 15:30 - 16:10: Outage']),
  entries(['2026-03-02 15:30 / 16:10: Outage']),
  entries(['2026-03-02 3:30pm - 4:10pm: Outage']),
  entries(['2026-03-02T14:30:00Z: Deploy', '2026-03-02T15:45:00+01:00: Alert', '2026-03-02T15:00:00Z: Roll back']),
  entries(['2026-03-02T14:30:00Z: Deploy', '2026-03-02T14:45Z: Alert', '2026-03-02T15:00:00Z: Roll back']),
];
const { version } = JSON.parse(readFileSync('node_modules/@markwhen/parser/package.json'));
console.log('guess: "15:30-16:10 Outage" of five, and three entries of two, or (told)');
console.log(`@markwhen/parser ${version}:`);
seen.forEach((each) => console.log(`  ${each}`));
const expected = [
  '15:30-16:10 Outage',
  '15:30-16:10 Outage',
  '15:00-15:00 30 - 16:10: Outage',
  '15:00-15:00 30 / 16:10: Outage',
  '03:00-03:00 30pm - 4:10pm: Outage',
  '14:30-14:30 Deploy | 15:00-15:00 Roll back',
  '14:30-14:30 Deploy | 15:00-15:00 Roll back',
];
if (seen.join('\n') !== expected.join('\n')) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
