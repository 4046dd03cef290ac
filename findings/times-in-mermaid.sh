#!/usr/bin/env bash
# Guess: a diagram of Mermaid draws an outage from the times as a report has them: `15:30 : Deploy` is a period of a timeline,
# and a bar of a Gantt chart ends when its end says, with an offset, at half past midnight, and in seconds (`dateFormat X`).
# Seen, mermaid 12.3.0: a colon in a period is a syntax error. Of a bar whose ends have offsets the end is not read, and the
# bar has no length; nothing is said. From 23:30 to 00:30 the bar ends 23 hours before it begins. Seconds are taken for
# milliseconds, and 2018 is January 1970.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'mermaid@12.3.0' 'jsdom@29.1.1'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<body></body>');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');
const { version } = JSON.parse(readFileSync('node_modules/mermaid/package.json', 'utf8'));
const isDrawn = async (text) => Boolean(await mermaid.parse(text, { suppressErrors: true }));
const bar = async (format, ends) => {
  const text = `gantt\n  dateFormat ${format}\n  section Hub\n  Down :${ends}\n`;
  await mermaid.parse(text);
  const [task] = (await mermaid.mermaidAPI.getDiagramFromText(text)).db.getTasks();
  return [task.startTime, (task.endTime - task.startTime) / 60_000];
};
const seen = {
  timeline: await isDrawn('timeline\n  15:30 : Deploy\n'),
  'timeline without a colon': await isDrawn('timeline\n  15h30 : Deploy\n'),
  offsets: (await bar('YYYY-MM-DDTHH:mmZ', '2018-01-25T15:30-08:00, 2018-01-25T16:30-08:00'))[1],
  'offset and length': (await bar('YYYY-MM-DDTHH:mmZ', '2018-01-25T15:30-08:00, 60m'))[1],
  midnight: (await bar('HH:mm', '23:30, 00:30'))[1],
  seconds: (await bar('X', '1516923000, 1516926600'))[0].getUTCFullYear(),
};
console.log(`mermaid ${version}`);
console.log('guess: true, true, 60, 60 and 60 minutes, 2018');
console.log(`seen:  ${Object.values(seen).join(', ')}`);
const expected = { timeline: false, 'timeline without a colon': true, offsets: 0, 'offset and length': 60, midnight: -1380, seconds: 1970 };
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=UTC node seen.mjs
